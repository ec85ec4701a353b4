package dump

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector remembers the names of the spans in each batch, and lets their
// memory be used again.
type collector struct {
	fail    func() error
	batches [][]string
}

func (c *collector) Write(_ context.Context, b *ingest.Batch) error {
	if c.fail != nil {
		if err := c.fail(); err != nil {
			return err
		}
	}
	var names []string
	for _, s := range b.Spans {
		names = append(names, strings.Clone(s.Name))
	}
	c.batches = append(c.batches, names)
	if b.Free != nil {
		b.Free()
	}
	return nil
}

func (c *collector) names() []string { return slices.Concat(c.batches...) }

// line is a request with one span for each name; a name "" stands for a span
// without an id.
func line(t testing.TB, names ...string) string {
	t.Helper()
	var spans []trace.Span
	for i, name := range names {
		s := trace.Span{TraceID: trace.TraceID{15: 1}, SpanID: trace.SpanID{6: byte(i >> 8), 7: byte(i)}, Name: name}
		s.SpanID[0] = 1
		if name == "" {
			s.SpanID = trace.SpanID{}
		}
		spans = append(spans, s)
	}
	text, err := wire.EncodeJSON(spans)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func pretty(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func zip(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := io.WriteString(w, text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func zstandard(t testing.TB, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return string(w.EncodeAll([]byte(text), nil))
}

// named is an input that the user named; found one from a folder.
func named(name, text string) Input {
	return Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

func found(name, text string) Input {
	in := named(name, text)
	in.Found = true
	return in
}

func TestEveryFormIsRead(t *testing.T) {
	a, b := line(t, "a1", "a2"), line(t, "b1")
	for name, text := range map[string]string{
		"lines":                     a + "\n" + b + "\n",
		"lines, last one open":      a + "\n" + b,
		"lines of Windows":          a + "\r\n" + b + "\r\n",
		"blank lines between":       "\n" + a + "\n\n \t\n" + b + "\n\n",
		"byte order mark":           "\xef\xbb\xbf" + a + "\n" + b,
		"concatenated":              a + b,
		"pretty-printed":            pretty(t, a) + "\n" + pretty(t, b),
		"array on one line":         "[" + a + "," + b + "]",
		"array, an element a line":  "[\n" + a + ",\n" + b + "\n]\n",
		"array, pretty-printed":     pretty(t, "["+a+","+b+"]"),
		"gzip":                      zip(t, a+"\n"+b),
		"gzip, in two members":      zip(t, a+"\n") + zip(t, b),
		"zstd":                      zstandard(t, a+"\n"+b),
		"zstd, in two frames":       zstandard(t, a+"\n") + zstandard(t, b),
		"zstd of a pretty array":    zstandard(t, pretty(t, "["+a+","+b+"]")),
		"with empty requests":       "{}\n" + a + "\n{\"resourceSpans\":[]}\n" + b,
		"braces and quotes in text": strings.Replace(a, `"a2"`, `"a2","traceState":"}]{\"\\"`, 1) + b,
	} {
		inOneGo, byteByByte := named("dump", text), named("dump", "")
		byteByByte.Open = func() (io.ReadCloser, error) {
			return io.NopCloser(iotest.OneByteReader(strings.NewReader(text))), nil
		}
		for _, in := range []Input{inOneGo, byteByByte} {
			sink := &collector{}
			stats, err := Read(t.Context(), []Input{in}, sink, Options{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if diff := cmp.Diff([]string{"a1", "a2", "b1"}, sink.names()); diff != "" {
				t.Errorf("%s: spans (-want +got):\n%s", name, diff)
			}
			if stats.Files != 1 || stats.Spans != 3 || stats.Malformed != nil || stats.Skipped != nil {
				t.Errorf("%s: %+v", name, stats)
			}
		}
	}
}

func TestStatsCountLinesAndBytes(t *testing.T) {
	text := line(t, "a") + "\n\n" + pretty(t, line(t, "b"))
	stats, err := Read(t.Context(), []Input{named("plain", text), named("packed", zip(t, text+"\n"))}, &collector{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	lines := int64(strings.Count(text, "\n") + 1)
	want := Stats{Files: 2, Lines: 2 * lines, Bytes: int64(2*len(text) + 1), Spans: 4}
	if diff := cmp.Diff(want, stats); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}
