package dump

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/graph/trace"
	"headwater/ingest/wire"
)

func message(t testing.TB, names ...string) string {
	t.Helper()
	batch, err := wire.NewBatchJSON([]byte(line(t, names...)))
	if err != nil {
		t.Fatal(err)
	}
	request, err := wire.Encode(batch.Spans)
	if err != nil {
		t.Fatal(err)
	}
	return string(request)
}

// withLength is a message as the Collector's file exporter writes it.
func withLength(message string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(message)))) + message
}

func TestProtobufIsReadInEveryLayout(t *testing.T) {
	a, b := message(t, "a1", "a2"), message(t, "b1")
	for name, content := range map[string]string{
		"a message":                       message(t, "a1", "a2", "b1"),
		"messages without borders":        a + b,
		"with lengths":                    withLength(a) + withLength(b),
		"with lengths, packed one by one": withLength(zstandard(t, a)) + withLength(zstandard(t, b)),
		"JSON with lengths":               withLength(zstandard(t, line(t, "a1", "a2"))) + withLength(line(t, "b1")),
		"packed as a whole":               zip(t, withLength(a)+withLength(b)),
		"a message, packed":               zstandard(t, a+b),
		"an unknown field between":        a + "\x12\x03abc" + b,
	} {
		sink := &collector{}
		stats, err := Read(t.Context(), []Input{named("dump", content)}, sink, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([]string{"a1", "a2", "b1"}, sink.names()); diff != "" {
			t.Errorf("%s: spans (-want +got):\n%s", name, diff)
		}
		if stats.Spans != 3 || stats.Malformed != nil || stats.Mended != nil || stats.Bytes == 0 {
			t.Errorf("%s: %+v", name, stats)
		}
	}
}

func TestBrokenProtobufIsCountedAndTheRestRead(t *testing.T) {
	a, b := message(t, "a"), message(t, "b")
	bad := "\x0a\x05\x12\x03\x12\x01\xff"
	long := message(t, strings.Repeat("x", 5000))
	for name, c := range map[string]struct {
		content string
		spans   []string
		what    string
		first   string
	}{
		"a bad message":           {withLength(a) + withLength("rubbish!") + withLength(b), []string{"a", "b"}, badMessage, "dump, byte 43"},
		"a bad field":             {a + bad + b, []string{"a", "b"}, badMessage, "dump, byte 39"},
		"a message breaks off":    {withLength(a) + withLength(b)[:20], []string{"a"}, damaged, "dump, byte 63"},
		"a field breaks off":      {a + b[:20], []string{"a"}, damaged, "dump, byte 59"},
		"rubbish behind a field":  {a + "\xff\xff" + b, []string{"a"}, badMessage, "dump, byte 39"},
		"too long":                {a + long + b, []string{"a", "b"}, tooLong, "dump, byte 39"},
		"too long, with a length": {withLength(a) + withLength(long) + withLength(b), []string{"a", "b"}, tooLong, "dump, byte 43"},
		"too long when unpacked":  {withLength(a) + withLength(zstandard(t, long)) + withLength(b), []string{"a", "b"}, tooLong, "dump, byte 43"},
		"badly packed":            {withLength(a) + withLength(zstandard(t, a)[:30]) + withLength(b), []string{"a", "b"}, damaged, "dump, byte 43"},
	} {
		sink := &collector{}
		stats, err := Read(t.Context(), []Input{named("dump", c.content)}, sink, Options{MaxLine: 4000})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.spans, sink.names()); diff != "" {
			t.Errorf("%s: spans (-want +got):\n%s", name, diff)
		}
		if m := stats.Malformed; len(m) != 1 || m[0].What != c.what || m[0].Count != 1 || m[0].First != c.first {
			t.Errorf("%s: malformed %+v", name, m)
		}
	}
}

// TestTextIsNotTakenForProtobuf: a line feed is also how a request begins.
func TestTextIsNotTakenForProtobuf(t *testing.T) {
	a := line(t, "a")
	for _, content := range []string{"\n" + pretty(t, a), "\n\n{}\n" + a, "\n\x0a\n" + a, "\n" + a} {
		sink := &collector{}
		if _, err := Read(t.Context(), []Input{named("dump", content)}, sink, Options{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a"}, sink.names()); diff != "" {
			t.Errorf("%.20q: spans (-want +got):\n%s", content, diff)
		}
	}
}

// TestAnObjectLargerThanTheLimitIsReadByItsElements: what pages and APIs save
// is one object around all traces.
func TestAnObjectLargerThanTheLimitIsReadByItsElements(t *testing.T) {
	element := strings.TrimSuffix(strings.TrimPrefix(line(t, "a"), `{"resourceSpans":[`), `]}`)
	many := strings.Repeat(element+",\n", 1000) + element
	jaegerTrace := `{"traceID":"00000000000000000000000000000001","spans":[{"traceID":"1","spanID":"1","operationName":"a","startTime":1,"duration":1,"processID":"p1"}],"processes":{"p1":{"serviceName":"s"}}}`
	for name, content := range map[string]string{
		"OTLP":       `{"resourceSpans":[` + many + `]}`,
		"Tempo":      `{"trace":{"resourceSpans":[` + many + `]},"metrics":{}}`,
		"batches":    `{"batches":[` + many + `]}`,
		"Jaeger v3":  "{ \"result\" : {\n\"resourceSpans\":[\n" + many + "\n]}\n}\n",
		"Jaeger":     `{"data":[` + strings.Repeat(jaegerTrace+",", 1000) + jaegerTrace + `],"total":0,"errors":[{"a":"}]"}]}`,
		"and behind": `{"resourceSpans":[` + many[:len(many)-len(element)-2] + `]}` + line(t, "a"),
	} {
		sink := &collector{}
		stats, err := Read(t.Context(), []Input{named("dump", content)}, sink, Options{MaxLine: 1000})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if stats.Spans != 1001 || stats.Malformed != nil {
			t.Errorf("%s: %+v", name, stats)
		}
	}
}

func TestSpansShareTheirResources(t *testing.T) {
	span := `{"traceId":"1","id":"2","timestamp":1,"duration":1,"localEndpoint":{"serviceName":"s"},"tags":{"otel.scope.name":"x"}}`
	var all keeper
	if _, err := Read(t.Context(), []Input{named("dump", "["+span+","+span+"]")}, &all, Options{}); err != nil {
		t.Fatal(err)
	}
	same := func(f func(*trace.Span) any) bool { return f(&all.spans[0]) == f(&all.spans[1]) }
	if !same(func(s *trace.Span) any { return s.Resource }) || !same(func(s *trace.Span) any { return s.Scope }) {
		t.Error("two spans of one service have a resource or a scope each")
	}
}
