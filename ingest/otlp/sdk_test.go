package otlp

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"headwater/graph/trace"
	"headwater/ingest"
)

type makeExporter func(context.Context, *Server) (sdktrace.SpanExporter, error)

// retry makes the exporters wait hardly longer than the server asks them to.
var retry = otlptracehttp.RetryConfig{
	Enabled:         true,
	InitialInterval: time.Millisecond,
	MaxInterval:     time.Millisecond,
	MaxElapsedTime:  time.Minute,
}

func grpcExporter(opts ...otlptracegrpc.Option) makeExporter {
	return func(ctx context.Context, s *Server) (sdktrace.SpanExporter, error) {
		return otlptracegrpc.New(ctx, append(opts, otlptracegrpc.WithEndpoint(s.GRPCAddr()), otlptracegrpc.WithInsecure(),
			otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig(retry)))...)
	}
}

func httpExporter(opts ...otlptracehttp.Option) makeExporter {
	return func(ctx context.Context, s *Server) (sdktrace.SpanExporter, error) {
		return otlptracehttp.New(ctx, append(opts, otlptracehttp.WithEndpoint(s.HTTPAddr()), otlptracehttp.WithInsecure(),
			otlptracehttp.WithRetry(retry))...)
	}
}

var exporters = map[string]makeExporter{
	"gRPC":           grpcExporter(),
	"gRPC with gzip": grpcExporter(otlptracegrpc.WithCompressor("gzip")),
	"HTTP":           httpExporter(otlptracehttp.WithCompression(otlptracehttp.NoCompression)),
	"HTTP with gzip": httpExporter(otlptracehttp.WithCompression(otlptracehttp.GzipCompression)),
}

// send makes a root and its children with the OpenTelemetry SDK and exports
// them. It returns the names of the spans, sorted.
func send(t *testing.T, s *Server, make makeExporter) []string {
	t.Helper()
	ctx := t.Context()
	exporter, err := make(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "cart"))))
	tracer := provider.Tracer("shop")
	ctx, root := tracer.Start(ctx, "root")
	names := []string{"root"}
	for i := range 20 {
		name := fmt.Sprintf("child %02d", i)
		_, child := tracer.Start(ctx, name)
		child.End()
		names = append(names, name)
	}
	root.End()
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatalf("export: %v", err)
	}
	slices.Sort(names)
	return names
}

func TestSpansOfTheSDKArriveOnce(t *testing.T) {
	for name, exporter := range exporters {
		t.Run(name, func(t *testing.T) {
			sink := &collector{}
			want := send(t, start(t, sink, Config{}), exporter)
			got := sink.names()
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("spans (-sent +stored):\n%s", diff)
			}
			for _, s := range sink.spans {
				if s.Resource.Service != "cart" || s.Scope.Name != "shop" || (s.Parent == trace.SpanID{}) != (s.Name == "root") {
					t.Errorf("span %+v of %+v", s, s.Resource)
				}
			}
		})
	}
}

func TestTheSDKTriesAgainWhenTheSinkIsBusy(t *testing.T) {
	for name, exporter := range exporters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := &collector{fail: func(_ context.Context, n int) error {
				if n == 0 {
					return fmt.Errorf("queue full: %w", ingest.ErrBusy)
				}
				return nil
			}}
			want := send(t, start(t, sink, Config{}), exporter)
			got := sink.names()
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("spans (-sent +stored):\n%s", diff)
			}
			if sink.writes != 2 {
				t.Errorf("%d writes, want 2", sink.writes)
			}
		})
	}
}
