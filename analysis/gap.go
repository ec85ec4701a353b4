package analysis

import (
	"headwater/graph"
)

// gap is where the growth of an edge's gap comes from. A gap has two sides: what
// all callers of a node see is the node's own; what all callees of a node show
// is the caller's; what one pair shows is the edge between them.
func (w *walker) gap(e graph.EdgeID) shares {
	n := e.Callee
	if n.Kind != graph.Service {
		return shares{at(n): 1}
	}
	return w.once(question{what: 'g', edge: e}, func() shares { return w.findGap(e) })
}

func (w *walker) findGap(e graph.EdgeID) shares {
	n := e.Callee
	callers, callersGrown := w.grown(w.callers[n])
	_, outGrown := w.grown(w.callees[n])
	pair := place{kind: CauseEdge, caller: e.Caller, node: n}
	all := w.shared(e)         // by what the caller calls
	alone := w.othersSpared(e) // among the callers
	switch {
	case all && alone:
		return w.node(e.Caller) // all that it calls seems far, and to it alone
	case alone:
		if pace, ok := w.ownPace(e.Caller); ok && pace > 1.3 {
			return w.node(e.Caller) // who lacks a processor is late to send and to receive
		}
		return shares{pair: 1}
	case w.slowed(n) && w.fills(e): // a queue is no resting place: what fills the node made it
		return w.visit(n)
	case w.congestion(n) > 0.3:
		return w.node(n)
	case all && callers > callersGrown:
		return shares{at(e.Caller): 1}
	case callers > 1, outGrown > 0:
		if all {
			return shares{at(n): 0.5, at(e.Caller): 0.5}
		}
		return shares{at(n): 1}
	case all:
		return shares{at(e.Caller): 0.7, at(n): 0.3}
	}
	if steady(edge(w.base, e).Gap, edge(w.now, e).Gap) {
		if w.reachesOthers(n) {
			return shares{pair: 0.7, at(n): 0.3}
		}
		return shares{at(n): 0.55, pair: 0.45} // its only way: who can tell
	}
	return shares{at(n): 0.7, pair: 0.3}
}

// reachesOthers reports whether a node's own calls are answered as fast as ever:
// then its way to the rest of the system is well.
func (w *walker) reachesOthers(n graph.NodeID) bool {
	for _, e := range w.callees[n] {
		b, a := edge(w.base, e).Time, edge(w.now, e).Time
		if b.N >= fewRequests && a.N >= fewRequests && a.Mean() < 1.2*b.Mean()+2*a.StandardError() {
			return true
		}
	}
	return false
}

// shared reports whether a caller waits longer on the way to all that it calls:
// by about as much as on this edge to another callee, and to none hardly longer.
func (w *walker) shared(e graph.EdgeID) bool {
	here := edge(w.now, e).Gap.Mean() - edge(w.base, e).Gap.Mean()
	grown := 0
	for _, c := range w.callees[e.Caller] {
		b, a := edge(w.base, c).Gap, edge(w.now, c).Gap
		if c == e || b.N < fewRequests || a.N < fewRequests {
			continue
		}
		more, sure := a.Mean()-b.Mean(), 2*(a.StandardError()+b.StandardError())
		switch {
		case more+sure < 0.3*here:
			return false
		case more-sure > 0.3*here:
			grown++
		}
	}
	return grown > 0
}

// othersSpared reports whether another caller of an edge's callee waits hardly
// longer than before, beyond doubt.
func (w *walker) othersSpared(e graph.EdgeID) bool {
	here := edge(w.now, e).Gap.Mean() - edge(w.base, e).Gap.Mean()
	for _, c := range w.callers[e.Callee] {
		b, a := edge(w.base, c).Gap, edge(w.now, c).Gap
		if c != e && b.N >= fewRequests && a.N >= fewRequests && a.Mean()-b.Mean()+2*(a.StandardError()+b.StandardError()) < 0.3*here {
			return true
		}
	}
	return false
}

// steady reports whether durations grew by about the same, each of them: so does
// a longer way, while a queue keeps some waiting and others not.
func steady(before, after graph.Moments) bool {
	grown := after.Mean() - before.Mean()
	spread := after.Deviation()*after.Deviation() - before.Deviation()*before.Deviation()
	return after.N >= enough && grown > 0 && spread < 0.1*grown*grown
}

// shifted reports whether durations that differ from one another grew by about
// the same each, and not by the same factor, as slow work does: then they would
// differ as much as ever, in proportion.
func shifted(before, after graph.Moments) bool {
	if before.Sum == 0 || after.N < enough {
		return false
	}
	factor := after.Mean() / before.Mean()
	differ0, differ1 := before.Deviation()/before.Mean(), after.Deviation()/after.Mean()
	return factor > 1.8 && differ0 > 0.2 && differ1 < 0.7*differ0
}

// served is where the slowness of an inferred node is: at the node, or on the
// way of the one caller that sees it.
func (w *walker) served(n graph.NodeID) shares {
	var slow []graph.EdgeID
	well := 0
	for _, e := range w.callers[n] {
		b, a := edge(w.base, e), edge(w.now, e)
		if b.Time.N < fewRequests || a.Time.N < fewRequests {
			continue
		}
		worse := a.Time.Mean() > 1.3*b.Time.Mean()+2*a.Time.StandardError() || ratio(a.Failed, a.Calls) > ratio(b.Failed, b.Calls)+0.02
		if worse {
			slow = append(slow, e)
		} else {
			well++
		}
	}
	if len(slow) == 1 && w.everyQuery(slow[0]) {
		pair := place{kind: CauseEdge, caller: slow[0].Caller, node: n}
		if well > 0 {
			return shares{pair: 0.7, at(n): 0.3}
		}
	}
	if len(slow) == 1 && well == 0 {
		pair := place{kind: CauseEdge, caller: slow[0].Caller, node: n}
		now := edge(w.now, slow[0])
		if 20*now.Outcomes[graph.TimedOut] < now.Attempts && shifted(edge(w.base, slow[0]).Time, now.Time) {
			return shares{pair: 0.6, at(n): 0.4}
		}
		if w.swallowed(n, now) {
			return shares{pair: 0.75, at(n): 0.25}
		}
		return shares{at(n): 0.9, pair: 0.1}
	}
	return shares{at(n): 1}
}

