package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headwater/analysis"
	"headwater/analysis/workflow"
)

// What a report says of half-done workflows is what the command lists that it names.
// Of an incident with very much in it that is told in pieces, and where that is too
// much, of a part that it names.
func TestLeftBehind(t *testing.T) {
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
	report := analysis.Analyze(analysis.Input{Windows: r.windows}, analysis.Options{})
	file := filepath.Join(folder, "spans.jsonl.zst")
	if err := r.leftBehind(t.Context(), []string{file}, report, leftSpans); err != nil {
		t.Fatal(err)
	}
	if len(report.Incidents) != 1 || report.Incidents[0].Left == nil {
		t.Fatalf("%+v", report.Incidents)
	}
	whole := report.Incidents[0].Left
	var out bytes.Buffer
	if err := run(t.Context(), append(strings.Fields(whole.Command)[1:], "--format", "json"), strings.NewReader(""), &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var list workflow.WorkflowReport
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if n := list.Counts; n.HalfDone == 0 || n.HalfDone != whole.HalfDone || n.DoneTwice != whole.DoneTwice || n.Workflows != whole.Workflows {
		t.Errorf("%q tells %+v, the report %+v", whole.Command, n, whole)
	}
	of := func(most int64) *analysis.Left {
		left, err := leftOf(t.Context(), workflow.Around{Incident: timeOf(&report.Incidents[0]), Until: report.Range.End, Store: spans{r.store}, Most: int(most)}, judge)
		if err != nil {
			t.Fatal(err)
		}
		return left
	}
	if pieces := of(r.stats.Spans / 6); pieces.Until != nil || pieces.HalfDone < whole.HalfDone*98/100 || pieces.HalfDone > whole.HalfDone*102/100 {
		t.Errorf("in pieces %+v, at once %+v", pieces, whole)
	}
	if part := of(r.stats.Spans / 60); part.Until == nil || part.HalfDone == 0 || part.HalfDone >= whole.HalfDone || !strings.HasPrefix(part.Sentence, "Only those that began until") {
		t.Errorf("of a part %+v, of all %+v", part, whole)
	}
}
