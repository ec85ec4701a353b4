package dump

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRead reads any bytes: no panic, the sink gets only what decodes, and lines
// are not counted twice. The samples of all forms are its corpus.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/samples/*.*")
	if err != nil || len(files) < 15 {
		f.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte(message(f, "a") + message(f, "b")))
	f.Add([]byte(withLength(zstandard(f, message(f, "a"))) + withLength(message(f, "b"))))
	a := line(f, "a", "")
	f.Add([]byte(a + "\n" + pretty(f, a) + "x\n" + a[:40]))
	f.Add([]byte(zip(f, a)))
	f.Add([]byte(zstandard(f, a)))
	f.Add([]byte(`[{"resourceSpans":[]},{"resourceLogs":[]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		sink := &collector{}
		stats, err := Read(t.Context(), []Input{found("dump", string(data))}, sink, Options{MaxLine: 1 << 14})
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(sink.names())) != stats.Spans {
			t.Fatalf("%d spans counted, %d written", stats.Spans, len(sink.names()))
		}
		again, err := Read(t.Context(), []Input{found("dump", string(data))}, &collector{}, Options{MaxLine: 1 << 14})
		if diff := cmp.Diff(stats, again); err != nil || diff != "" {
			t.Fatalf("read twice: %v\n%s", err, diff)
		}
	})
}
