package analysis

import (
	"cmp"
	"slices"

	"headwater/graph"
)

// place is where pressure comes to rest: a node, an edge, or demand.
type place struct {
	kind   CauseKind
	node   graph.NodeID // the callee of an edge
	caller graph.NodeID // of an edge
	name   string       // of demand: the route; of a host: its name
	open   int          // an open question, by its number; else 0
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.kind, q.kind), p.node.Compare(q.node), p.caller.Compare(q.caller),
		cmp.Compare(p.name, q.name), cmp.Compare(p.open, q.open))
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
	called           map[graph.NodeID]bool           // by whomever, before; made when it is asked for
	scale            float64                         // incident's length over the baseline's
	relative         bool                            // the baseline is of another time: rates can't be compared
	keeping          bool                            // it asks what keeps the pressure up: retries are an answer
	routes           []graph.RouteID
	accounts         map[accountsOf][]graph.AccountID
	routeFlows       map[graph.RouteID]flows
	arriving         map[graph.NodeID][]arrival
	later            *graph.Window // now, or what follows it: who died in its course is gone then
	hosts            []sharedHost
	known            map[question]*answer
	asked            []*answer // by number
}

// question is one step of a walk: what grew at an edge or (with no caller) a
// node.
type question struct {
	what  byte
	edge  graph.EdgeID
	route graph.RouteID // where it is asked of one route alone
}

// answer is what a question came to. While it is being looked for, shares is
// nil, and pressure that comes back to it is left open.
type answer struct {
	shares shares
	number int // from 1: which question it is
}

// once answers a question once: graphs have many paths to the same node. What
// comes back to the question while it is open goes round the loop again, and so
// to where the rest of the answer goes; a loop without an exit rests at the node.
// That eliminates one unknown after the other, as Gauss does, in the order in
// which the walk meets them.
func (w *walker) once(q question, find func() shares) shares {
	if known, ok := w.known[q]; ok {
		if known.shares == nil {
			return shares{{open: known.number}: 1}
		}
		known.shares = w.closed(known.shares)
		return known.shares
	}
	a := &answer{number: len(w.asked) + 1}
	w.known[q] = a
	w.asked = append(w.asked, a)
	found := w.closed(find())
	self := place{open: a.number}
	round := found[self]
	delete(found, self)
	if len(found) == 0 || round > 1-1e-9 {
		found = shares{at(q.edge.Callee): 1}
	} else {
		for p := range found {
			found[p] /= 1 - round
		}
	}
	a.shares = found
	return found
}

// closed is a copy of the shares with the answers filled in that were open when
// they were made.
func (w *walker) closed(s shares) shares {
	out := make(shares, len(s))
	var open []place
	for p, m := range s {
		if p.open > 0 && w.asked[p.open-1].shares != nil {
			open = append(open, p)
		} else {
			out[p] = m
		}
	}
	slices.SortFunc(open, place.compare)
	for _, p := range open {
		a := w.asked[p.open-1]
		a.shares = w.closed(a.shares)
		out.add(a.shares, s[p])
	}
	return out
}

func newWalker(l *ledger, later *graph.Window, relative bool) *walker {
	w := &walker{ledger: l, later: later, relative: relative, callers: map[graph.NodeID][]graph.EdgeID{}, callees: map[graph.NodeID][]graph.EdgeID{},
		routeFlows: map[graph.RouteID]flows{}, arriving: map[graph.NodeID][]arrival{}, known: map[question]*answer{}}
	w.indexAccounts()
	w.hosts = w.sharedHosts()
	for _, e := range l.edges {
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

// keep is the same walker, but one that asks what keeps the pressure up.
func (w *walker) keep() *walker {
	k := *w
	k.keeping, k.known, k.asked = true, map[question]*answer{}, nil
	return &k
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
		if a.Caller.Kind == graph.Queue {
			return w.queued(graph.EdgeID{Caller: a.Caller, Callee: a.Node, Async: true})
		}
		return w.gap(graph.EdgeID{Caller: a.Caller, Callee: a.Node})
	case graph.Backoff:
		return w.failing(graph.EdgeID{Caller: a.Caller, Callee: a.Node})
	default:
		return w.unseen(graph.EdgeID{Caller: a.Caller, Callee: a.Node})
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
		if e, ok := w.shortOfConnections(n); ok {
			out.add(shares{{kind: CauseEdge, caller: n, node: e.Callee}: 1}, 1-waits)
			return out
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

// slowEdges are the calls of a node that clearly take longer than before, and not
// only because the node itself is slow to send and to receive.
func (w *walker) slowEdges(n graph.NodeID) []graph.EdgeID {
	var out []graph.EdgeID
	for _, e := range w.callees[n] {
		b, a := edge(w.base, e).Time, edge(w.now, e).Time
		if b.N >= 5 && a.N >= 5 && a.Mean() > 1.5*b.Mean()+2*a.StandardError() && !w.ownDoing(e) {
			out = append(out, e)
		}
	}
	return out
}

// ownDoing reports whether a call takes longer on the way only, for its caller
// alone or as all that it calls, and the caller is slow itself.
func (w *walker) ownDoing(e graph.EdgeID) bool {
	b, a := edge(w.base, e), edge(w.now, e)
	if a.Gap.Mean()-b.Gap.Mean() < 0.5*(a.Time.Mean()-b.Time.Mean()) || !w.othersSpared(e) && !w.shared(e) {
		return false
	}
	pace, ok := w.ownPace(e.Caller)
	return ok && pace > 1.3
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
		missed := 0.0 // by attempts that the callee never saw
		if e.Callee.Kind == graph.Service {
			missed = max(0, missedShare(ea)-missedShare(eb))
		}
		add(w.unseen(e), (grown-gap)*missed)
		add(w.visit(e.Callee), (grown-gap)*(1-missed))
	}
	if total == 0 {
		return w.node(n)
	}
	for p := range out {
		out[p] /= total
	}
	return out
}
