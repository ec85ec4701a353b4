package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headwater/analysis"
)

// A recording that is too large to be read once more as a whole tells what its
// incident left half done all the same: of what stands around it, and where that is
// too much, of a part that it names.
func TestLeftBehindOfALargeRecording(t *testing.T) {
	folder := t.TempDir()
	scenario := filepath.Join(folder, "orders-fail.yaml")
	if err := os.WriteFile(scenario, []byte("description: Orders fail.\nsystem: shop\nduration: 7m\nfaults: [{at: 4m, for: 2m, service: orders, operation: create, errors: 0.6}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"simulate", scenario, "--out", folder}, strings.NewReader(""), io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	r, err := record(t.Context(), &terminal{in: strings.NewReader(""), out: io.Discard, err: io.Discard, log: slog.New(slog.DiscardHandler), quiet: true},
		[]string{filepath.Join(folder, "spans.jsonl.zst")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	})
	left := func(limit int64) *analysis.Left {
		report := analysis.Analyze(analysis.Input{Windows: r.windows}, analysis.Options{})
		if err := r.leftBehind(t.Context(), []string{"spans.jsonl.zst"}, report, limit); err != nil {
			t.Fatal(err)
		}
		if len(report.Incidents) != 1 || report.Incidents[0].Left == nil {
			t.Fatalf("with a limit of %d: %+v", limit, report.Incidents)
		}
		return report.Incidents[0].Left
	}
	whole := left(r.stats.Spans + 1)
	if around := left(r.stats.Spans - 1); around.HalfDone < whole.HalfDone*98/100 || around.HalfDone > whole.HalfDone*102/100 || !strings.Contains(around.Command, "--incident") {
		t.Errorf("around the incident %+v, of all %+v", around, whole)
	}
	if part := left(r.stats.Spans / 20); part.HalfDone == 0 || part.HalfDone >= whole.HalfDone || !strings.HasPrefix(part.Sentence, "Only those that began until") {
		t.Errorf("of a part %+v, of all %+v", part, whole)
	}
}
