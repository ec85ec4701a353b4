package analysis

import "headwater/graph"

// crowded is the node itself, but for the part that its arrivals explain.
func (w *walker) crowded(n graph.NodeID) shares {
	crowd := w.congestion(n)
	out := shares{at(n): 1 - crowd}
	if crowd > 0 {
		out.add(w.raisers(n), crowd)
	}
	return out
}

// congestion is the part of a node's slowdown that more arrivals explain: none
// below a fifth more, most of it when they doubled.
func (w *walker) congestion(n graph.NodeID) float64 {
	before := float64(node(w.base, n).All.Visits) * w.scale
	after := float64(node(w.now, n).All.Visits)
	if w.relative || before < 20 || after < 1.2*before {
		return 0
	}
	growth := after/before - 1
	return min(0.9, growth/(growth+0.5))
}

// raisers are who raised the arrivals at a node: demand, callers that make more
// calls, or retries (which go back to what made them necessary).
func (w *walker) raisers(n graph.NodeID) shares {
	return w.once('r', graph.EdgeID{Callee: n}, func() shares { return w.findRaisers(n) })
}

func (w *walker) findRaisers(n graph.NodeID) shares {
	out := shares{}
	total := 0.0
	add := func(p shares, weight float64) {
		if weight > 0 {
			out.add(p, weight)
			total += weight
		}
	}
	for _, e := range w.callers[n] {
		b, a := edge(w.base, e), edge(w.now, e)
		calls0, calls1 := float64(b.Calls)*w.scale, float64(a.Calls)
		retries := float64(a.Attempts-a.Calls) - float64(b.Attempts-b.Calls)*w.scale
		add(w.failing(e), retries)
		visits0 := float64(node(w.base, e.Caller).All.Visits) * w.scale
		visits1 := float64(node(w.now, e.Caller).All.Visits)
		if visits0 == 0 || visits1 == 0 {
			add(shares{at(e.Caller): 1}, calls1-calls0)
			continue
		}
		// calls = visits * calls per visit: the midpoint rule.
		add(shares{w.missed(e): 1}, (calls1/visits1-calls0/visits0)*(visits0+visits1)/2)
		if more := (visits1 - visits0) * (calls1/visits1 + calls0/visits0) / 2; more > 0.1*calls0 {
			add(w.raisers(e.Caller), more)
		}
	}
	for _, id := range sortedRoutes(w.now.Routes) {
		if id.Node == n {
			more := float64(route(w.now, id).Requests) - float64(route(w.base, id).Requests)*w.scale
			add(shares{place{kind: CauseLoad, node: n, route: id.Operation}: 1}, more)
		}
	}
	if total == 0 {
		out[at(n)] = 1
		return out
	}
	for p := range out {
		out[p] /= total
	}
	return out
}

// missed is who decides how often an edge is called: the caller, or the cache
// that it asks before it turns to a database.
func (w *walker) missed(e graph.EdgeID) place {
	if e.Callee.Kind == graph.Database {
		for _, c := range w.callees[e.Caller] {
			if c.Callee.Kind == graph.Cache {
				return at(c.Callee)
			}
		}
	}
	return at(e.Caller)
}
