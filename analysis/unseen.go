package analysis

import (
	"cmp"
	"maps"
	"slices"

	"headwater/graph"
)

// unseen is why attempts of an edge never showed at the callee: the callee, or
// one copy of it, is gone; it is overrun; or what is sent does not arrive.
func (w *walker) unseen(e graph.EdgeID) shares {
	n := e.Callee
	if n.Kind != graph.Service {
		return w.node(n)
	}
	return w.once(question{what: 'u', edge: e}, func() shares {
		if w.vanished(n) {
			return shares{at(n): 1}
		}
		if w.congestion(n) > 0.3 && w.strained(n) {
			return w.crowded(n)
		}
		others, missed := 0, 0
		for _, c := range w.callers[n] {
			if b, a := edge(w.base, c), edge(w.now, c); c != e && b.Attempts >= fewRequests && a.Attempts >= fewRequests {
				others++
				if missedShare(a) > missedShare(b)+0.02 {
					missed++
				}
			}
		}
		pair := place{kind: CauseEdge, caller: e.Caller, node: n}
		switch {
		case missed > 0:
			return shares{at(n): 1}
		case others > 0:
			return shares{pair: 1}
		}
		return shares{pair: 0.7, at(n): 0.3}
	})
}

// strained reports whether a node shows by what it answers that it has too much
// to do: it is slower, or keeps its callers waiting, or turns them away.
func (w *walker) strained(n graph.NodeID) bool {
	b, a := node(w.base, n).All.GapIn, node(w.now, n).All.GapIn
	return w.slowed(n) || w.rejecting(n) > 0.05 || a.Mean() > 1.3*b.Mean()+2*a.StandardError()
}

// missedShare is the share of the attempts at a service that never showed there.
func missedShare(e *graph.EdgeStats) float64 { return ratio(e.Attempts-e.Paired, e.Attempts) }

// vanished reports whether a service, or a copy of it among several, hardly
// shows any visits any more. Of a service that is called as often as ever that
// means that it does not answer.
func (w *walker) vanished(n graph.NodeID) bool {
	return gone(node(w.base, n).All.Visits, node(w.later, n).All.Visits, w.laterScale()) || len(w.lost(n)) > 0
}

func (w *walker) laterScale() float64 {
	if w.base.Length == 0 {
		return 1
	}
	return float64(w.later.Length) / float64(w.base.Length)
}

// lost are the copies of a service that show hardly any visits while others do.
func (w *walker) lost(n graph.NodeID) []graph.Instance {
	b, a := node(w.base, n), node(w.later, n)
	var out []graph.Instance
	present := false
	for _, id := range sortedInstances(b.Instances) {
		now := int64(0)
		if s := a.Instances[id]; s != nil {
			now = s.Visits
		}
		if gone(b.Instances[id].Visits, now, w.laterScale()) {
			out = append(out, id)
		} else {
			present = true
		}
	}
	if !present {
		return nil // another release, or another time: all copies have new names
	}
	return out
}

// gone reports whether there are far fewer visits than there should be.
func gone(before, now int64, scale float64) bool {
	expected := float64(before) * scale
	return expected >= 10 && float64(now) < 0.2*expected
}

func sortedInstances[V any](m map[graph.Instance]V) []graph.Instance {
	return slices.SortedFunc(maps.Keys(m), func(p, q graph.Instance) int {
		return cmp.Or(cmp.Compare(p.Name, q.Name), cmp.Compare(p.Host, q.Host), cmp.Compare(p.Version, q.Version), cmp.Compare(p.Zone, q.Zone))
	})
}
