package analysis_test

import (
	"fmt"
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

// TestNestedRetriesAreCutWhereTheyMultiplyMost holds the named call, of two that are
// retried one within the other, against what becomes of users without the retries of
// either.
func TestNestedRetriesAreCutWhereTheyMultiplyMost(t *testing.T) {
	for _, tt := range []struct {
		outer, inner int // attempts
		named        string
	}{{4, 2, "shop"}, {2, 4, "stock"}, {4, 4, "shop"}} {
		t.Run(fmt.Sprintf("%d of %d", tt.outer, tt.inner), func(t *testing.T) {
			t.Parallel()
			sc, err := simulate.Parse(fmt.Appendf(nil, `
description: Services retry, one within the other, and are flooded.
duration: 6m
services:
  - name: web
    operations: [{name: buy, route: POST /buy, time: 3ms, steps: [{call: shop.order}]}]
    clients: [{to: shop, timeout: 1500ms, attempts: %d, backoff: 50ms}]
  - name: shop
    operations: [{name: order, route: POST /order, time: 3ms, steps: [{call: stock.take}]}]
    clients: [{to: stock, timeout: 600ms, attempts: %d, backoff: 50ms}]
  - name: stock
    workers: 2
    queue: 40
    operations: [{name: take, route: POST /take, time: 50ms, spread: 0.4}]
entries: [{name: buy, call: web.buy, rate: 24}]
faults: [{at: 2m, for: 40s, entry: all, traffic: 4}]
`, tt.outer, tt.inner), "nested.yaml")
			if err != nil {
				t.Fatal(err)
			}
			f := graph.NewFolder(window)
			truth, err := simulate.Run(t.Context(), sc, simulate.Options{Seed: 1}, func(b simulate.Batch) error {
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
			best := truth.Cuts[0]
			for _, cut := range truth.Cuts {
				if cut.Pain < best.Pain {
					best = cut
				}
			}
			if best.Callee != tt.named || best.Pain > 0.9*truth.Pain {
				t.Fatalf("users lost %.0f s; with retries cut %+v", truth.Pain, truth.Cuts)
			}
			var windows []*graph.Window
			for _, start := range f.Starts() {
				windows = append(windows, f.Take(start).Window)
			}
			for _, in := range analysis.Analyze(analysis.Input{Windows: windows}, analysis.Options{}).Incidents {
				if c := in.Containment; c == nil || c.By != "cap-retries" || c.Callee.Name != tt.named {
					t.Errorf("the advice is %+v", c)
				}
			}
		})
	}
}
