package analysis

import (
	"cmp"
	"math"
	"slices"

	"headwater/graph"
)

// impact is what each entry route suffered, worst first. Routes that nothing
// happened to are left out.
func (x *explainer) impact() []Impact {
	out := []Impact{}
	for _, p := range x.whole.pains {
		if p.seconds == 0 && p.failures == 0 {
			continue
		}
		b, n := route(x.whole.base, p.route), route(x.whole.now, p.route)
		was, is := stands(b), stands(n)
		out = append(out, Impact{
			Node: p.route.Node, Service: p.route.Node.Name, Route: p.route.Operation,
			Requests: int64(math.Round(is.requests)), Failed: int64(math.Round(is.failed)),
			BaselineFailed: round(was.failing(), 5),
			BaselineRate:   round(was.rate(x.whole.base), 3), Rate: round(is.rate(x.whole.now), 3),
			BaselineP50: round(b.Latency.Quantile(0.5)/1e9, 6), P50: round(n.Latency.Quantile(0.5)/1e9, 6),
			BaselineP95: round(b.Latency.Quantile(0.95)/1e9, 6), P95: round(n.Latency.Quantile(0.95)/1e9, 6),
			ExcessSeconds: round(p.seconds, 3),
		})
	}
	slices.SortStableFunc(out, func(a, b Impact) int {
		hurt := func(i *Impact) float64 {
			return i.ExcessSeconds + failureWeight*max(0, float64(i.Failed)-i.BaselineFailed*float64(i.Requests))
		}
		return cmp.Or(cmp.Compare(hurt(&b), hurt(&a)), a.Node.Compare(b.Node), cmp.Compare(a.Route, b.Route))
	})
	return out
}

// pressure is the occupancy above the baseline: own, and with callees, of a
// node; both in visits under way on average.
func (x *explainer) pressure(base, now *graph.Window, id graph.NodeID) (own, inherited float64) {
	b, n := node(base, id).All, node(now, id).All
	inFlight := func(m graph.Moments, w *graph.Window) float64 {
		if w.Length == 0 {
			return 0
		}
		return float64(m.Sum) / float64(w.Length)
	}
	own = inFlight(n.Self, now) - inFlight(b.Self, base)
	return own, inFlight(n.Time, now) - inFlight(b.Time, base) - own
}

// views draws the graph of the incident. Attempts are told of the windows in which
// what set it off, or what keeps it up, lasts: what comes after is no part of a storm.
func (x *explainer) views(causes []Cause, lasting []*graph.Window) ([]NodeView, []EdgeView) {
	nodes, edges := []NodeView{}, []EdgeView{}
	rank := map[string]int{}
	for i := range causes {
		if r, ok := rank[causes[i].Parent]; !ok || causes[i].Rank < r {
			rank[causes[i].Parent] = causes[i].Rank
		}
	}
	base, now := x.whole.base, x.whole.now
	entries := map[graph.NodeID]bool{}
	for id := range now.Routes {
		entries[id.Node] = true
	}
	for e := range now.Edges {
		if e.Async {
			delete(entries, e.Callee) // a consumer is no door for users
		}
	}
	seen := map[graph.NodeID]bool{}
	for id := range now.Nodes {
		seen[id] = true
	}
	for e := range now.Edges {
		seen[e.Caller], seen[e.Callee] = true, true
	}
	for _, id := range sortedNodes(seen) {
		b, n := node(base, id).All, node(now, id).All
		own, inherited := x.pressure(base, now, id)
		nodes = append(nodes, NodeView{
			ID: id, Kind: id.Kind.String(), Name: id.Name, Entry: entries[id],
			Own: round(own, 4), Inherited: round(inherited, 4), Rate: round(perSecond(n.Visits, now), 3),
			ErrorRate: round(ratio(n.Failed, n.Visits), 5), Baseline: round(b.Time.Mean()/1e9, 6), Mean: round(n.Time.Mean()/1e9, 6),
			Onset: x.onsetOf(onsetOf{id, 's'}, func(w *graph.Window) (float64, bool) { return meanOf(node(w, id).All.Self) }),
			Cause: rank[id.String()],
		})
	}
	for _, id := range x.whole.edges {
		b, n := edge(base, id), edge(now, id)
		amplified := max(1, ratio(n.Attempts, x.messages(id)))
		if n.Attempts > n.Calls && len(lasting) < len(x.during) {
			amplified = attemptsPerCall(lasting, id)
		}
		pressure := 0.0
		if now.Length > 0 {
			pressure = float64(n.Time.Sum) / float64(now.Length)
			if base.Length > 0 {
				pressure -= float64(b.Time.Sum) / float64(base.Length)
			}
		}
		edges = append(edges, EdgeView{
			Caller: id.Caller, Callee: id.Callee, Async: id.Async, Pressure: round(pressure, 4),
			Rate: round(perSecond(n.Calls, now), 3), BaselineRate: round(perSecond(b.Calls, base), 3),
			ErrorShare: round(ratio(n.Failed, n.Calls), 5), BaselineErrors: round(ratio(b.Failed, b.Calls), 5),
			Amplification: round(amplified, 3), BaselineAmplified: round(max(1, ratio(b.Attempts, b.Calls)), 3),
			Mean: round(n.Time.Mean()/1e9, 6), BaselineMean: round(b.Time.Mean()/1e9, 6),
			P95: round(n.Latency.Quantile(0.95)/1e9, 6), BaselineP95: round(b.Latency.Quantile(0.95)/1e9, 6),
			Paired: round(ratio(n.Paired, n.Expected), 4),
		})
	}
	return nodes, edges
}

