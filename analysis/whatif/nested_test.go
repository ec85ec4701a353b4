package whatif

import (
	"context"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
)

// Retries within retries are cut at the outermost call, or all together: what is said
// of both is what becomes of users in the engine that made the storm.
func TestNestedStorms(t *testing.T) {
	sc, err := simulate.Parse([]byte(`
description: Three services retry, one within the other.
duration: 7m
services:
  - name: web
    operations: [{name: buy, route: POST /buy, time: 3ms, steps: [{call: shop.order}]}]
    clients: [{to: shop, attempts: 3, backoff: 50ms}]
  - name: shop
    operations: [{name: order, route: POST /order, time: 3ms, steps: [{call: stock.take}]}]
    clients: [{to: stock, timeout: 600ms, attempts: 3, backoff: 50ms}]
  - name: stock
    workers: 2
    queue: 40
    operations: [{name: take, route: POST /take, time: 50ms, spread: 0.4}]
entries: [{name: buy, call: web.buy, rate: 24}]
faults: [{at: 2m, for: 40s, service: stock, slow: 6}]
`), "nested.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Input{Windows: windowsOf(t, sc, 3), Incident: analysis.Interval{Start: simulate.DefaultStart.Add(2 * time.Minute)}})
	if err != nil {
		t.Fatal(err)
	}
	outer, inner := Setting{Kind: CapRetries, Target: "web->shop"}, Setting{Kind: CapRetries, Target: "shop->stock"}
	var both, first bool
	for i, c := range f.Candidates() {
		both = both || len(c) == 2 && c[0] == outer && c[1] == inner
		first = first || i < 10 && len(c) == 1 && c[0] == outer
	}
	if !both || !first {
		t.Errorf("the outermost, and both together, are not tried: %+v", f.Candidates())
	}
	once := 1.0
	for _, changes := range [][]Setting{{outer}, {inner}, {outer, inner}} {
		a := ask(t, f, changes...)
		if !a.Known {
			t.Fatal(a.Why)
		}
		var faults []simulate.Fault
		for _, c := range changes {
			faults = append(faults, simulate.Fault{Remedy: true, Edge: c.Target, Attempts: &once})
		}
		helped, err := sc.With(faults...)
		if err != nil {
			t.Fatal(err)
		}
		is := f.Measure(windowsOf(t, helped, 3))
		if said := a.Changed.Outcome; said.Recovered != is.Recovered || said.Failed > is.Failed+0.1 || said.Failed < is.Failed-0.1 {
			t.Errorf("%s: recovers %v in %d of %d, failed %.3f, said; is %v, %.3f", a.Changed.Command, said.Recovered, a.Changed.Well, a.Changed.Runs, said.Failed, is.Recovered, is.Failed)
		}
	}
	a, err := f.Ask(context.Background(), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Containment) == 0 {
		t.Fatal("nothing is ranked")
	}
}

// Where runs disagree, the answer says in how many users were well, and that chance
// decides where it is near to half of them.
func TestRunsThatDisagree(t *testing.T) {
	for _, tt := range []struct {
		well, runs int
		open       bool
	}{{0, 5, false}, {1, 5, false}, {2, 5, true}, {3, 5, true}, {4, 5, false}, {1, 3, true}, {0, 1, false}} {
		var outcomes []Outcome
		var seeds []uint64
		for i := range tt.runs {
			outcomes, seeds = append(outcomes, Outcome{Recovered: i < tt.well}), append(seeds, uint64(i))
		}
		e := Effect{Runs: tt.runs}
		e.sum(outcomes, seeds)
		if e.Well != tt.well || e.Open != tt.open || e.Outcome.Recovered != (2*tt.well > tt.runs) {
			t.Errorf("%d of %d: %d, open %v, recovers %v", tt.well, tt.runs, e.Well, e.Open, e.Outcome.Recovered)
		}
	}
}
