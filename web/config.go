package web

import (
	"context"
	"errors"
	"log/slog"

	"headwater/analysis"
	"headwater/analysis/workflow"
	"headwater/graph"
	"headwater/graph/trace"
)

// Incidents is the newest report, and the news that there is a newer one.
type Incidents interface {
	// Report is the newest report with all incidents. It is never nil, and what
	// was handed out is not changed any more.
	Report() *analysis.Report
	// Incident finds an incident by its id. The id of an incident that was
	// merged into another finds the other.
	Incident(id string) (*analysis.Incident, bool)
	// Subscribe gives a channel that gets a value after every change, until ctx
	// ends. At most one value waits: several changes may give one.
	Subscribe(ctx context.Context) <-chan struct{}
}

// Traces finds the spans of a trace, in any order. An unknown trace has none.
type Traces interface {
	Trace(ctx context.Context, id trace.TraceID) ([]trace.Span, error)
}

// Windows finds the windows that start in [from, to), in Unix nanoseconds, in
// order of time.
type Windows interface {
	Windows(ctx context.Context, from, to int64) ([]*graph.Window, error)
}

// Spans reads what is stored, for searches and for what is told from whole traces.
// The spans that it gives must not be changed; one that was sent twice may come twice.
type Spans interface {
	workflow.Store
	// Newest calls yield with the stored spans that start in [from, to), in Unix
	// nanoseconds, and pass a sieve, piece by piece from the newest back, until it
	// returns false. The sieve may be made finer between pieces.
	Newest(ctx context.Context, from, to int64, by *Sieve, yield func(Piece) bool) error
	// OfTraces calls yield with the stored spans of the traces, in any order, until
	// it returns false.
	OfTraces(ctx context.Context, ids []trace.TraceID, yield func(*trace.Span) bool) error
}

// Sieve leaves out spans that are not wanted, as far as a store can tell that
// quickly: what passes need not be wanted, but all that is wanted passes.
type Sieve struct {
	Service     string   // empty for any
	Least, Most int64    // duration in nanoseconds; Most is 0 for any
	Failing     bool     // did not end well
	Texts       []string // stand in a span that is wanted, or in its resource
}

// Piece is a part of a search.
type Piece struct {
	Spans  []trace.Span // in any order
	Looked int64        // how many spans were told apart for it
	Before int64        // Unix nanoseconds: of what starts then or later, all was given
}

// Config is what a Server needs. Incidents, Traces, Windows, Log and Addr are
// required.
type Config struct {
	Incidents Incidents
	Traces    Traces
	Windows   Windows
	Spans     Spans // nil: traces are found by their ids alone
	Log       *slog.Logger

	// Version is Headwater's own, as the page shows it.
	Version string
	// Addr is what is listened on, as host:port. With a loopback host, requests
	// that name another host are refused.
	Addr string
	// Receivers are where spans are taken, as the empty page tells it.
	Receivers Receivers
	// JudgeSpans is about how many spans are judged for one answer on workflows; 0
	// for what is usual.
	JudgeSpans int
	// Turn is taken to judge workflows, which takes much memory; nil where nobody else
	// does.
	Turn *Turn
	// Authorized reports whether a token opens the page; nil leaves it open to
	// all who reach it. It must take the same time for any wrong token.
	Authorized func(token string) bool
	// Secure is set where readers reach the page over TLS, so that the session's
	// cookie goes over nothing else.
	Secure bool
}

// Receivers are the addresses that take OTLP, as host:port; empty where there is
// none.
type Receivers struct {
	GRPC string `json:"grpc"`
	HTTP string `json:"http"`
}

func (c Config) validate() error {
	switch {
	case c.Incidents == nil:
		return errors.New("web: no Incidents")
	case c.Traces == nil:
		return errors.New("web: no Traces")
	case c.Windows == nil:
		return errors.New("web: no Windows")
	case c.Log == nil:
		return errors.New("web: no Log")
	case c.Addr == "":
		return errors.New("web: no Addr")
	}
	return nil
}
