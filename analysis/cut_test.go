package analysis_test

import (
	"testing"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/graph"
)

// TestRetriesAreCutWhereTheyAreOfNoUse holds the advice to cap retries against what
// becomes of users when the retries are cut in the engine that made the incident.
func TestRetriesAreCutWhereTheyAreOfNoUse(t *testing.T) {
	const head = "description: Retries.\nsystem: tickets\nduration: 9m\nfault: x\nfaults:\n  - {at: 5m, for: 2m, "
	for _, tt := range []struct {
		name, fault string
		cap         bool // the advice
	}{
		{"all run into their deadlines", "database: seats-db, slow: 20}\n", true},
		{"errors come by chance", "service: seats, errors: 0.25}\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sc, err := simulate.Parse([]byte(head+tt.fault), "retries.yaml")
			if err != nil {
				t.Fatal(err)
			}
			f := graph.NewFolder(window)
			truth, err := simulate.Run(t.Context(), sc, simulate.Options{Seed: 1, Sample: 0.3}, func(b simulate.Batch) error {
				f.Add(b.Spans)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			f.Finish()
			if err := simulate.Cut(t.Context(), sc, simulate.Options{Seed: 1}, truth); err != nil {
				t.Fatal(err)
			}
			best := truth.Pain
			for _, cut := range truth.Cuts {
				best = min(best, cut.Pain)
			}
			if helps := best < 0.9*truth.Pain; helps != tt.cap || len(truth.Cuts) == 0 {
				t.Fatalf("users lost %.0f s; with retries cut %+v", truth.Pain, truth.Cuts)
			}
			var windows []*graph.Window
			for _, start := range f.Starts() {
				windows = append(windows, f.Take(start).Window)
			}
			r := analysis.Analyze(analysis.Input{Windows: windows}, analysis.Options{})
			if len(r.Incidents) != 1 {
				t.Fatalf("%d incidents", len(r.Incidents))
			}
			c := r.Incidents[0].Containment
			if got := c != nil && c.By == "cap-retries"; got != tt.cap || got && c.Callee.Name != "seats" {
				t.Errorf("the advice is %+v", c)
			}
		})
	}
}
