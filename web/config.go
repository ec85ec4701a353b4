package web

import (
	"context"
	"errors"
	"log/slog"

	"headwater/analysis"
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

// Spans reads what is stored by time, for searches.
type Spans interface {
	// Spans calls yield with the stored spans that start in [from, to), in Unix
	// nanoseconds, until it returns false. They may come in any order, and one
	// that was sent twice may come twice. They must not be changed.
	Spans(ctx context.Context, from, to int64, yield func(*trace.Span) bool) error
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
