package simulate

import (
	"context"
	"testing"
	"time"

	"headwater/graph"
)

// bare are the names of a scenario as they are.
type bare struct{}

func (bare) Node(name string) graph.NodeID { return graph.NodeID{Kind: graph.Service, Name: name} }

func (bare) Operation(_, _, as string) string { return as }

// A run without spans counts what the windows of its spans say.
func TestWindowsAreThoseOfTheSpans(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"slow-database", "retry-storm-outlives-trigger", "consumer-stall"} {
		sc := load(t, name)
		sc.Duration = duration(8 * time.Minute)
		const length = 10 * time.Second
		counted, err := Windows(context.Background(), sc, Options{Seed: 3}, length, bare{})
		if err != nil {
			t.Fatal(err)
		}
		made := windowsOf(t, sc, Options{Seed: 3}, length)
		byName := func(n graph.NodeID) graph.NodeID { return graph.NodeID{Kind: graph.Service, Name: n.Name} }
		for i, c := range counted[:len(counted)-2] { // the last ones: what is not over has no spans
			w := made[i]
			for id, want := range w.Routes {
				got := c.Routes[graph.RouteID{Node: byName(id.Node), Operation: id.Operation}]
				if got == nil || got.Requests != want.Requests || got.Failed != want.Failed || got.Time.Sum != want.Time.Sum || got.Latency.Quantile(0.95) != want.Latency.Quantile(0.95) {
					t.Fatalf("%s, window %d, route %v: counted %+v, the spans say %d requests, %d failed, %d ns", name, i, id, got, want.Requests, want.Failed, want.Time.Sum)
				}
			}
			for id, want := range w.Edges {
				if id.Callee.Kind != graph.Service || id.Async {
					continue // the names of others differ
				}
				got := c.Edges[graph.EdgeID{Caller: byName(id.Caller), Callee: byName(id.Callee)}]
				if got == nil || got.Calls != want.Calls || got.Attempts != want.Attempts || got.Failed != want.Failed || got.Outcomes != want.Outcomes || got.Occupancy != want.Occupancy {
					t.Fatalf("%s, window %d, edge %v: counted %+v, the spans say %d calls, %d attempts, %d failed, %v", name, i, id, got, want.Calls, want.Attempts, want.Failed, want.Outcomes)
				}
			}
			for id, want := range w.Nodes {
				if id.Kind != graph.Service {
					continue
				}
				got := c.Nodes[byName(id)]
				if got == nil || got.All.Occupancy != want.All.Occupancy || got.All.Visits != want.All.Visits || got.All.Failed != want.All.Failed || got.All.FailedOwn != want.All.FailedOwn {
					t.Fatalf("%s, window %d, node %v: counted %+v, the spans say %d visits, %d failed, %d by themselves, occupancy %d", name, i, id, got, want.All.Visits, want.All.Failed, want.All.FailedOwn, want.All.Occupancy)
				}
			}
		}
	}
}

// windowsOf makes the windows of a run's spans.
func windowsOf(t *testing.T, sc *Scenario, opt Options, length time.Duration) (out []*graph.Window) {
	t.Helper()
	f := graph.NewFolder(int64(length))
	if _, err := Run(context.Background(), sc, opt, func(b Batch) error {
		f.Add(b.Spans)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	f.Finish()
	for _, start := range f.Starts() {
		out = append(out, f.Take(start).Window)
	}
	return out
}

func BenchmarkWindows(b *testing.B) {
	sc := load(b, "slow-database")
	for b.Loop() {
		if _, err := Windows(context.Background(), sc, Options{Seed: 1}, 10*time.Second, bare{}); err != nil {
			b.Fatal(err)
		}
	}
}
