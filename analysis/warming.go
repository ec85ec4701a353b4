package analysis

import "headwater/graph"

// ofCache follows how often a cache has no answer: for each question of a caller
// to the cache, the questions that it then asks elsewhere, of those that grew.
func (x *explainer) ofCache(id graph.EdgeID, windows []*graph.Window) *pressed {
	asked := edge(x.whole.base, id)
	if asked.Calls < 30 {
		return nil
	}
	// The store behind it is what is asked much less often than the cache, and
	// more often in the incident.
	var behind graph.EdgeID
	most := 0.0
	for _, e := range sortedEdges(x.whole.base.Edges) {
		if e.Caller != id.Caller || e.Callee == id.Callee || e.Async || e.Callee.Kind != graph.Database && e.Callee.Kind != graph.Service {
			continue
		}
		before := ratio(edge(x.whole.base, e).Calls, asked.Calls)
		after := ratio(edge(x.whole.now, e).Calls, edge(x.whole.now, id).Calls)
		if before < 0.7 && after > 1.2*before && after-before > most {
			most, behind = after-before, e
		}
	}
	if most < 0.03 {
		return nil
	}
	of := func(w *graph.Window) (float64, bool) {
		n := edge(w, id).Calls
		return min(1, ratio(edge(w, behind).Calls, n)), n > 5
	}
	usual, vary, ok := x.level(of)
	if !ok {
		return nil
	}
	p := &pressed{node: id.Callee, caller: behind.Callee, asks: id.Caller, limit: usual + max(usual/3, 3*vary, 0.02)}
	p.Pressing = Pressing{Kind: PressingColdCache, Subject: id.Callee.Name, Unit: "share", Usual: usual}
	p.values = follow(windows, of)
	p.comes = float64(asked.Calls) / float64(max(1, len(x.before)))
	for _, w := range windows {
		e := edge(w, behind)
		p.taken = append(p.taken, float64(e.Calls))
		p.answered = append(p.answered, orNaN(e.Time.Mean()/1e9, e.Time.N > 0))
	}
	b := edge(x.whole.base, behind)
	p.answer, p.vary = b.Time.Mean()/1e9, b.Time.Deviation()/max(b.Time.Mean(), 1)
	return p
}

// warm is when a cache is warm enough for users: their requests take longer by
// what is missing times what asking the store behind it takes.
func (x *explainer) warm(p *pressed, list []*pressed) *pressed {
	var slow *pressed
	for _, o := range list {
		if o.Kind == PressingQueue && o.Highest > o.limit && (slow == nil || o.Highest/o.Usual > slow.Highest/slow.Usual) {
			slow = o
		}
	}
	if slow == nil {
		return nil
	}
	base := x.whole.base
	windows := float64(max(1, len(x.before)))
	f := filling{
		misses: p.values, behind: p.taken, answers: p.answered, took: slow.values, usual: p.Usual, asks: p.comes, known: windows,
		others: max(0, float64(node(base, p.caller).All.Visits)/windows-p.comes*p.Usual), each: x.asksOf(slow, p.node),
		answer: p.answer, vary: p.vary, request: slow.Usual, deviation: slow.deviation, limit: slow.limit,
		window: float64(x.windows[0].Length) / 1e9, demand: x.demandOf(p.asks),
	}
	if f.each == 0 || f.answer <= 0 || f.asks <= 0 {
		return nil
	}
	out := *p
	var ok bool
	if out.ahead, ok = f.warm(); !ok {
		return nil
	}
	return &out
}

// demandOf is by how much more often than usual a node is asked in the newest
// windows: who finds it slow tries again.
func (x *explainer) demandOf(id graph.NodeID) float64 {
	asked := func(windows []*graph.Window) float64 {
		return float64(sumOver(windows, func(w *graph.Window) (n int64) {
			for e, s := range w.Edges {
				if !e.Async && e.Callee == id {
					n += s.Attempts
				}
			}
			return n
		})) / float64(max(1, len(windows)))
	}
	now := x.windows[x.at.from:]
	now = now[max(0, len(now)-demandOver):]
	usual := asked(x.before)
	if usual == 0 {
		return 1
	}
	return max(1, asked(now)/usual)
}

// asksOf is how often a request of a route asks a cache; 0 where it does not.
func (x *explainer) asksOf(slow *pressed, cache graph.NodeID) float64 {
	asked := int64(0)
	s := route(x.whole.base, graph.RouteID{Node: slow.node, Operation: slow.Subject})
	for id, a := range s.Accounts {
		if id.Kind == graph.Unpaired && id.Node == cache {
			asked += a.Logical
		}
	}
	return float64(asked) / graph.Millionth / float64(max(1, s.Requests))
}
