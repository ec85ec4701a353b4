package otlp

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector is a Sink that remembers what it was given. fail, if set, may
// refuse the nth write (from 0).
type collector struct {
	fail func(ctx context.Context, n int) error

	mu     sync.Mutex
	writes int
	spans  []trace.Span
}

func (c *collector) Write(ctx context.Context, b *ingest.Batch) error {
	c.mu.Lock()
	n := c.writes
	c.writes++
	c.mu.Unlock()
	if c.fail != nil {
		if err := c.fail(ctx, n); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spans = append(c.spans, b.Spans...)
	return nil
}

func (c *collector) names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, s := range c.spans {
		names = append(names, s.Name)
	}
	return names
}

// start runs a server on free ports until the test's end, which checks that it
// shuts down cleanly.
func start(t *testing.T, sink ingest.Sink, cfg Config) *Server {
	t.Helper()
	cfg.GRPC, cfg.HTTP = "127.0.0.1:0", "127.0.0.1:0"
	s, err := Listen(cfg, sink, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return s
}

// span is a span of the service "cart", refused where an id is zero.
func span(name string, traceID, spanID byte) trace.Span {
	return trace.Span{
		TraceID:  trace.TraceID{15: traceID},
		SpanID:   trace.SpanID{7: spanID},
		Name:     name,
		Resource: trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("cart")}}),
	}
}

func protobuf(t testing.TB, spans ...trace.Span) []byte {
	t.Helper()
	b, err := wire.Encode(spans)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func jsonText(t testing.TB, spans ...trace.Span) []byte {
	t.Helper()
	b, err := wire.EncodeJSON(spans)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBusyPortIsNamedAndLeavesNothingOpen(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	for _, cfg := range []Config{
		{GRPC: address, HTTP: busy.Addr().String()},
		{GRPC: busy.Addr().String(), HTTP: address},
	} {
		_, err := Listen(cfg, &collector{}, slog.New(slog.DiscardHandler))
		if err == nil {
			t.Fatal("no error")
		}
		if text := err.Error(); !strings.Contains(text, busy.Addr().String()) || strings.Contains(text, "\n") {
			t.Errorf("error %q must name %s on one line", text, busy.Addr())
		}
		again, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatalf("the free port was left open: %v", err)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestShutdownBeforeServeClosesThePorts(t *testing.T) {
	s, err := Listen(Config{GRPC: "127.0.0.1:0", HTTP: "127.0.0.1:0"}, &collector{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{s.GRPCAddr(), s.HTTPAddr()} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatalf("port left open: %v", err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Serve(); err != nil {
		t.Errorf("serve after shutdown: %v", err)
	}
}
