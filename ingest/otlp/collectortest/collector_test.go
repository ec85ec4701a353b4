package collectortest

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"headwater/cmd/headwater/door/doortest"
	"headwater/ingest"
	"headwater/ingest/otlp"
)

// token is what the Headwater under test asks for.
const token = "the-token-of-the-collector"

// sink takes spans, after it was busy a few times.
type sink struct {
	mu    sync.Mutex
	busy  int
	names []string
	want  int
	done  chan struct{} // closed when want spans have come
}

func (s *sink) Write(_ context.Context, b *ingest.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy > 0 {
		s.busy--
		return fmt.Errorf("queue full: %w", ingest.ErrBusy)
	}
	for i := range b.Spans {
		s.names = append(s.names, b.Spans[i].Name)
		if len(s.names) == s.want {
			close(s.done)
		}
	}
	return nil
}

// headwater serves a sink until the test ends. turnedAway counts what was told to
// try again.
func headwater(t *testing.T, s *sink, encrypted *tls.Config) (server *otlp.Server, turnedAway func() int) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	server, err := otlp.Listen(otlp.Config{
		GRPC: "127.0.0.1:0", HTTP: "127.0.0.1:0", TLS: encrypted,
		Authorized: func(got string) bool { return got == token },
		Observe: func(o otlp.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			if o.Result == otlp.Busy {
				n++
			}
		},
	}, s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return server, func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

// certified makes a certificate for this machine, and a file of the authority that
// signed it.
func certified(t *testing.T) (*tls.Config, string) {
	t.Helper()
	authority := doortest.New(t)
	certificate, key := authority.Sign(t, "headwater.example", time.Hour)
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(authority.PEM), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}, file
}

// freePort is one that nobody listens on: the Collector does not tell which one
// it was given.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs a Collector until the test ends.
func start(t *testing.T, configurations ...string) {
	t.Helper()
	c, err := New(configurations...)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Run(context.Background()) }()
	for c.GetState() != otelcol.StateRunning {
		select {
		case err := <-ended:
			t.Fatalf("the Collector ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Cleanup(func() {
		c.Shutdown()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

const pipeline = `
receivers:
  otlp:
    protocols:
      grpc: {endpoint: %[1]s}
      http: {endpoint: %[2]s}
processors:
  batch: {timeout: 50ms, send_batch_size: 100}
exporters:
%[3]s
service:
  telemetry: {metrics: {level: none}, logs: {level: error}}
  pipelines:
    traces: {receivers: [otlp], processors: [batch], exporters: [%[4]s]}
`

// TestEverySpanArrivesOnce sends spans by the SDK to a Collector, which sends
// them on to a Headwater that is busy at first, in each way that the Collector
// has.
func TestEverySpanArrivesOnce(t *testing.T) {
	const retry = `
    headers: {authorization: "Bearer ` + token + `"}
    retry_on_failure: {initial_interval: 10ms, max_interval: 100ms, max_elapsed_time: 60s}
    sending_queue: {num_consumers: 4, queue_size: 1000}`
	encrypted, authority := certified(t)
	for name, c := range map[string]struct{ exporter, config string }{
		"gRPC with TLS":  {"otlp", "  otlp:\n    endpoint: GRPC\n    tls: {ca_file: AUTHORITY}" + retry},
		"HTTP with TLS":  {"otlphttp", "  otlphttp:\n    endpoint: https://HTTP\n    tls: {ca_file: AUTHORITY}" + retry},
		"gRPC with gzip": {"otlp", "  otlp:\n    endpoint: GRPC\n    tls: {insecure: true}\n    compression: gzip" + retry},
		"gRPC with zstd": {"otlp", "  otlp:\n    endpoint: GRPC\n    tls: {insecure: true}\n    compression: zstd" + retry},
		"gRPC":           {"otlp", "  otlp:\n    endpoint: GRPC\n    tls: {insecure: true}\n    compression: none" + retry},
		"HTTP with gzip": {"otlphttp", "  otlphttp:\n    endpoint: http://HTTP\n    compression: gzip" + retry},
		"HTTP with zstd": {"otlphttp", "  otlphttp:\n    endpoint: http://HTTP\n    compression: zstd" + retry},
		"HTTP with JSON": {"otlphttp", "  otlphttp:\n    endpoint: http://HTTP\n    encoding: json\n    compression: none" + retry},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const n = 1000
			s := &sink{busy: 3, want: n, done: make(chan struct{})}
			config := encrypted
			if !strings.Contains(c.config, "AUTHORITY") {
				config = nil
			}
			server, turnedAway := headwater(t, s, config)
			grpcPort, httpPort := freePort(t), freePort(t)
			exporter := strings.NewReplacer("GRPC", server.GRPCAddr(), "HTTP", server.HTTPAddr(), "AUTHORITY", authority).Replace(c.config)
			start(t, "yaml:"+fmt.Sprintf(pipeline, grpcPort, httpPort, exporter, c.exporter))
			want := send(t, grpcPort, httpPort, n)
			<-s.done
			s.mu.Lock()
			defer s.mu.Unlock()
			slices.Sort(s.names)
			if diff := cmp.Diff(want, s.names); diff != "" {
				t.Errorf("spans (-sent +stored):\n%s", diff)
			}
			if got := turnedAway(); got != 3 {
				t.Errorf("told to wait %d times, want 3", got)
			}
		})
	}
}

// send makes spans with the SDK and exports half of them each way.
func send(t *testing.T, grpcPort, httpPort string, n int) []string {
	t.Helper()
	ctx := t.Context()
	overGRPC, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(grpcPort), otlptracegrpc.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	overHTTP, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpoint(httpPort), otlptracehttp.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, e := range []sdktrace.SpanExporter{overGRPC, overHTTP} {
		p := sdktrace.NewTracerProvider(sdktrace.WithBatcher(e, sdktrace.WithMaxExportBatchSize(50), sdktrace.WithBlocking()))
		for j := range n / 2 {
			name := fmt.Sprintf("span %d %04d", i, j)
			_, span := p.Tracer("shop").Start(ctx, name)
			span.End()
			names = append(names, name)
		}
		if err := p.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(names)
	return names
}