// attemptsPerCall is how often the calls of an edge were attempted in the windows.
func attemptsPerCall(windows []*graph.Window, id graph.EdgeID) float64 {
	var calls, attempts int64
	for _, w := range windows {
		e := edge(w, id)
		calls += e.Calls
		attempts += e.Attempts
	}
	return max(1, ratio(attempts, calls))
}

// messages are how many messages were handed to a consumer for the first time; of
// another edge its calls. A delivery that is a trace of its own does not say that the
// message came before: where some fail, and more are made of each message that was
// sent than usual, so many are made again.
func (x *explainer) messages(id graph.EdgeID) int64 {
	n := edge(x.whole.now, id)
	if !id.Async || id.Caller.Kind != graph.Queue || n.Calls != n.Attempts {
		return n.Calls
	}
	b := edge(x.whole.base, id)
	each := 1.0 // deliveries of a message, as usual
	if sent := x.whole.sent(x.whole.base, id.Caller); sent > 0 {
		each = max(1, float64(b.Attempts)/float64(sent))
	}
	sent := x.whole.sent(x.whole.now, id.Caller)
	if sent == 0 {
		return n.Calls
	}
	again := min(float64(n.Attempts)-each*float64(sent), float64(n.Attempts-n.Outcomes[graph.OK]))
	if again < fewAgain {
		return n.Calls
	}
	return n.Attempts - int64(again)
}

// fewAgain are too few deliveries made again to tell.
const fewAgain = 10

// timelineTail is how many windows of the baseline the timeline begins with.
const timelineTail = 6

// timeline shows the nodes by onset, window by window.
func (x *explainer) timeline() []Row {
	rows := []Row{}
	windows := slices.Concat(x.before[max(0, len(x.before)-timelineTail):], x.during)
	for _, id := range sortedNodes(x.whole.now.Nodes) {
		r := Row{Node: id, Name: id.Name,
			Onset: x.onsetOf(onsetOf{id, 's'}, func(w *graph.Window) (float64, bool) { return meanOf(node(w, id).All.Self) })}
		r.Cells = x.cellsOf(id, windows)
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		switch {
		case a.Onset == nil && b.Onset == nil:
			return 0
		case a.Onset == nil:
			return 1
		case b.Onset == nil:
			return -1
		}
		return a.Onset.Compare(*b.Onset)
	})
	return rows
}

// cellsOf gives a node's cells, one for each of the windows.
func (x *explainer) cellsOf(id graph.NodeID, windows []*graph.Window) []Cell {
	cells, ok := x.cells[id]
	if !ok {
		cells = make([]Cell, 0, len(windows))
	}
	for _, w := range windows[len(cells):] {
		own, inherited := x.pressure(x.whole.base, w, id)
		v := &node(w, id).All
		cells = append(cells, Cell{Time: utc(w.Start), Own: round(own, 4), Inherited: round(inherited, 4), Failed: round(ratio(v.Failed, v.Visits), 4)})
	}
	x.cells[id] = cells
	return slices.Clip(cells)
}
