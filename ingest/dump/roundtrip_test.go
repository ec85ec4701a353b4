package dump

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/graph/trace"
	"headwater/ingest"
)

// varied are spans with a little of everything that can be said.
func varied() []trace.Span {
	resource := func(service string, attrs ...trace.Attr) *trace.Resource {
		return trace.NewResource(append([]trace.Attr{{Key: "service.name", Value: trace.String(service)}}, attrs...))
	}
	cart := resource("cart", trace.Attr{Key: "service.version", Value: trace.String("1.4")}, trace.Attr{Key: "host.name", Value: trace.String("n1")})
	stock := resource("stock")
	id := func(b byte) trace.SpanID { return trace.SpanID{7: b} }
	const at = 1_772_442_000_000_000_000
	return []trace.Span{
		{TraceID: trace.TraceID{0: 1, 15: 1}, SpanID: id(1), Name: "GET /cart", Kind: trace.KindServer, Start: at, End: at + 50_000_000, Resource: cart,
			Scope: &trace.Scope{Name: "shop", Version: "2"}, Status: trace.StatusError, StatusMessage: "boom \"quoted\"\n", TraceState: "ot=th:8", Flags: 1,
			Attrs: []trace.Attr{{Key: "a", Value: trace.String("<text> ü")}, {Key: "b", Value: trace.Bool(true)}, {Key: "c", Value: trace.Int(math.MinInt64)},
				{Key: "d", Value: trace.Double(0.25)}, {Key: "e", Value: trace.Bytes("\x00\xff")}},
			Events: []trace.Event{{Time: at + 1_000_000, Name: "retry", Attrs: []trace.Attr{{Key: "n", Value: trace.Int(2)}}}},
			Links:  []trace.Link{{TraceID: trace.TraceID{15: 9}, SpanID: id(9)}}},
		{TraceID: trace.TraceID{0: 1, 15: 1}, SpanID: id(2), Parent: id(1), Name: "GET", Kind: trace.KindClient, Start: at + 1000, End: at + 40_000_000, Resource: cart,
			Attrs: []trace.Attr{{Key: "peer.service", Value: trace.String("stock")}}},
		// The halves of a shared span.
		{TraceID: trace.TraceID{0: 1, 15: 1}, SpanID: id(2), Parent: id(1), Name: "GET /stock", Kind: trace.KindServer, Start: at + 2000, End: at + 39_000_000, Resource: stock, Status: trace.StatusOK},
		{TraceID: trace.TraceID{0: 1, 15: 1}, SpanID: id(3), Parent: id(2), Name: "work", Kind: trace.KindUnspecified, Start: at + 3000, End: at + 3000, Resource: stock},
		{TraceID: trace.TraceID{15: 2}, SpanID: id(4), Name: "take", Kind: trace.KindConsumer, Start: at + 5000, End: at + 9000, Resource: stock},
	}
}

func write(t *testing.T, format Format, spans []trace.Span) string {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, format)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.WriteSpans(t.Context(), spans), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func readBack(t *testing.T, content string) []trace.Span {
	t.Helper()
	var all keeper
	stats, err := Read(t.Context(), []Input{named("dump", content)}, &all, Options{})
	if err != nil || stats.Malformed != nil || stats.Mended != nil {
		t.Fatalf("%+v, %v", stats, err)
	}
	return all.spans
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	for format, lost := range map[Format]func(*trace.Span){
		OTLP:     func(*trace.Span) {},
		Protobuf: func(*trace.Span) {},
		Jaeger:   func(*trace.Span) {},
		Zipkin: func(s *trace.Span) {
			s.Links, s.Flags = nil, 0
			s.End = max(s.End, s.Start+1000)
			for i := range s.Attrs {
				s.Attrs[i].Value = trace.String(s.Attrs[i].Value.Text())
			}
			for i := range s.Events {
				s.Events[i].Attrs = nil
			}
			// Tags have no order.
			attrs := slices.SortedFunc(slices.Values(s.Resource.Attrs[1:]), func(a, b trace.Attr) int { return strings.Compare(a.Key, b.Key) })
			s.Resource = trace.NewResource(append(s.Resource.Attrs[:1:1], attrs...))
		},
	} {
		want := varied()
		for i := range want {
			lost(&want[i])
		}
		got := readBack(t, write(t, format, varied()))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(trace.Value{})); diff != "" {
			t.Errorf("%s (-written +read):\n%s", format, diff)
		}
	}
}

// TestConversionIsStable: what was read of a form and written in it is the same
// again.
func TestConversionIsStable(t *testing.T) {
	samples, err := os.ReadDir("testdata/samples")
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		if sample.IsDir() || strings.HasSuffix(sample.Name(), ".md") {
			continue
		}
		content, err := os.ReadFile("testdata/samples/" + sample.Name())
		if err != nil {
			t.Fatal(err)
		}
		var all keeper
		if _, err := Read(t.Context(), []Input{named("dump", string(content))}, &all, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, format := range []Format{OTLP, Protobuf, Jaeger, Zipkin} {
			once := write(t, format, all.spans)
			twice := write(t, format, readBack(t, once))
			if diff := cmp.Diff(once, twice); diff != "" {
				t.Errorf("%s as %s (-once +twice):\n%s", sample.Name(), format, diff)
			}
		}
	}
}

