package workflow_test

import (
	"fmt"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/accuracy"
	"headwater/analysis/simulate"
	"headwater/analysis/workflow"
	"headwater/graph/trace"
)

// TestAgainstTheEngine compares what is said of workflows with what the scenario
// engine did. The seeds and the short scenarios are of this test alone;
// docs/workflows.md has the figures of whole incidents.
func TestAgainstTheEngine(t *testing.T) {
	for _, tt := range []struct {
		name, system, fault string
		loss                float64
		least               float64
		half, twice         bool
	}{
		{"half done", "shop", "service: orders, operation: create, errors: 0.6", 0, 0.95, true, false},
		{"half done, spans lost", "shop", "service: orders, operation: create, errors: 0.6", 0.01, 0.85, true, false},
		{"done twice", "shop", "service: orders, operation: create, slow: 200", 0, 0.95, false, true},
		{"done twice, spans lost", "shop", "service: orders, operation: create, slow: 200", 0.01, 0.85, false, true},
		{"consumers that fail", "parcel", "service: labels, errors: 0.6", 0, 0.95, true, false},
		{"returns early", "shop", "service: orders, operation: create, skip: 0.3", 0, 0.95, true, false},
		{"well", "parcel", "", 0, 1, false, false},
		{"well, spans lost", "parcel", "", 0.01, 1, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := fmt.Sprintf("description: x\nsystem: %s\nduration: 3m\n", tt.system)
			if tt.fault == "" {
				text += "healthy: true\n"
			} else {
				text += fmt.Sprintf("faults: [{at: 70s, for: 50s, %s}]\n", tt.fault)
			}
			traces, truth := played(t, text, tt.loss)
			opt := workflow.Options{}
			if !truth.Healthy {
				opt.Trouble = []analysis.Interval{{Start: time.Unix(0, truth.TriggerStart), End: time.Unix(0, max(truth.TriggerEnd, truth.UsersWell))}}
			}
			r := workflow.NewReader(opt)
			for _, tr := range traces {
				r.Add(tr)
			}
			report := r.Report()
			half, twice := map[string]bool{}, map[string]bool{}
			for _, h := range truth.HalfDone {
				half[h.TraceID] = len(h.Missing) > 0
				twice[h.TraceID] = len(h.Twice) > 0
			}
			var saidHalf, saidTwice []string
			for _, w := range report.Workflows {
				if w.State == workflow.HalfDone {
					saidHalf = append(saidHalf, w.TraceID.String())
				}
				if len(w.Twice) > 0 {
					saidTwice = append(saidTwice, w.TraceID.String())
				}
			}
			compare(t, "half done", half, saidHalf, tt.least, tt.half)
			compare(t, "done twice", twice, saidTwice, tt.least, tt.twice)
		})
	}
}

// compare holds precision and recall to what is the least. Few false ones in
// lists that should be empty are too many.
func compare(t *testing.T, what string, truth map[string]bool, said []string, least float64, some bool) {
	t.Helper()
	all, right := 0, 0
	for _, yes := range truth {
		if yes {
			all++
		}
	}
	for _, id := range said {
		if truth[id] {
			right++
		}
	}
	if some && all < 20 {
		t.Fatalf("%d are %s: too few to tell", all, what)
	}
	if float64(right) < least*float64(len(said)) || float64(right) < least*float64(all) {
		t.Errorf("%s: %d of %d found, %d said", what, right, all, len(said))
	}
}

func played(t testing.TB, text string, loss float64) ([]*trace.Trace, *accuracy.Truth) {
	t.Helper()
	sc, err := simulate.Parse([]byte(text), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var spans []trace.Span
	truth, err := simulate.Run(t.Context(), sc, simulate.Options{Seed: 11, Loss: loss}, func(b simulate.Batch) error {
		spans = append(spans, b.Spans...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return assembled(spans), truth
}
