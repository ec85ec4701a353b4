package main

import (
	"testing"

	"headwater/analysis"
	"headwater/analysis/accuracy"
	"headwater/analysis/simulate"
)

// TestToldApart holds the analysis to the exact entity in scenarios that look
// alike from afar, and to silence in a healthy one.
func TestToldApart(t *testing.T) {
	tests := []struct {
		scenario string
		kind     analysis.CauseKind
	}{
		{"breaker-opens", analysis.CauseService},
		{"connection-pool-too-small", analysis.CauseEdge},
		{"consumer-pause", analysis.CauseService},
		{"dead-instance", analysis.CauseInstance},
		{"failing-redeliveries", analysis.CauseService},
		{"hung-service", analysis.CauseService},
		{"lost-packets", analysis.CauseEdge},
		{"memory-hungry-neighbour", analysis.CauseHost},
		{"noisy-tenant", analysis.CauseLoad},
		{"orders-done-twice", analysis.CauseOperation},
		{"slow-query", analysis.CauseDatabase},
		{"traffic-surge", analysis.CauseLoad},
		{"quiet-clinic", ""},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			t.Parallel()
			r, err := scenarioCase(tt.scenario, 1, false, simulate.Load).load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			report := analysis.Analyze(analysis.Input{Windows: r.windows}, analysis.Options{})
			got := accuracy.Score(r.truth, report)
			switch {
			case tt.kind == "" && got.Found:
				t.Errorf("an incident in a healthy system: %s", report.Incidents[0].Sentence)
			case tt.kind == "":
			case got.Rank != 1 || !got.Exact || report.Incidents[0].Causes[0].Kind != tt.kind:
				t.Errorf("%s has rank %d, exact %v; the report says: %s", r.truth.Cause.Name, got.Rank, got.Exact, report.Incidents[0].Sentence)
			}
		})
	}
}
