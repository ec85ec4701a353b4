package dump

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBrokenTextIsCountedAndTheRestRead(t *testing.T) {
	a, b := line(t, "a"), line(t, "b")
	inString := a[:strings.Index(a, `"a"`)+2]
	outside := a[:strings.Index(a, `,"scopeSpans"`)+1]
	for _, c := range []struct {
		name, text, what, detail string
		line                     int
	}{
		{"text between", a + "\nhello {} \n" + b, notJSON, "", 2},
		{"text behind an object", a + " hello\n" + b, notJSON, "", 1},
		{"a line cut off in a string", a + "\n" + inString + "\n" + b, cutOff, "", 2},
		{"a line cut off outside of strings", a + "\n" + outside + "\n" + b, cutOff, "", 2},
		{"half a line at the end", a + "\n" + b + "\n" + b[:len(b)/2], cutOff, "", 3},
		{"a pretty object cut off", a + "\n" + pretty(t, a)[:150] + "\n" + b, cutOff, "", 4},
		{"a wrong bracket", a + "\n{\"resourceSpans\":[}}\n" + b, notJSON, "", 2},
		{"a wrong type", a + "\n{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":{}}]}]}]}\n" + b, "unreadable OTLP JSON", "read OTLP JSON", 2},
		{"a wrong id", a + "\n" + strings.Replace(b, `"traceId":"00`, `"traceId":"xy`, 1) + "\n" + b, "span with no trace id", "", 2},
		{"a span without an id", a + "\n" + line(t, "", "b"), "span with no span id", "", 2},
		{"metrics", a + "\n{\"resourceMetrics\":[{}]}\n" + b, "OTLP metrics, not traces", "", 2},
		{"logs", a + "\n{\"resourceLogs\":[]}\n" + b, "OTLP logs, not traces", "", 2},
		{"something else", a + "\n{\"b\":1,\"a\":2}\n" + b, "JSON of no known form", `an object of "a", "b"`, 2},
		{"too deep", a + "\n{\"resourceSpans\":" + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "}\n" + b,
			notJSON, "", 2},
		{"values too deep", a + "\n{\"resourceSpans\":[{\"x\":" + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "}]}\n" + b,
			"unreadable OTLP JSON", "nested deeper", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			sink := &collector{}
			stats, err := Read(t.Context(), []Input{named("dump", c.text)}, sink, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"a", "b"}, sink.names()); diff != "" {
				t.Errorf("spans (-want +got):\n%s", diff)
			}
			if len(stats.Malformed) != 1 {
				t.Fatalf("malformed: %+v", stats.Malformed)
			}
			m := stats.Malformed[0]
			if m.What != c.what || m.Count != 1 || !strings.HasPrefix(m.First, fmt.Sprintf("dump:%d (byte ", c.line)) ||
				!strings.Contains(m.Detail, c.detail) || strings.Contains(m.Detail, "\n") {
				t.Errorf("malformed: %+v", m)
			}
		})
	}
}

func TestMalformedAreGroupedByKindAcrossFiles(t *testing.T) {
	a := line(t, "a")
	stats, err := Read(t.Context(), []Input{
		named("one", "x\n"+a+"\ny\n{\"resourceLogs\":[]}"),
		named("two", a+"\nz\n"),
	}, &collector{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Malformed{
		{What: "OTLP logs, not traces", Count: 1, First: "one:4 (byte 176)"},
		{What: "not JSON", Count: 3, First: "one:1 (byte 0)"},
	}
	if diff := cmp.Diff(want, stats.Malformed); diff != "" {
		t.Errorf("malformed (-want +got):\n%s", diff)
	}
}

func TestTooLongLinesAreSkippedToTheirEnd(t *testing.T) {
	a, b := line(t, "a"), line(t, "b")
	long := line(t, strings.Repeat("x", 100_000))
	for name, text := range map[string]string{
		"whole":                   a + "\n" + long + "\n" + b,
		"pretty-printed":          a + pretty(t, long) + "\n" + b,
		"cut off in a string":     a + "\n" + long[:90_000] + "\n" + b,
		"cut off behind a string": a + "\n" + long[:len(long)-5] + "\n" + b,
	} {
		sink := &collector{}
		stats, err := Read(t.Context(), []Input{named("dump", text)}, sink, Options{MaxLine: 50_000})
		if err != nil {
			t.Fatal(err)
		}
		if m := stats.Malformed; len(m) != 1 || m[0].What != tooLong || m[0].Count != 1 {
			t.Errorf("%s: malformed %+v", name, m)
		}
		if diff := cmp.Diff([]string{"a", "b"}, sink.names()); diff != "" {
			t.Errorf("%s: spans (-want +got):\n%s", name, diff)
		}
	}
}

// endless is a line that never ends, as far as memory goes.
type endless struct{ left int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), e.left))
	for i := range p[:n] {
		p[i] = '['
	}
	e.left -= int64(n)
	return n, nil
}