func TestTraceEventsAreWritten(t *testing.T) {
	var file struct {
		TraceEvents []struct {
			Name, Ph string
			TS, Dur  float64
			PID, TID int
		}
	}
	if err := json.Unmarshal([]byte(write(t, Chrome, varied())), &file); err != nil {
		t.Fatal(err)
	}
	phases := map[string]int{}
	for _, e := range file.TraceEvents {
		phases[e.Ph]++
		if e.Ph == "X" && (e.TS < 1e15 || e.PID == 0 || e.TID == 0) {
			t.Errorf("event %+v", e)
		}
	}
	if diff := cmp.Diff(map[string]int{"M": 5, "X": 5, "i": 1}, phases); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestNothingIsAnEmptyFile(t *testing.T) {
	for _, format := range []Format{OTLP, Protobuf, Jaeger, Zipkin, Chrome} {
		content := write(t, format, nil)
		if format != Protobuf && format != OTLP && !json.Valid([]byte(content)) {
			t.Errorf("%s: %q", format, content)
		}
		if format != Chrome {
			if spans := readBack(t, content); len(spans) != 0 {
				t.Errorf("%s: %d spans", format, len(spans))
			}
		}
	}
	if _, err := NewWriter(io.Discard, "xml"); err == nil {
		t.Error("a format that is none was taken")
	}
}

// TestManySpansAreGroupedInFiles: grouping does not hold all spans, gives the
// same traces in the same order, and leaves nothing behind.
func TestManySpansAreGroupedInFiles(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var spans []trace.Span
	for i := range 500 {
		s := varied()[1]
		s.TraceID[15], s.SpanID[6], s.Start = byte(i%100), byte(i/100), s.Start+int64(i)
		s.TraceID[0] = 7
		spans = append(spans, s)
	}
	type group struct {
		id    trace.TraceID
		spans int
	}
	groups := func(limit int) (got []group) {
		g := grouper{limit: limit}
		for part := range slices.Chunk(spans, 50) {
			if err := g.add(part); err != nil {
				t.Fatal(err)
			}
			if len(g.held) > limit {
				t.Errorf("%d spans held", len(g.held))
			}
		}
		err := g.each(func(trace []trace.Span) error {
			got = append(got, group{trace[0].TraceID, len(trace)})
			return nil
		})
		if err := errors.Join(err, g.close()); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if diff := cmp.Diff(groups(1000), groups(100), cmp.AllowUnexported(group{})); diff != "" {
		t.Errorf("traces (-in memory +in files):\n%s", diff)
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAWriterIsASink(t *testing.T) {
	for _, format := range []Format{OTLP, Protobuf, Jaeger, Zipkin} {
		var out bytes.Buffer
		w, err := NewWriter(&out, format)
		if err != nil {
			t.Fatal(err)
		}
		var sink ingest.Sink = w
		_, err = Read(context.Background(), []Input{named("dump", line(t, "a", "b"))}, sink, Options{})
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		again := &collector{}
		if _, err := Read(t.Context(), []Input{named("dump", out.String())}, again, Options{}); err != nil || len(again.names()) != 2 {
			t.Errorf("%s: spans %q, %v", format, again.names(), err)
		}
	}
}

// TestSpansComeInOrderOfTime: traces in any order go on by time, all of them, and
// what is in order goes on at once.
func TestSpansComeInOrderOfTime(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var spans []trace.Span
	for i := range waitingSpans + 1000 {
		s := varied()[1]
		s.SpanID = trace.SpanID{1, 5: byte(i >> 16), 6: byte(i >> 8), 7: byte(i)}
		s.Start += int64(i*7919%3600) * 1e9
		spans = append(spans, s)
	}
	var got keeper
	sorter := NewSorter(&got)
	write := func(spans []trace.Span) {
		t.Helper()
		if err := sorter.Write(t.Context(), &ingest.Batch{Size: 100 * len(spans), Spans: spans}); err != nil {
			t.Fatal(err)
		}
	}
	write(varied())
	if len(got.spans) != len(varied()) {
		t.Errorf("%d spans in order went on", len(got.spans))
	}
	got.spans = nil
	for part := range slices.Chunk(spans, 1000) {
		write(part)
	}
	if sorter.waiting > waitingSpans {
		t.Errorf("%d spans wait in memory", sorter.waiting)
	}
	if err := sorter.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[trace.SpanID]bool{}
	for i := range got.spans {
		seen[got.spans[i].SpanID] = true
		if i > 0 && got.spans[i].Start/slot < got.spans[i-1].Start/slot {
			t.Fatalf("span %d comes too late", i)
		}
	}
	if len(seen) != len(spans) || len(got.spans) != len(spans) {
		t.Errorf("%d of %d spans", len(seen), len(spans))
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
