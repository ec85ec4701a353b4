package main

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/graph"
	"headwater/ingest"
	"headwater/ingest/dump"
)

// folding is a Sink that makes windows of what it is given.
type folding struct{ *graph.Folder }

// Write implements ingest.Sink.
func (f folding) Write(_ context.Context, b *ingest.Batch) error {
	f.Add(b.Spans)
	return nil
}

// The graph of a recorded system, which sends neither kinds nor status, is the
// published architecture of Online Boutique, but for the calls that it does not
// instrument: of the cart to its Redis and of the checkout to the currencies.
func TestGraphOfARecordedSystem(t *testing.T) {
	inputs, err := dump.Paths([]string{"../../testdata/cases/online-boutique-currency-cpu"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := graph.NewFolder(caseWindow)
	if _, err := dump.Read(t.Context(), inputs, folding{f}, dump.Options{}); err != nil {
		t.Fatal(err)
	}
	f.Finish()
	sum := graph.NewWindow(0, 0)
	for _, start := range f.Starts() {
		sum.Merge(f.Take(start).Window)
	}
	got := map[string][]string{}
	for _, id := range slices.SortedFunc(maps.Keys(sum.Edges), graph.EdgeID.Compare) {
		e := sum.Edges[id]
		if id.Async || e.Paired != e.Attempts || e.Attempts != e.Calls {
			t.Errorf("%s: async %v, %d calls, %d attempts, %d paired; no call is lost, retried or asynchronous here", id, id.Async, e.Calls, e.Attempts, e.Paired)
		}
		got[id.Caller.Name] = append(got[id.Caller.Name], id.Callee.Name)
	}
	want := map[string][]string{
		"frontend":              {"adservice", "cartservice", "checkoutservice", "currencyservice", "productcatalogservice", "recommendationservice", "shippingservice"},
		"checkoutservice":       {"cartservice", "emailservice", "paymentservice", "productcatalogservice", "shippingservice"},
		"recommendationservice": {"productcatalogservice"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("edges differ (-published +read):\n%s", diff)
	}
}
