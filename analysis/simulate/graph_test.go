package simulate

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/graph"
)

// pair is an edge as the engine names it, in the window that starts at a time.
type pair struct {
	window         int64
	caller, callee string
}

type counts struct{ Calls, Attempts int64 }

const tenSeconds = int64(10e9)

// brief makes a scenario short: everything happens soon.
func brief(t testing.TB, name string) *Scenario {
	t.Helper()
	sc := load(t, name)
	sc.Duration = duration(80 * time.Second)
	for i := range sc.Faults {
		sc.Faults[i].At = duration(25 * time.Second)
	}
	return sc
}

// seenAndFolded plays a scenario and counts its calls twice: as the engine made
// them, where they have spans, and as the graph reads them from the spans.
func seenAndFolded(t testing.TB, sc *Scenario, opt Options) (made, read map[pair]counts, hidden map[pair]bool, sum *graph.Window) {
	t.Helper()
	made, read, hidden = map[pair]counts{}, map[pair]counts{}, map[pair]bool{}
	sum = graph.NewWindow(0, 0)
	f := graph.NewFolder(tenSeconds)
	e := newEngine(sc, opt, func(b Batch) error {
		f.Add(b.Spans)
		return nil
	})
	e.sighted = func(s sight) {
		p := pair{s.start - s.start%tenSeconds, s.caller, s.callee}
		c := made[p]
		c.Attempts += int64(s.attempts)
		if !s.again {
			c.Calls++
		}
		made[p] = c
		hidden[pair{0, s.caller, s.callee}] = s.hidden
	}
	if err := e.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	f.Finish()
	for _, start := range f.Starts() {
		w := f.Take(start).Window
		sum.Merge(w)
		for id, s := range w.Edges {
			p := pair{start, id.Caller.Name, id.Callee.Name}
			c := read[p]
			read[p] = counts{c.Calls + s.Calls, c.Attempts + s.Attempts}
		}
	}
	maps.DeleteFunc(read, func(_ pair, c counts) bool { return c.Calls == 0 }) // in flight, begun earlier
	return made, read, hidden, sum
}

// Every call of twenty scenarios is read from its spans as it was made: per edge
// and window, calls and attempts are equal.
func TestTheGraphIsWhatHappened(t *testing.T) {
	for _, name := range []string{
		"bad-instance", "breaker-opens", "cache-flush", "callers-retry-at-once", "connection-pool-too-small", "consumer-stall",
		"deep-slow-service", "errors-without-latency", "external-failing", "failing-redeliveries", "growing-queue", "half-done-workflows",
		"impatient-users", "lost-packets", "network-delay", "noisy-neighbour", "noisy-tenant", "orders-done-twice", "pools-exhausted-in-turn",
		"retry-storm-outlives-trigger", "shared-database", "shared-gateway", "silent-errors", "slow-broker", "slow-database", "slow-query", "traffic-surge", "quiet-bank", "quiet-clinic",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, read, hidden, _ := seenAndFolded(t, brief(t, name), Options{Seed: 7})
			if len(made) < 20 {
				t.Fatalf("only %d edges and windows", len(made))
			}
			for p, c := range made {
				if r := read[p]; hidden[pair{0, p.caller, p.callee}] && r.Calls == c.Calls && r.Attempts >= c.Attempts {
					read[p] = c // the callee shows what the client hid
				}
			}
			if diff := cmp.Diff(lines(made), lines(read)); diff != "" {
				t.Errorf("made - read +:\n%s", diff)
			}
		})
	}
}

func lines(m map[pair]counts) (out []string) {
	for p, c := range m {
		out = append(out, fmt.Sprintf("%d %s -> %s %+v", (p.window/1e9)%100000, p.caller, p.callee, c))
	}
	slices.Sort(out)
	return out
}

// With spans lost and clocks that differ the counts stay close, and the windows
// say that something is missing.
func TestTheGraphWithLossAndSkew(t *testing.T) {
	for _, name := range []string{"slow-database", "retry-storm-outlives-trigger", "quiet-clinic"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, read, hidden, whole := seenAndFolded(t, brief(t, name), Options{Seed: 7, Loss: 0.01, Skew: 30 * time.Millisecond})
			// Completeness says that spans are missing.
			known := map[graph.NodeID]graph.NodeID{}
			for a, n := range whole.Addresses {
				known[graph.NodeID{Kind: graph.External, Scope: a.Port, Name: a.Host}] = n
			}
			named := graph.NewWindow(0, 0)
			named.MergeRenamed(whole, known)
			var paired, expected int64
			for _, e := range named.Edges {
				paired, expected = paired+e.Paired, expected+e.Expected
			}
			if share := float64(paired) / float64(expected); whole.Orphans == 0 || share > 0.998 || share < 0.9 {
				t.Errorf("%d orphans, %d of %d attempts paired: of a hundred spans one was lost", whole.Orphans, paired, expected)
			}
			want, got := map[pair]counts{}, map[pair]counts{}
			sum := func(into, from map[pair]counts) {
				for p, c := range from {
					p.window = 0
					into[p] = counts{into[p].Calls + c.Calls, into[p].Attempts + c.Attempts}
				}
			}
			sum(want, made)
			sum(got, read)
			for p, c := range want {
				if c.Calls < 200 || hidden[p] {
					continue
				}
				g := got[p]
				amplification := float64(g.Attempts) / float64(g.Calls) / (float64(c.Attempts) / float64(c.Calls))
				if off(g.Calls, c.Calls) > 0.05 || off(g.Attempts, c.Attempts) > 0.05 || math.Abs(amplification-1) > 0.05 {
					t.Errorf("%s -> %s: made %+v, read %+v", p.caller, p.callee, c, g)
				}
			}
		})
	}
}

func off(a, b int64) float64 { return math.Abs(float64(a)/float64(b) - 1) }
