package analysis

import (
	"headwater/graph"
)

// place is where pressure comes to rest: a node, an edge, or demand.
type place struct {
	kind   CauseKind
	node   graph.NodeID // the callee of an edge
	caller graph.NodeID // of an edge
	route  string       // of demand
}

func (p place) compare(q place) int {
	switch {
	case p.kind != q.kind:
		if p.kind < q.kind {
			return -1
		}
		return 1
	case p.node != q.node:
		return p.node.Compare(q.node)
	case p.caller != q.caller:
		return p.caller.Compare(q.caller)
	case p.route < q.route:
		return -1
	case p.route > q.route:
		return 1
	}
	return 0
}

// at is the place of a node itself.
func at(n graph.NodeID) place { return place{kind: kindOf(n), node: n} }

func kindOf(n graph.NodeID) CauseKind {
	switch n.Kind {
	case graph.Database:
		return CauseDatabase
	case graph.Cache:
		return CauseCache
	case graph.Queue:
		return CauseQueue
	case graph.External:
		return CauseExternal
	}
	return CauseService
}

// walker carries pressure from the account in which users feel it to where it
// comes from. It walks through nodes that look healthy: each step follows what
// grew, not what is red.
type walker struct {
	*ledger
	callers, callees map[graph.NodeID][]graph.EdgeID // synchronous, in order
	scale            float64                         // incident's length over the baseline's
	relative         bool                            // the baseline is of another time: rates can't be compared
	// known holds the answers found so far; nil while one is being looked for.
	known map[question]shares
}

// question is one step of a walk: what grew at an edge or (with no caller) a
// node.
type question struct {
	what byte
	edge graph.EdgeID
}

// once answers a question once: graphs have many paths to the same node. A walk
// that comes back to an open question ends at the node.
func (w *walker) once(what byte, e graph.EdgeID, answer func() shares) shares {
	q := question{what, e}
	if s, ok := w.known[q]; ok {
		if s == nil {
			return shares{at(e.Callee): 1}
		}
		return s
	}
	w.known[q] = nil
	s := answer()
	w.known[q] = s
	return s
}

func newWalker(l *ledger) *walker {
	w := &walker{ledger: l, callers: map[graph.NodeID][]graph.EdgeID{}, callees: map[graph.NodeID][]graph.EdgeID{}, known: map[question]shares{}}
	for _, e := range sortedEdges(l.now.Edges) {
		if !e.Async {
			w.callers[e.Callee] = append(w.callers[e.Callee], e)
			w.callees[e.Caller] = append(w.callees[e.Caller], e)
		}
	}
	w.scale = 1
	if l.base.Length > 0 {
		w.scale = float64(l.now.Length) / float64(l.base.Length)
	}
	return w
}

// shares is a distribution over places.
type shares map[place]float64

func (s shares) add(from shares, weight float64) {
	for p, m := range from {
		s[p] += m * weight
	}
}

// from gives where the excess of an account comes to rest, as shares of 1.
func (w *walker) from(a graph.AccountID) shares {
	switch a.Kind {
	case graph.Own:
		return w.node(a.Node)
	case graph.Gap:
		return w.gap(graph.EdgeID{Caller: a.Caller, Callee: a.Node})
	case graph.Backoff:
		return w.failing(graph.EdgeID{Caller: a.Caller, Callee: a.Node})
	default:
		return w.node(a.Node)
	}
}

// node rests at the node, but for the part that its arrivals explain: that goes
// to those who raised them.
func (w *walker) node(n graph.NodeID) shares {
	out := shares{}
	crowd := w.congestion(n)
	out[at(n)] += 1 - crowd
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
		add(shares{at(e.Caller): 1}, (calls1/visits1-calls0/visits0)*(visits0+visits1)/2)
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

// visit is where the growth of a node's visits comes from: its own time, and
// the calls that it makes.
func (w *walker) visit(n graph.NodeID) shares {
	if n.Kind != graph.Service {
		return w.node(n)
	}
	return w.once('v', graph.EdgeID{Callee: n}, func() shares { return w.findVisit(n) })
}

func (w *walker) findVisit(n graph.NodeID) shares {
	out := shares{}
	b, a := node(w.base, n), node(w.now, n)
	visits := float64(a.All.Visits)
	total := 0.0
	add := func(p shares, weight float64) {
		if weight > 0 {
			out.add(p, weight)
			total += weight
		}
	}
	if b.All.Visits > 0 {
		add(w.node(n), (a.All.Self.Mean()-b.All.Self.Mean())*visits)
	}
	for _, e := range w.callees[n] {
		eb, ea := edge(w.base, e), edge(w.now, e)
		perVisit0 := ratio(eb.Time.Sum, b.All.Visits)
		perVisit1 := ratio(ea.Time.Sum, a.All.Visits)
		grown := (perVisit1 - perVisit0) * visits
		if grown <= 0 {
			continue
		}
		gap := min(grown, max(0, ratio(ea.Gap.Sum, a.All.Visits)-ratio(eb.Gap.Sum, b.All.Visits))*visits)
		if gap > 0 {
			add(w.gap(e), gap)
		}
		add(w.visit(e.Callee), grown-gap)
	}
	if total == 0 {
		return w.node(n)
	}
	for p := range out {
		out[p] /= total
	}
	return out
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
	return w.once('f', graph.EdgeID{Callee: n}, func() shares { return w.findFailures(n) })
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
