package analysis_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"headwater/analysis"
	"headwater/graph"
)

// TestAFollowerSaysWhatAnalyzeSays lets windows come one by one, and now and then
// one be revised, and compares every report with one made from scratch.
func TestAFollowerSaysWhatAnalyzeSays(t *testing.T) {
	windows := grid(20, 60)
	var f analysis.Follower
	incidents := 0
	check := func(in []*graph.Window) {
		t.Helper()
		want, err := json.Marshal(analysis.Analyze(analysis.Input{Windows: in}, analysis.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		r := f.Analyze(analysis.Input{Windows: in}, analysis.Options{})
		incidents += len(r.Incidents)
		got, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got) {
			t.Fatalf("with %d windows the reports differ:\n%.2000s\n%.2000s", len(in), want, got)
		}
	}
	for n := 1; n <= len(windows); n++ {
		check(windows[:n])
		if n%7 == 0 { // one of the last windows is revised
			at := n - 1 - n%5
			windows[at] = packed(windows[at])
			windows[at].Orphans++
			check(windows[:n])
		}
	}
	check(windows[10:]) // the beginning is no longer looked at
	if incidents == 0 {
		t.Error("no incident: the comparison says little")
	}
}
