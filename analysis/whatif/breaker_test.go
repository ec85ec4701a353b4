package whatif

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
)

// guarded is a system in which front asks stock, as a client says, and something
// happens to it after two minutes, for two minutes.
func guarded(t *testing.T, client, step, fault string) (*Fit, *simulate.Scenario) {
	t.Helper()
	sc, err := simulate.Parse(fmt.Appendf(nil, `
description: A breaker opens.
duration: 6m
services:
  - name: front
    operations:
      - {name: buy, route: POST /buy, time: 3ms, steps: [{call: stock.take%s}, {call: mail.note}]}
      - {name: look, route: GET /look, time: 2ms}
    clients: [{to: stock, timeout: 400ms%s}]
  - name: stock
    operations: [{name: take, route: POST /take, time: 20ms, spread: 0.4}]
  - name: mail
    operations: [{name: note, route: POST /note, time: 5ms}]
entries:
  - {name: buy, call: front.buy, rate: 20}
  - {name: look, call: front.look, rate: 10}
faults: [{at: 2m, for: 2m, %s}]
`, step, client, fault), "guarded.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Input{Windows: windowsOf(t, sc, 3), Incident: analysis.Interval{Start: simulate.DefaultStart.Add(2 * time.Minute), End: simulate.DefaultStart.Add(4 * time.Minute)}})
	if err != nil {
		t.Fatal(err)
	}
	return f, sc
}

// A caller that is full turns requests away while its calls fail, as if it had a
// breaker: where users are its only callers, that is said.
func TestAFullCallerIsNoBreaker(t *testing.T) {
	f, _ := guarded(t, "", "", "service: stock, slow: 50}, {at: 2m, for: 2m, service: front, workers: 2")
	for i := range f.edges {
		if e := &f.edges[i]; e.Breaker > 0 {
			t.Errorf("%s: open for %s", e.name, e.Breaker)
		}
	}
	if !slices.ContainsFunc(f.notes, func(n string) bool { return strings.Contains(n, "or it was full itself") }) {
		t.Errorf("notes %q", f.notes)
	}
}

// A breaker shows as calls that are not made while others fail; callers that fail by
// themselves, or are full, have none.
func TestBreakersShow(t *testing.T) {
	for _, tt := range []struct {
		name, client, step, fault string
		want                      time.Duration // 0: none
	}{
		{"all fail", ", breaker: {open: 10s}", "", "service: stock, errors: 1", 10 * time.Second},
		{"for a short while", ", breaker: {open: 3s}", "", "service: stock, errors: 1", 3 * time.Second},
		{"most fail", ", breaker: {open: 10s}", "", "service: stock, errors: 0.7", 10 * time.Second},
		{"too slow", ", breaker: {open: 5s}", "", "service: stock, slow: 50", 5 * time.Second},
		{"with retries", ", attempts: 3, breaker: {open: 10s}", "", "service: stock, errors: 1", 10 * time.Second},
		{"the caller goes on", ", breaker: {open: 10s}", ", optional: true", "service: stock, errors: 1", 10 * time.Second},
		{"none", "", "", "service: stock, errors: 1", 0},
		{"none, with retries", ", attempts: 3", "", "service: stock, slow: 50", 0},
		{"the caller fails", "", "", "service: front, errors: 0.9", 0},
		{"half fail", ", breaker: {open: 10s}", "", "service: stock, errors: 0.2", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, sc := guarded(t, tt.client, tt.step, tt.fault)
			for i := range f.edges {
				e := &f.edges[i]
				want := time.Duration(0)
				if e.ID.Callee.Name == "stock" {
					want = tt.want
				}
				if e.Breaker < want*3/4 || e.Breaker > want*4/3 {
					t.Errorf("%s: open for %s, want %s", e.name, e.Breaker, want)
				}
			}
			a := ask(t, f, Setting{Kind: MakeOptional, Target: "front->stock"})
			if !a.Known {
				t.Fatal(a.Why)
			}
			helped, err := sc.With(simulate.Fault{Remedy: true, Edge: "front->stock", Optional: true})
			if err != nil {
				t.Fatal(err)
			}
			windows := windowsOf(t, helped, 3)
			is := f.Measure(windows)
			f.Charge(&is, windows, a.Changed.Changes)
			if said := a.Changed.Outcome; said.Failed > is.Failed+0.05 || said.Failed < is.Failed-0.05 || said.P95 > 1.3*is.P95+0.01 || said.P95 < is.P95/1.3-0.01 {
				t.Errorf("p95 %v, failed %v, said; %v, %v is; %v, %v was", said.P95, said.Failed, is.P95, is.Failed, a.Happened.P95, a.Happened.Failed)
			}
		})
	}
}
