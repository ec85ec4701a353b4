package main

import (
	"strings"
	"testing"

	"headwater/analysis"
	"headwater/analysis/simulate"
)

// TestWhatKeepsAnOutageUp asks of two storms and of one incident that ends with
// its cause whether they outlive what set them off, and by what.
func TestWhatKeepsAnOutageUp(t *testing.T) {
	tests := []struct {
		scenario, kept string
		cause          analysis.CauseKind
	}{
		{"retry-storm-outlives-trigger", "the retries of sales->seats kept the pressure up", analysis.CauseService},
		{"impatient-users", "users who try POST /listen/{id} again kept the pressure up", analysis.CauseService},
		{"noisy-tenant", "", analysis.CauseLoad},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			r, err := scenarioCase(tt.scenario, 1, false, simulate.Load).load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			report := analysis.Analyze(analysis.Input{Windows: r.windows}, analysis.Options{})
			if len(report.Incidents) != 1 {
				t.Fatalf("%d incidents, want 1", len(report.Incidents))
			}
			inc := &report.Incidents[0]
			if inc.Metastable != (tt.kept != "") || !strings.Contains(inc.Sustained, tt.kept) {
				t.Errorf("metastable %v, sustained %q, want %q", inc.Metastable, inc.Sustained, tt.kept)
			}
			if first := inc.Causes[0]; first.Kind != tt.cause {
				t.Errorf("first cause is %s %s", first.Kind, first.Name)
			}
			for i := 1; i < len(inc.Phases); i++ {
				if !inc.Phases[i].Start.Equal(inc.Phases[i-1].End) {
					t.Errorf("%s begins at %v, %s ends at %v", inc.Phases[i].Name, inc.Phases[i].Start, inc.Phases[i-1].Name, inc.Phases[i-1].End)
				}
			}
			if !inc.Metastable {
				return
			}
			kept := 0.0
			for i := range inc.Causes {
				if k := inc.Causes[i].Kind; k == analysis.CauseRetryPolicy || k == analysis.CauseLoad {
					kept += inc.Causes[i].Sustaining
				}
			}
			if kept < 0.5 {
				t.Errorf("retries keep %.2f of the pressure up, want more than half", kept)
			}
		})
	}
}
