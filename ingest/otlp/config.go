package otlp

import (
	"cmp"
	"crypto/tls"
	"time"

	"headwater/ingest"
)

// The limits where Config does not say.
const (
	DefaultMaxBody        = 64 << 20
	DefaultMaxConnections = 1024
	DefaultBodyTime       = time.Minute
	DefaultHeaderTime     = 10 * time.Second
)

const (
	// maxStreams bounds the requests that one connection has open at a time.
	maxStreams = 128
	// maxHeader bounds the bytes of a request's header.
	maxHeader = 64 << 10
	// idleTime is how long a connection may be open with nothing to do. For
	// gRPC, whose senders keep theirs, it is longer.
	idleTime     = 2 * time.Minute
	idleTimeGRPC = 15 * time.Minute
)

// Config says where to listen, who may send, and how much. The zero value of
// every limit is its default.
type Config struct {
	GRPC string // listen address for OTLP over gRPC, such as "localhost:4317"
	HTTP string // listen address for OTLP over HTTP, such as "localhost:4318"

	// TLS, if set, is what both ports are served with, and nothing else.
	TLS *tls.Config
	// Authorized, if set, says whether a bearer token may send. It is called
	// for every request, from many goroutines.
	Authorized func(token string) bool
	// Origins are the web pages whose scripts may send over HTTP, such as
	// "https://shop.example"; "*" is any. Others are refused.
	Origins []string

	MaxBody        int64         // bytes of a request, before and after decompression
	MaxConnections int           // open at a time, for each port
	HeaderTime     time.Duration // for TLS, and for the header of a request
	BodyTime       time.Duration // for a whole request to come and be written

	// Observe, if set, is told what became of every request.
	Observe func(Outcome)
}

func (c Config) withDefaults() Config {
	c.MaxBody = cmp.Or(c.MaxBody, DefaultMaxBody)
	c.MaxConnections = cmp.Or(c.MaxConnections, DefaultMaxConnections)
	c.HeaderTime = cmp.Or(c.HeaderTime, DefaultHeaderTime)
	c.BodyTime = cmp.Or(c.BodyTime, DefaultBodyTime)
	if c.Observe == nil {
		c.Observe = func(Outcome) {}
	}
	return c
}

// Outcome is what became of a request, or of a connection that was turned away.
type Outcome struct {
	Protocol Protocol
	Result   Result
	Spans    int                   // that were taken
	Refused  map[ingest.Reason]int // spans of a taken request that were not
	Received int                   // bytes of the request as they came, compressed or not; 0 where they did not all come
	Bytes    int                   // after decompression, likewise
	Duration time.Duration         // until the answer
}

// Protocol is the way that a request came.
type Protocol string

// The two ways.
const (
	GRPC Protocol = "grpc"
	HTTP Protocol = "http"
)

// Result says what became of a request.
type Result string

// Results. All but Taken mean that nothing of the request was kept.
const (
	Taken           Result = "taken"
	Unauthenticated Result = "unauthenticated"      // no token, or a wrong one
	Forbidden       Result = "forbidden"            // from a web page that may not send
	Unsupported     Result = "unsupported"          // another signal, method, form or compression
	Unreadable      Result = "unreadable"           // not what it says it is
	TooLarge        Result = "too_large"            // above MaxBody
	Busy            Result = "busy"                 // told to try again: the sink or the memory has no room
	TimedOut        Result = "timed_out"            // did not come to an end in BodyTime
	GoneAway        Result = "gone_away"            // the sender gave up
	NotWritten      Result = "not_written"          // the sink failed
	Crowded         Result = "too_many_connections" // above MaxConnections, or a connection that held too much
)

// Results lists all, for whoever counts from zero.
var Results = []Result{Taken, Unauthenticated, Forbidden, Unsupported, Unreadable, TooLarge, Busy, TimedOut, GoneAway, NotWritten, Crowded}
