package accuracy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"headwater/analysis"
	"headwater/analysis/accuracy"
	"headwater/graph"
)

func TestScore(t *testing.T) {
	trigger := time.Unix(1000, 0).UTC()
	ended := trigger.Add(-time.Minute)
	truth := accuracy.Truth{TriggerStart: trigger.UnixNano(), Cause: accuracy.Labelled{Kind: "service", Name: "cart", Accept: []string{"cart-pod-1"}}}
	right := analysis.Incident{Start: trigger.Add(10 * time.Second), Causes: []analysis.Cause{
		{Rank: 1, Name: "web", Kind: analysis.CauseService, Parent: "service:web"},
		{Rank: 2, Name: "cart-pod-2", Kind: analysis.CauseInstance, Parent: "service:shop/cart"},
	}}
	exact := analysis.Incident{Start: trigger, Confidence: 0.8, Causes: []analysis.Cause{{Rank: 1, Name: "cart", Kind: analysis.CauseService, Parent: "service:shop/cart"}}}
	before := analysis.Incident{Start: trigger.Add(-5 * time.Minute), End: &ended}
	tests := []struct {
		name      string
		truth     accuracy.Truth
		incidents []analysis.Incident
		want      accuracy.Result
	}{
		{"nothing found", truth, nil, accuracy.Result{}},
		{"the very entity", truth, []analysis.Incident{exact}, accuracy.Result{Found: true, Rank: 1, Exact: true, Confidence: 0.8}},
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

func TestScoreOfStorms(t *testing.T) {
	node := func(name string) graph.NodeID { return graph.NodeID{Kind: graph.Service, Name: name} }
	truth := accuracy.Truth{Cause: accuracy.Labelled{Name: "db"}, Shared: &accuracy.Labelled{Name: "db"}, Edges: []accuracy.EdgeTruth{
		{Caller: "web", Callee: "cart", Calls: 100, Tried: 100, Recorded: 100, Observable: 300, Attempts: 300},
		{Caller: "web", Callee: "search", Calls: 100, Tried: 100, Recorded: 100, Observable: 150, Attempts: 150},
		{Caller: "cart", Callee: "stock", Calls: 100, Tried: 100, Recorded: 100, Observable: 100, Attempts: 250}, // hidden in one span
		{Caller: "cart", Callee: "promo", Calls: 100, Tried: 10, Recorded: 10, Observable: 30, Attempts: 30},     // a breaker
		{Caller: "stock", Callee: "db", Calls: 3, Tried: 3, Recorded: 3, Observable: 9, Attempts: 9},             // too few to tell
	}}
	inc := analysis.Incident{Causes: []analysis.Cause{{Rank: 1, Name: "db", Kind: analysis.CauseDatabase}}, Edges: []analysis.EdgeView{
		{Caller: node("web"), Callee: node("cart"), Amplification: 2.7, BaselineAmplified: 1},
		{Caller: node("web"), Callee: node("search"), Amplification: 1.05, BaselineAmplified: 1},
		{Caller: node("cart"), Callee: node("stock"), Amplification: 1.5, BaselineAmplified: 1},
	}}
	got := accuracy.Score(&truth, &analysis.Report{Incidents: []analysis.Incident{inc}})
	want := accuracy.Retries{Right: 1, Missed: 1, Wrong: 1, Errors: []float64{0.1}}
	if diff := cmp.Diff(want, got.Retries, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("retries differ (-want +got):\n%s", diff)
	}
	if !got.Shared || !got.Coupled {
		t.Errorf("the shared database counts as asked %v, named %v", got.Shared, got.Coupled)
	}
}

func TestScoreOfCuts(t *testing.T) {
	node := func(name string) graph.NodeID { return graph.NodeID{Kind: graph.Service, Name: name} }
	truth := accuracy.Truth{Pain: 100, Cuts: []accuracy.CutTruth{
		{Caller: "web", Callee: "cart", Pain: 98},
		{Caller: "app", Callee: "cart", Pain: 99},
		{Caller: accuracy.AllCallers, Callee: "cart", Pain: 60},
		{Caller: "cart", Callee: "stock", Pain: 90},
		{Caller: "cart", Callee: "mail", Pain: 120},
	}}
	for _, tt := range []struct {
		caller, callee string
		want           accuracy.Aspects
	}{
		{"app", "cart", accuracy.Aspects{Storm: true, Cut: true, Capped: true}},
		{"cart", "stock", accuracy.Aspects{Storm: true, Capped: true}},
		{"cart", "mail", accuracy.Aspects{Storm: true, Capped: true, Harmful: true}},
		{"stock", "db", accuracy.Aspects{Storm: true}},
	} {
		inc := analysis.Incident{Containment: &analysis.Containment{Caller: node(tt.caller), Callee: node(tt.callee), By: "cap-retries"}}
		got := accuracy.Score(&truth, &analysis.Report{Incidents: []analysis.Incident{inc}}).Aspects
		if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(accuracy.Aspects{}, "Removed", "Well")); diff != "" {
			t.Errorf("%s->%s (-want +got):\n%s", tt.caller, tt.callee, diff)
		}
	}
}

func TestTable(t *testing.T) {
	var table accuracy.Table
	table.Add("cpu", accuracy.Result{Found: true, Rank: 1, Exact: true, Onset: -20 * time.Second, Shared: true, Coupled: true})
	table.Add("cpu", accuracy.Result{Found: true, Rank: 4})
	table.Add("net", accuracy.Result{FalseAlarms: 1, Unshown: true})
	table.Add("storm", accuracy.Result{Found: true, Rank: 1, Onset: 40 * time.Second, Retries: accuracy.Retries{Right: 2, Missed: 1, Errors: []float64{0.01, 0.03}}})
	table.AddHealthy("quiet", accuracy.Result{})
	table.AddHealthy("quiet", accuracy.Result{Found: true})
	var b strings.Builder
	if err := table.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| cpu   | 2     | 2     | 1     | 1     | 2     | 1     | 0.62 | 20 s      | 0",
		"| all   | 4     | 3     | 2     | 2     | 3     | 1     | 0.56 | 20 s      | 1",
		"Healthy cases with an incident: 1 of 2.",
		"Retried edges: 2 right, 1 missed, 0 wrong; amplification off by 3.0% (median).",
		"Coupled by something shared: named in 1 of 1.",
		"shows nothing of the users' pain in 1 cases; 1 of them were not found.",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
