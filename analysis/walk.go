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
	routes           []graph.RouteID
	accounts         map[accountsOf][]graph.AccountID
	routeFlows       map[graph.RouteID]flows
	arriving         map[graph.NodeID][]arrival
	// known holds the answers found so far; nil while one is being looked for.
	known map[question]shares
}

// question is one step of a walk: what grew at an edge or (with no caller) a
// node.
type question struct {
	what  byte
	edge  graph.EdgeID
	route graph.RouteID // where it is asked of one route alone
}

// once answers a question once: graphs have many paths to the same node. A walk
// that comes back to an open question ends at the node.
func (w *walker) once(q question, answer func() shares) shares {
	if s, ok := w.known[q]; ok {
		if s == nil {
			return shares{at(q.edge.Callee): 1}
		}
		return s
	}
	w.known[q] = nil
	s := answer()
	w.known[q] = s
	return s
}

func newWalker(l *ledger, relative bool) *walker {
	w := &walker{ledger: l, relative: relative, callers: map[graph.NodeID][]graph.EdgeID{}, callees: map[graph.NodeID][]graph.EdgeID{},
		routeFlows: map[graph.RouteID]flows{}, arriving: map[graph.NodeID][]arrival{}, known: map[question]shares{}}
	w.indexAccounts()
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

// mix adds up shares by weight; what is not positive does not count.
type mix struct {
	sum   shares
	total float64
}

func (m *mix) add(s shares, weight float64) {
	if !(weight > 0) {
		return
	}
	if m.sum == nil {
		m.sum = shares{}
	}
	m.sum.add(s, weight)
	m.total += weight
}

// shares gives the mix as a distribution; an empty one rests at the place.
func (m *mix) shares(empty place) shares {
	if m.total == 0 {
		return shares{empty: 1}
	}
	for p := range m.sum {
		m.sum[p] /= m.total
	}
	return m.sum
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

// node rests at the node, but for what it only waited for, and for the part that
// its arrivals explain: that goes to those who raised them.
func (w *walker) node(n graph.NodeID) shares {
	return w.once(question{what: 'n', edge: graph.EdgeID{Callee: n}}, func() shares {
		out := shares{}
		waits := w.waiting(n)
		if waits > 0 {
			out.add(w.slowedCallees(n), waits)
		}
		out.add(w.crowded(n), 1-waits)
		return out
	})
}

// waiting is the part of a node's own growth that lies right before its calls,
// where a callee became slow: a wait for a connection or a worker that the slow
// callee holds, and no work. Slow code slows its callees' callers not their
// callees.
func (w *walker) waiting(n graph.NodeID) float64 {
	b, a := node(w.base, n).All, node(w.now, n).All
	grown := a.Self.Mean() - b.Self.Mean()
	if grown <= 0 || b.Visits == 0 || len(w.slowEdges(n)) == 0 {
		return 0
	}
	before := 0.0
	for _, e := range w.callees[n] {
		before += max(0, ratio(edge(w.now, e).Before.Sum, a.Visits)-ratio(edge(w.base, e).Before.Sum, b.Visits))
	}
	return min(1, before/grown)
}

// slowEdges are the calls of a node that clearly take longer than before.
func (w *walker) slowEdges(n graph.NodeID) []graph.EdgeID {
	var out []graph.EdgeID
	for _, e := range w.callees[n] {
		b, a := edge(w.base, e).Time, edge(w.now, e).Time
		if b.N >= 5 && a.N >= 5 && a.Mean() > 1.5*b.Mean()+2*a.StandardError() {
			out = append(out, e)
		}
	}
	return out
}

// slowedCallees is where the growth of a node's slow calls comes from.
func (w *walker) slowedCallees(n graph.NodeID) shares {
	out := shares{}
	total := 0.0
	for _, e := range w.slowEdges(n) {
		b, a := edge(w.base, e).Time, edge(w.now, e).Time
		weight := (a.Mean() - b.Mean()) * float64(a.N)
		out.add(w.visit(e.Callee), weight)
		total += weight
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
	return w.once(question{what: 'v', edge: graph.EdgeID{Callee: n}}, func() shares { return w.findVisit(n) })
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