func TestALineIsNotHeldBeyondTheLimit(t *testing.T) {
	const size = 256 << 20
	in := Input{Name: "dump", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(
			strings.NewReader(line(t, "a")+"\n{"), &endless{left: size}, strings.NewReader("\n"+line(t, "b")))), nil
	}}
	sink := &collector{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	stats, err := Read(t.Context(), []Input{in}, sink, Options{MaxLine: 1 << 20})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 16<<20 {
		t.Errorf("%d MB allocated for a line of %d MB and a limit of 1 MB", allocated>>20, size>>20)
	}
	if len(sink.names()) != 2 || len(stats.Malformed) != 1 || stats.Malformed[0].What != tooLong {
		t.Errorf("spans %q, malformed %+v", sink.names(), stats.Malformed)
	}
}

func TestWhatStandsBeforeTheEndOfABrokenFileIsKept(t *testing.T) {
	// Text that does not compress, so that the cut loses only the last lines.
	var text strings.Builder
	for i := range 2000 {
		text.WriteString(line(t, fmt.Sprintf("%d", i*i*7919)) + "\n")
	}
	for name, packed := range map[string]string{
		"gzip": zip(t, text.String()),
		"zstd": zstandard(t, text.String()),
	} {
		sink := &collector{}
		stats, err := Read(t.Context(), []Input{named("dump", packed[:len(packed)-100])}, sink, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := len(sink.names()); n == 0 || n >= 2000 {
			t.Errorf("%s: %d spans kept", name, n)
		}
		if len(stats.Malformed) != 1 || stats.Malformed[0].What != damaged || stats.Malformed[0].Count != 1 {
			t.Errorf("%s: malformed %+v", name, stats.Malformed)
		}
	}
}

func TestFilesWithoutSpans(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"truth.json": {`{"fault": "cpu", "cause": {}}`, `JSON of no known form: an object of "cause", "fault"`},
		"README":     {"# Cases\n{...}\n", "not JSON"},
		"metrics":    {`{"resourceMetrics":[{}]}`, "OTLP metrics, not traces"},
		"broken.gz":  {"\x1f\x8b\x08", damaged + ": unexpected EOF"},
	} {
		sink := &collector{}
		stats, err := Read(t.Context(), []Input{found(name, c.text), found("spans", line(t, "a"))}, sink, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{name + ": " + c.says}, stats.Skipped); diff != "" {
			t.Errorf("%s in a folder: skipped (-want +got):\n%s", name, diff)
		}
		if stats.Files != 1 || stats.Lines != 1 || stats.Malformed != nil || len(sink.names()) != 1 {
			t.Errorf("%s in a folder: %+v", name, stats)
		}
		_, err = Read(t.Context(), []Input{named(name, c.text)}, sink, Options{})
		if want := name + " holds no spans: " + c.says + " (what is read: " + known + ")"; err == nil || err.Error() != want {
			t.Errorf("%s named: error %v, want %s", name, err, want)
		}
	}
}

func TestAnEmptyFileIsAnEmptyDump(t *testing.T) {
	stats, err := Read(t.Context(), []Input{named("empty", ""), found("other", " \n")}, &collector{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Stats{Files: 1, Skipped: []string{"empty: empty", "other: empty"}}, stats); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}
