package compare

import (
	"cmp"

	"headwater/graph"
)

func compareRoutes(a, b graph.RouteID) int {
	return cmp.Or(a.Node.Compare(b.Node), cmp.Compare(a.Operation, b.Operation))
}

func (d *Difference) routes(a, b *graph.Window) {
	for _, id := range union(a.Routes, b.Routes, compareRoutes) {
		x, y := of(a.Routes, id), of(b.Routes, id)
		name := id.Operation + " (" + id.Node.Name + ")"
		if !d.presence("route", name, x.Requests, y.Requests) {
			continue
		}
		d.mean("route", name, "mean", x.Time, y.Time)
		d.quantile("route", name, "p95", 0.95, &x.Latency, &y.Latency)
		d.share(Failing, "route", name, "failed", x.Failed, x.Requests, y.Failed, y.Requests, 0.01)
		d.rate(Loaded, "route", name, "requests", "1/s", float64(x.Requests)/max(1, d.Before.seconds), float64(y.Requests)/max(1, d.After.seconds), x.Requests, y.Requests)
		d.shapes(name, x, y)
	}
}

// shapes compares what the traces of a route are made of.
func (d *Difference) shapes(route string, x, y *graph.RouteStats) {
	compare := func(a, b graph.Shape) int {
		return cmp.Or(a.Node.Compare(b.Node), cmp.Compare(a.Name, b.Name), a.Above.Compare(b.Above), cmp.Compare(a.Parent, b.Parent))
	}
	for _, s := range union(x.Shapes, y.Shapes, compare) {
		if s.Above.IsZero() {
			continue // the root itself
		}
		name := route + ": " + s.Name + " of " + s.Node.Name + " below " + s.Parent + " of " + s.Above.Name
		d.share(Shaped, "route", name, "present", x.Shapes[s].Requests, x.Requests, y.Shapes[s].Requests, y.Requests, 0.1)
	}
}

func (d *Difference) nodes(a, b *graph.Window) {
	for _, id := range union(a.Nodes, b.Nodes, graph.NodeID.Compare) {
		x, y := &of(a.Nodes, id).All, &of(b.Nodes, id).All
		if !d.presence("node", id.Name+" ("+id.Kind.String()+")", x.Visits, y.Visits) {
			continue
		}
		d.mean("node", id.Name, "own time", x.Self, y.Self)
		d.share(Failing, "node", id.Name, "failed with no failing callee", x.FailedOwn, x.Visits, y.FailedOwn, y.Visits, 0.01)
		d.rate(Fanned, "node", id.Name, "visits a request", "1", ratio(x.Visits, d.Before.Requests), ratio(y.Visits, d.After.Requests), x.Visits, y.Visits)
	}
}

func (d *Difference) edges(a, b *graph.Window) {
	for _, id := range union(a.Edges, b.Edges, graph.EdgeID.Compare) {
		x, y := of(a.Edges, id), of(b.Edges, id)
		arrow := " -> "
		if id.Async {
			arrow = " ~> "
		}
		name := id.Caller.Name + arrow + id.Callee.Name
		if !d.presence("call", name, x.Calls, y.Calls) {
			continue
		}
		d.mean("call", name, "mean at the caller", x.Time, y.Time)
		d.mean("call", name, "gap", x.Gap, y.Gap)
		d.share(Failing, "call", name, "failed", x.Failed, x.Calls, y.Failed, y.Calls, 0.01)
		if before, after := ratio(x.Attempts, x.Calls), ratio(y.Attempts, y.Calls); max(before, after) > 1.02 {
			d.rate(Retried, "call", name, "attempts a call", "1", before, after, x.Attempts*x.Calls, y.Attempts*y.Calls)
		}
	}
}

func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
