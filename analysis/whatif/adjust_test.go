package whatif

import (
	"slices"
	"strings"
	"testing"

	"headwater/analysis"
	"headwater/analysis/simulate"
)

// Where windows tell roughly how much a service does at once, and no seed does what
// happened with that, the fit is adjusted until it does, and says so.
func TestFitIsAdjusted(t *testing.T) {
	sc, err := simulate.Parse([]byte(`
description: A long queue.
duration: 8m
services:
  - name: front
    operations: [{name: find, route: GET /find, time: 3ms, steps: [{call: search.find}]}]
    clients: [{to: search, timeout: 940ms, attempts: 2, backoff: 30ms}]
  - name: search
    workers: 1
    queue: 73
    operations: [{name: find, route: GET /index, time: 50ms, spread: 0.5}]
entries: [{name: find, call: front.find, rate: 2.8}]
faults: [{at: 3m, for: 98s, service: search, slow: 6.5}]
`), "queue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	windows := windowsOf(t, sc, 6)
	report := analysis.Analyze(analysis.Input{Windows: windows}, analysis.Options{})
	if len(report.Incidents) != 1 {
		t.Fatalf("%d incidents", len(report.Incidents))
	}
	at := analysis.Interval{Start: report.Incidents[0].Start}
	if end := report.Incidents[0].End; end != nil {
		at.End = *end
	}
	f, err := New(Input{Windows: windows, Incident: at})
	if err != nil {
		t.Fatal(err)
	}
	before, err := f.tryOut(t.Context(), usualRuns, 1, seedsTried)
	if err != nil {
		t.Fatal(err)
	}
	if len(before.off) == 0 {
		t.Fatal("the fit does what happened at once: nothing is tested")
	}
	a, err := f.Ask(t.Context(), []Setting{{Kind: CapRetries, Target: "front->search", Value: 0}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !a.Known {
		t.Fatalf("unknown: %s", a.Why)
	}
	if !slices.ContainsFunc(a.Notes, func(n string) bool { return strings.Contains(n, "search does 1 at once") }) {
		t.Errorf("no note says what was adjusted: %q", a.Notes)
	}
	again, err := New(Input{Windows: windows, Incident: at})
	if err != nil {
		t.Fatal(err)
	}
	played, err := again.Play(t.Context(), nil, uint64(a.Replayed.Seed))
	if err != nil {
		t.Fatal(err)
	}
	if off := again.misses(again.Measure(played)); len(off) > 0 {
		t.Errorf("the picture is played from another fit than the answer: %v", off)
	}
	for _, s := range f.services {
		if s.ID.Name == "search" && s.Workers != 1 {
			t.Errorf("search works on %d at once, it was 1", s.Workers)
		}
	}
}
