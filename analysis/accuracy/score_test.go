package accuracy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis"
	"headwater/analysis/accuracy"
)

func TestScore(t *testing.T) {
	trigger := time.Unix(1000, 0).UTC()
	ended := trigger.Add(-time.Minute)
	truth := accuracy.Truth{TriggerStart: trigger.UnixNano(), Cause: accuracy.Labelled{Kind: "service", Name: "cart", Accept: []string{"cart-pod-1"}}}
	right := analysis.Incident{Start: trigger.Add(10 * time.Second), Causes: []analysis.Cause{
		{Rank: 1, Name: "web", Kind: analysis.CauseService, Parent: "service:web"},
		{Rank: 2, Name: "cart-pod-2", Kind: analysis.CauseInstance, Parent: "service:shop/cart"},
	}}
	before := analysis.Incident{Start: trigger.Add(-5 * time.Minute), End: &ended}
	tests := []struct {
		name      string
		truth     accuracy.Truth
		incidents []analysis.Incident
		want      accuracy.Result
	}{
		{"nothing found", truth, nil, accuracy.Result{}},
		{"a part of the cause is right", truth, []analysis.Incident{right}, accuracy.Result{Found: true, Rank: 2, Onset: 10 * time.Second}},
		{"an incident that was over before", truth, []analysis.Incident{before, right}, accuracy.Result{Found: true, Rank: 2, FalseAlarms: 1, Onset: 10 * time.Second}},
		{"healthy", accuracy.Truth{Healthy: true}, []analysis.Incident{right}, accuracy.Result{Found: true, FalseAlarms: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := accuracy.Score(&tt.truth, &analysis.Report{Incidents: tt.incidents})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTable(t *testing.T) {
	var table accuracy.Table
	table.Add("cpu", accuracy.Result{Found: true, Rank: 1})
	table.Add("cpu", accuracy.Result{Found: true, Rank: 4})
	table.Add("net", accuracy.Result{FalseAlarms: 1})
	var b strings.Builder
	if err := table.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| cpu   | 2     | 2     | 1     | 1     | 2     | 0.62 | 0", "| all   | 3     | 2     | 1     | 1     | 2     | 0.42 | 1"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
