package analysis

import (
	"math"
	"slices"

	"headwater/graph"
)

// flow is how the requests of one route spread over the graph in one window.
type flow struct {
	rate     float64 // requests a second
	visits   map[graph.NodeID]passage
	calls    map[graph.EdgeID]passage
	incoming map[graph.NodeID][]graph.EdgeID // keys of calls by callee, in order
}

// passage counts per request: logical is how many there would be, were no call
// repeated.
type passage struct{ logical, attempts float64 }

// amplification is attempts per logical call over the whole way; 1 of nothing.
func (p passage) amplification() float64 {
	if p.logical == 0 {
		return 1
	}
	return p.attempts / p.logical
}

// flowOf reads the flow of a route off its accounts.
func flowOf(w *graph.Window, id graph.RouteID) *flow {
	r := route(w, id)
	f := &flow{rate: stands(r).rate(w), visits: map[graph.NodeID]passage{}, calls: map[graph.EdgeID]passage{}, incoming: map[graph.NodeID][]graph.EdgeID{}}
	if r.Requests == 0 {
		return f
	}
	for _, a := range sortedAccounts(r.Accounts, nil) {
		s := r.Accounts[a]
		more := passage{float64(s.Logical) / graph.Millionth / float64(r.Requests), float64(s.Visits) / float64(r.Requests)}
		if a.Kind == graph.Own || a.Kind == graph.Unpaired { // the latter never showed at the callee
			v := f.visits[a.Node]
			f.visits[a.Node] = passage{v.logical + more.logical, v.attempts + more.attempts}
		}
		if a.Kind == graph.Gap || a.Kind == graph.Unpaired {
			e := graph.EdgeID{Caller: a.Caller, Callee: a.Node}
			c, known := f.calls[e]
			if !known {
				f.incoming[e.Callee] = append(f.incoming[e.Callee], e)
			}
			f.calls[e] = passage{c.logical + more.logical, c.attempts + more.attempts}
		}
	}
	for _, edges := range f.incoming {
		slices.SortFunc(edges, graph.EdgeID.Compare)
	}
	return f
}

// flows are the flows of a route before and in an incident.
type flows struct{ base, now *flow }

// flows gives the flows of a route, which are read once.
func (w *walker) flows(id graph.RouteID) flows {
	f, ok := w.routeFlows[id]
	if !ok {
		f = flows{flowOf(w.base, id), flowOf(w.now, id)}
		// Rates of another time can't be compared, and small differences are chance:
		// arrivals at random differ by the root of their number.
		before, after := route(w.base, id), route(w.now, id)
		b, a := each(before)*w.scale, each(after)
		chance := 3 * math.Sqrt(float64(after.Requests)*a*a+float64(before.Requests)*b*b) / (float64(w.now.Length) / 1e9)
		if w.relative || math.Abs(f.now.rate-f.base.rate) < max(0.1*f.base.rate, chance) {
			f.base.rate = f.now.rate
		}
		w.routeFlows[id] = f
	}
	return f
}

// incoming are the calls to a node in either flow, in order.
func (f flows) incoming(n graph.NodeID) []graph.EdgeID {
	out := slices.Concat(f.base.incoming[n], f.now.incoming[n])
	slices.SortFunc(out, graph.EdgeID.Compare)
	return slices.Compact(out)
}
