package analysis

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"headwater/graph"
)

// part is a place in the traces of a route where they part from the baseline's:
// a span that is there more rarely or more often than before, below one that
// is as frequent as ever.
type part struct {
	route         graph.RouteID
	shape         graph.Shape
	before, after float64 // share of requests with the span
	requests      float64 // requests changed by it
	where         graph.NodeID
}

// fewTraces is how many requests both sides need before their shapes are
// compared.
const fewTraces = 15

// parts finds where the traces' shapes part, route by route, since the mix of
// routes moves shapes too. It counts in how many requests a span is present,
// not how often: that follows the size of the data.
func (l *ledger) parts() []part {
	var out []part
	for _, id := range sortedRoutes(l.now.Routes) {
		b, n := route(l.base, id), route(l.now, id)
		if b.Requests < fewTraces || n.Requests < fewTraces {
			continue
		}
		changed := map[graph.Shape]float64{}
		for _, s := range sortedShapes(b.Shapes, n.Shapes) {
			p0, p1 := ratio(b.Shapes[s].Requests, b.Requests), ratio(n.Shapes[s].Requests, n.Requests)
			pool := ratio(b.Shapes[s].Requests+n.Shapes[s].Requests, b.Requests+n.Requests)
			noise := math.Sqrt(pool * (1 - pool) * (1/float64(b.Requests) + 1/float64(n.Requests)))
			if d := p1 - p0; math.Abs(d) > max(0.1, 4*noise) {
				changed[s] = d
			}
		}
		for _, s := range sortedShapes(b.Shapes, n.Shapes) {
			d, ok := changed[s]
			if !ok || aboveChanged(changed, s, d) {
				continue
			}
			x := part{route: id, shape: s, requests: math.Abs(d) * float64(n.Requests), where: s.Above,
				before: ratio(b.Shapes[s].Requests, b.Requests), after: ratio(n.Shapes[s].Requests, n.Requests)}
			if s.Above.IsZero() || s.Above != s.Node && d < 0 && l.stillCalled(s.Above, s.Node) {
				x.where = s.Node // the caller still calls, the callee no longer shows
			}
			out = append(out, x)
		}
	}
	return out
}

// parted is who made the traces part: the cache, where calls to a database came
// on top that it used to spare, or else the code at that place.
func (w *walker) parted(p part) place {
	if p.after > p.before {
		for _, e := range w.callees[p.where] {
			more := ratio(edge(w.now, e).Calls, node(w.now, p.where).All.Visits) > 1.2*ratio(edge(w.base, e).Calls, node(w.base, p.where).All.Visits)
			if m := w.missed(e); more && m.kind == CauseCache {
				return m
			}
		}
	}
	return at(p.where)
}

// stillCalled reports whether callers go on calling a node that shows no spans
// for it.
func (l *ledger) stillCalled(caller, callee graph.NodeID) bool {
	e := edge(l.now, graph.EdgeID{Caller: caller, Callee: callee})
	return e.Expected > e.Paired && ratio(e.Paired, e.Expected) < 0.9
}

// aboveChanged reports whether the span above one changed with it: then the
// traces parted further up.
func aboveChanged(changed map[graph.Shape]float64, s graph.Shape, d float64) bool {
	for o, od := range changed {
		if o.Node == s.Above && o.Name == s.Parent && o != s && od*d > 0 && math.Abs(od) > 0.5*math.Abs(d) {
			return true
		}
	}
	return false
}

func sortedShapes(ms ...map[graph.Shape]graph.ShapeStats) []graph.Shape {
	var out []graph.Shape
	for _, m := range ms {
		out = slices.AppendSeq(out, maps.Keys(m))
	}
	slices.SortFunc(out, func(a, b graph.Shape) int {
		return cmp.Or(a.Node.Compare(b.Node), cmp.Compare(a.Name, b.Name), a.Above.Compare(b.Above), cmp.Compare(a.Parent, b.Parent))
	})
	return slices.Compact(out)
}
