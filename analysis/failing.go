package analysis

import "headwater/graph"

// failed gives where the failures booked to an account come from.
func (w *walker) failed(a graph.AccountID) shares {
	switch a.Kind {
	case graph.Gap:
		return w.gap(graph.EdgeID{Caller: a.Caller, Callee: a.Node})
	case graph.Unpaired:
		return w.unseen(graph.EdgeID{Caller: a.Caller, Callee: a.Node})
	}
	return w.ownFailures(a.Node)
}

// ownFailures is where failures of a node that no failing call explains come
// from. A rejection goes to the pool that was full, and so to what fills it;
// failing at once, without asking a callee that fails, goes to the callee.
func (w *walker) ownFailures(n graph.NodeID) shares {
	if n.Kind != graph.Service {
		return w.node(n)
	}
	return w.once(question{what: 'w', edge: graph.EdgeID{Callee: n}}, func() shares {
		full := w.rejecting(n)
		skipped, callees := w.skipped(n)
		skipped = min(skipped, 1-full)
		out := shares{}
		if full > 0 {
			out.add(w.filled(n), full)
		}
		if skipped > 0 {
			out.add(callees, skipped)
		}
		out.add(w.crowded(n), 1-full-skipped)
		return out
	})
}

// skipped is the part of a node's own failures that stand in for calls which it
// no longer makes, since they fail: a breaker is open. It comes with why those
// calls fail.
func (w *walker) skipped(n graph.NodeID) (float64, shares) {
	b, a := node(w.base, n).All, node(w.now, n).All
	own := float64(a.FailedOwn) - float64(b.FailedOwn)*ratio(a.Visits, b.Visits)
	if own <= 0 || b.Visits == 0 {
		return 0, nil
	}
	var m mix
	for _, e := range w.callees[n] {
		eb, ea := edge(w.base, e), edge(w.now, e)
		missing := ratio(eb.Calls, b.Visits)*float64(a.Visits) - float64(ea.Calls)
		failing := ratio(ea.Failed, ea.Calls) > ratio(eb.Failed, eb.Calls)+0.1
		if failing && missing > 0.1*own {
			m.add(w.failing(e), missing)
		}
	}
	return min(1, m.total/own), m.shares(at(n))
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
		return w.crowded(n)
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
	b := edge(w.base, e)
	if missedShare(s) > missedShare(b)+0.02 {
		missed := min(s.Attempts-s.Paired, late+failed)
		out.add(w.unseen(e), ratio(missed, late+failed))
		rest := late + failed - missed
		if rest == 0 {
			return out
		}
		seen := w.seenFailing(e, late, failed)
		out.add(seen, ratio(rest, late+failed))
		return out
	}
	return w.seenFailing(e, late, failed)
}

// seenFailing is why attempts fail that the callee saw.
func (w *walker) seenFailing(e graph.EdgeID, late, failed int64) shares {
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
		out.add(w.ownFailures(n), total)
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
