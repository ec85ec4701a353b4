package analysis

import "headwater/graph"

// failed gives where the failures booked to an account come from. A rejection
// goes to the pool that was full, and so to what fills it.
func (w *walker) failed(a graph.AccountID) shares {
	if a.Kind == graph.Gap {
		return w.gap(graph.EdgeID{Caller: a.Caller, Callee: a.Node})
	}
	if a.Node.Kind != graph.Service {
		return w.node(a.Node)
	}
	full := w.rejecting(a.Node)
	out := shares{}
	out.add(w.crowded(a.Node), 1-full)
	if full > 0 {
		out.add(w.filled(a.Node), full)
	}
	return out
}

// rejecting is the share of a node's failed visits that it turned away.
func (w *walker) rejecting(n graph.NodeID) float64 {
	var rejected, failed int64
	for _, e := range w.callers[n] {
		o := edge(w.now, e).Outcomes
		rejected += o[graph.Rejected]
		failed += o[graph.Rejected] + o[graph.Failed] + o[graph.Refused]
	}
	return ratio(rejected, failed)
}

// filled is what fills a node's workers: slow visits, or more of them.
func (w *walker) filled(n graph.NodeID) shares {
	switch {
	case len(w.slowEdges(n)) > 0:
		return w.slowedCallees(n)
	case w.congestion(n) > 0:
		return w.raisers(n)
	case w.slowed(n):
		return w.visit(n)
	}
	return shares{at(n): 1}
}

// failing is why attempts of an edge fail: the callee itself, what it waits for
// where they time out, or its own failing callees.
func (w *walker) failing(e graph.EdgeID) shares {
	if e.Callee.Kind != graph.Service {
		return shares{at(e.Callee): 1}
	}
	s := edge(w.now, e)
	late := s.Outcomes[graph.TimedOut] + s.Outcomes[graph.Cancelled]
	failed := s.Outcomes[graph.Failed] + s.Outcomes[graph.Rejected] + s.Outcomes[graph.Refused]
	if late+failed == 0 {
		return shares{at(e.Callee): 1}
	}
	out := shares{}
	if late > 0 {
		out.add(w.visit(e.Callee), ratio(late, late+failed))
	}
	if failed > 0 {
		out.add(w.failures(e.Callee), ratio(failed, late+failed))
	}
	return out
}

// failures is where the failures of a node's visits come from.
func (w *walker) failures(n graph.NodeID) shares {
	return w.once(question{what: 'f', edge: graph.EdgeID{Callee: n}}, func() shares { return w.findFailures(n) })
}

func (w *walker) findFailures(n graph.NodeID) shares {
	out := shares{}
	own := float64(node(w.now, n).All.FailedOwn) - float64(node(w.base, n).All.FailedOwn)*w.scale
	total := max(0, own)
	if total > 0 {
		out[at(n)] += total
	}
	for _, e := range w.callees[n] {
		more := float64(edge(w.now, e).Failed) - float64(edge(w.base, e).Failed)*w.scale
		if more > 0 {
			out.add(w.failing(e), more)
			total += more
		}
	}
	if total == 0 {
		return shares{at(n): 1}
	}
	for p := range out {
		out[p] /= total
	}
	return out
}