// swallowed reports whether attempts at an inferred node time out while all that
// is answered is answered as fast as ever: they get lost on the way.
func (w *walker) swallowed(n graph.NodeID, now *graph.EdgeStats) bool {
	b, a := node(w.base, n).All.SelfOK, node(w.now, n).All.SelfOK
	late := now.Outcomes[graph.TimedOut] + now.Outcomes[graph.Cancelled]
	return a.N >= enough && 20*late > now.Attempts && now.Outcomes[graph.Failed]+now.Outcomes[graph.Refused] < late/10+1 &&
		a.Mean() < 1.1*b.Mean()+2*a.StandardError()
}

// everyQuery reports whether a caller waits longer for all that it asks an
// inferred node for, or for what others are answered as fast as ever. Else it is
// that query, and not the way, that is slow.
func (w *walker) everyQuery(e graph.EdgeID) bool {
	type pace struct{ ours, others [2]graph.AccountStats }
	queries := map[string]*pace{}
	for i, win := range []*graph.Window{w.base, w.now} {
		for _, r := range win.Routes {
			for id, s := range r.Accounts {
				if id.Kind != graph.Unpaired || id.Node != e.Callee {
					continue
				}
				q := queries[id.Operation]
				if q == nil {
					q = &pace{}
					queries[id.Operation] = q
				}
				sum := &q.others[i]
				if id.Caller == e.Caller {
					sum = &q.ours[i]
				}
				sum.Time += s.Time
				sum.Visits += s.Visits
			}
		}
	}
	slower := func(p [2]graph.AccountStats) (slower, known bool) {
		return ratio(p[1].Time, p[1].Visits) > 1.3*ratio(p[0].Time, p[0].Visits), p[0].Visits >= fewRequests && p[1].Visits >= fewRequests
	}
	asked, slow := 0, 0
	for _, q := range queries {
		ours, known := slower(q.ours)
		if !known {
			continue
		}
		asked++
		if !ours {
			continue
		}
		slow++
		if others, known := slower(q.others); known && !others {
			return true
		}
	}
	return asked > 1 && slow == asked
}

// queueOf is how many times the growth of a node's visits a queue before it may
// grow: more than that a busy node can hardly make of it.
const queueOf = 50

// fills reports whether the growth of a callee's visits can have made the wait
// for it.
func (w *walker) fills(e graph.EdgeID) bool {
	b, a := node(w.base, e.Callee).All.Time, node(w.now, e.Callee).All.Time
	return queueOf*(a.Mean()-b.Mean()) > edge(w.now, e).Gap.Mean()-edge(w.base, e).Gap.Mean()
}

// slowed reports whether a node's visits take clearly longer than before.
func (w *walker) slowed(n graph.NodeID) bool {
	b, a := node(w.base, n).All.Time, node(w.now, n).All.Time
	return b.N > 0 && a.Mean() > 1.2*b.Mean()+2*a.StandardError()
}

// grown counts the synchronous edges with enough calls, and of them those whose
// gap grew beyond noise.
func (w *walker) grown(edges []graph.EdgeID) (all, grown int) {
	for _, e := range edges {
		b, a := edge(w.base, e).Gap, edge(w.now, e).Gap
		if b.N < 5 || a.N < 5 {
			continue
		}
		all++
		call := edge(w.base, e).Time.Mean()
		if a.Mean() > b.Mean()+max(0.1*call, 0.3*b.Mean(), 2*(a.StandardError()+b.StandardError())) {
			grown++
		}
	}
	return all, grown
}

// shortOfConnections finds the call for which requests of a node wait inside it
// though its callee is as quick as ever and there is no more to do: the time
// right before that call grew, and hardly any other. Slow code would be slow
// everywhere, and a full pool of workers would delay all that the node does.
func (w *walker) shortOfConnections(n graph.NodeID) (graph.EdgeID, bool) {
	b, a := node(w.base, n).All, node(w.now, n).All
	grown := a.Self.Mean() - b.Self.Mean()
	if n.Kind != graph.Service || b.Self.N < fewRequests || grown < 0.5*b.Self.Mean() || w.congestion(n) > 0 {
		return graph.EdgeID{}, false
	}
	for _, e := range w.callees[n] {
		eb, ea := edge(w.base, e), edge(w.now, e)
		if eb.Before.N < fewRequests || ea.Before.N < fewRequests || ea.Time.Mean() > 1.2*eb.Time.Mean() {
			continue
		}
		before0, before1 := ratio(eb.Before.Sum, b.Visits), ratio(ea.Before.Sum, a.Visits)
		other0, other1 := b.Self.Mean()-before0, a.Self.Mean()-before1
		if before1-before0 > 0.85*grown && other0 > 0.15*b.Self.Mean() && before0 > 0 && other1/other0 < 0.3*before1/before0 {
			return e, true
		}
	}
	return graph.EdgeID{}, false
}
