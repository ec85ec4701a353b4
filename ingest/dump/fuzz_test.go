package dump

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRead reads any bytes: no panic, the sink gets only what decodes, and lines
// are not counted twice.
func FuzzRead(f *testing.F) {
	a := line(f, "a", "")
	f.Add([]byte(a + "\n" + pretty(f, a) + "x\n" + a[:40]))
	f.Add([]byte(zip(f, a)))
	f.Add([]byte(zstandard(f, a)))
	f.Add([]byte(`[{"resourceSpans":[]},{"resourceLogs":[]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		sink := &collector{}
		stats, err := Read(t.Context(), []Input{found("dump", string(data))}, sink, Options{MaxLine: 4096})
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(sink.names())) != stats.Spans {
			t.Fatalf("%d spans counted, %d written", stats.Spans, len(sink.names()))
		}
		again, err := Read(t.Context(), []Input{found("dump", string(data))}, &collector{}, Options{MaxLine: 4096})
		if diff := cmp.Diff(stats, again); err != nil || diff != "" {
			t.Fatalf("read twice: %v\n%s", err, diff)
		}
	})
}
