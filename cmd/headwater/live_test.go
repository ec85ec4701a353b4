package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/ingest/wire"
	"headwater/web"
)

var quiet = slog.New(slog.DiscardHandler)

// anyPort listens on ports that are free.
var anyPort = addresses{OTLPGRPC: "127.0.0.1:0", OTLPHTTP: "127.0.0.1:0", HTTP: "127.0.0.1:0"}

// serving opens a Headwater that runs until the test ends.
func serving(t *testing.T) *live {
	t.Helper()
	return servingWith(t, unlocked)
}

func servingWith(t *testing.T, locked *opened) *live {
	t.Helper()
	l, err := open(t.Context(), t.TempDir(), anyPort, keeping{}, locked, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- l.serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return l
}

// settle makes windows of all spans that have come.
func (l *live) settle(t *testing.T) {
	t.Helper()
	if _, err := l.store.Settle(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
}

// reportJSON writes a report as analyze does.
func reportJSON(t *testing.T, r *analysis.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := (&answer{Format: "json"}).print(&terminal{out: &out}, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// offline analyses a file with the command itself.
func offline(t *testing.T, file string) string {
	t.Helper()
	var out, stderr bytes.Buffer
	if err := run(t.Context(), []string{"analyze", "--format", "json", file}, strings.NewReader(""), &out, &stderr); err != nil {
		t.Fatal(err)
	}
	if stderr.Len() > 0 {
		t.Errorf("complaints: %s", stderr.String())
	}
	return out.String()
}

// listing is the command that lists what is half done: a file has another than a
// running Headwater.
var listing = regexp.MustCompile(`"command": ".*"`)

// TestLiveAndOfflineAgree sends an incident over gRPC, twice and in disorder,
// and reads the same spans from a file: the reports are the same bytes.
func TestLiveAndOfflineAgree(t *testing.T) {
	scenario, err := simulate.Load("slow-database")
	if err != nil {
		t.Fatal(err)
	}
	var requests [][]byte
	var file bytes.Buffer
	began := time.Now().Add(-time.Duration(scenario.Duration) - drained)
	_, err = simulate.Run(t.Context(), scenario, simulate.Options{Seed: 7, Start: began}, func(b simulate.Batch) error {
		request, err := wire.Encode(b.Spans)
		if err != nil {
			return err
		}
		line, err := wire.EncodeJSON(b.Spans)
		if err != nil {
			return err
		}
		requests = append(requests, request)
		file.Write(line)
		return file.WriteByte('\n')
	})
	if err != nil {
		t.Fatal(err)
	}
	dump := filepath.Join(t.TempDir(), "spans.jsonl")
	if err := os.WriteFile(dump, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}

	l := serving(t)
	conn, err := grpc.NewClient(l.otlp.GRPCAddr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	random := rand.New(rand.NewPCG(1, 2))
	for some := range slices.Chunk(requests, 256) {
		twice := slices.Concat(some, some[:len(some)/10])
		random.Shuffle(len(twice), func(i, j int) { twice[i], twice[j] = twice[j], twice[i] })
		// Joined requests are one request: protobuf appends lists.
		if err := export(t.Context(), conn, slices.Concat(twice...)); err != nil {
			t.Fatal(err)
		}
	}
	l.settle(t)
	windows, err := l.store.Windows(t.Context(), 0, time.Now().UnixNano())
	if err != nil {
		t.Fatal(err)
	}
	report := analysis.Analyze(analysis.Input{Windows: windows}, analysis.Options{})
	for i := range report.Incidents {
		in := &report.Incidents[i]
		if in.Left, err = l.left(t.Context(), in, report); err != nil {
			t.Fatal(err)
		}
	}
	if len(report.Incidents) == 0 || !report.Incidents[0].Left.Any() {
		t.Error("the report has no incident that left something half done: the comparison says little")
	}
	of := func(report string) string { return listing.ReplaceAllString(report, `"command": ""`) }
	if diff := cmp.Diff(of(offline(t, dump)), of(reportJSON(t, report))); diff != "" {
		t.Errorf("reports (-offline +live):\n%s", diff)
	}
}

// TestAProgramWithTheSDKIsSeen has two services send their spans with the
// exporters of OpenTelemetry's own SDK.
func TestAProgramWithTheSDKIsSeen(t *testing.T) {
	l := serving(t)
	ctx := t.Context()
	overGRPC, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(l.otlp.GRPCAddr()), otlptracegrpc.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	overHTTP, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpoint(l.otlp.HTTPAddr()), otlptracehttp.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	cart, stock := provider(overGRPC, "cart"), provider(overHTTP, "stock")

	at := time.Now().Add(-5 * time.Minute)
	wait := func(ms int) trace.SpanEventOption {
		return trace.WithTimestamp(at.Add(time.Duration(ms) * time.Millisecond))
	}
	inCart, server := cart.Tracer("").Start(ctx, "GET /cart", trace.WithSpanKind(trace.SpanKindServer), wait(0))
	inCart, client := cart.Tracer("").Start(inCart, "GET", trace.WithSpanKind(trace.SpanKindClient), wait(5))
	headers := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(inCart, headers)
	inStock := propagation.TraceContext{}.Extract(ctx, headers)
	_, callee := stock.Tracer("").Start(inStock, "GET /stock", trace.WithSpanKind(trace.SpanKindServer), wait(7))
	callee.End(wait(20))
	client.End(wait(22))
	server.End(wait(30))
	for _, p := range []*sdktrace.TracerProvider{cart, stock} {
		if err := p.Shutdown(ctx); err != nil {
			t.Fatalf("export: %v", err)
		}
	}
	l.settle(t)

	var graph web.GraphView
	get(t, l.address()+"/api/v1/graph?from="+at.Add(-time.Minute).UTC().Format(time.RFC3339)+"&to="+at.Add(time.Minute).UTC().Format(time.RFC3339), &graph)
	var nodes, edges []string
	for _, n := range graph.Nodes {
		nodes = append(nodes, n.ID.String())
	}
	for _, e := range graph.Edges {
		edges = append(edges, e.Caller.String()+" -> "+e.Callee.String())
	}
	if diff := cmp.Diff([]string{"service:cart", "service:stock"}, nodes); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"service:cart -> service:stock"}, edges); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	var view web.TraceView
	get(t, l.address()+"/api/v1/traces/"+server.SpanContext().TraceID().String(), &view)
	if len(view.Spans) != 3 {
		t.Errorf("the trace has %d spans, want 3", len(view.Spans))
	}
}

func provider(exporter sdktrace.SpanExporter, service string) *sdktrace.TracerProvider {
	return sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))))
}

func get(t *testing.T, url string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v: %s", url, answer.Status, err, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("GET %s: %v: %s", url, err, body)
	}
}
