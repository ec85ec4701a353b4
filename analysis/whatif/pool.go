package whatif

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"headwater/graph"
)

// operation is one thing that a service does, as its spans name it.
type operation struct {
	node graph.NodeID
	name string
}

func (o operation) compare(p operation) int {
	return cmp.Or(o.node.Compare(p.node), cmp.Compare(o.name, p.name))
}

// sum merges windows into one; its Length is the time that they cover together.
func sum(windows []*graph.Window) *graph.Window {
	out := graph.NewWindow(0, 0)
	for i, w := range windows {
		if i == 0 {
			out.Start = w.Start
		}
		out.Length += w.Length
		out.Merge(w)
	}
	return out
}

func sortedNodes[V any](m map[graph.NodeID]V) []graph.NodeID {
	return slices.SortedFunc(maps.Keys(m), graph.NodeID.Compare)
}

func sortedEdges[V any](m map[graph.EdgeID]V) []graph.EdgeID {
	return slices.SortedFunc(maps.Keys(m), graph.EdgeID.Compare)
}

func sortedRoutes[V any](m map[graph.RouteID]V) []graph.RouteID {
	return slices.SortedFunc(maps.Keys(m), compareRoutes)
}

func compareRoutes(a, b graph.RouteID) int {
	return cmp.Or(a.Node.Compare(b.Node), cmp.Compare(a.Operation, b.Operation))
}

// The statistics of a window, empty where it has none.

func nodeOf(w *graph.Window, id graph.NodeID) *graph.NodeStats {
	if s := w.Nodes[id]; s != nil {
		return s
	}
	return &graph.NodeStats{}
}

func operationOf(w *graph.Window, o operation) *graph.VisitStats {
	if s := nodeOf(w, o.node).Operations[o.name]; s != nil {
		return s
	}
	return &graph.VisitStats{}
}

func edgeOf(w *graph.Window, id graph.EdgeID) *graph.EdgeStats {
	if s := w.Edges[id]; s != nil {
		return s
	}
	return &graph.EdgeStats{}
}

func routeOf(w *graph.Window, id graph.RouteID) *graph.RouteStats {
	if s := w.Routes[id]; s != nil {
		return s
	}
	return &graph.RouteStats{}
}

// inFlight is how many were under way on average.
func inFlight(occupancy int64, w *graph.Window) float64 {
	return float64(occupancy) / float64(max(w.Length, 1))
}

func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// spreadOf is the standard deviation of the logarithm of durations that are
// lognormal with these moments.
func spreadOf(m graph.Moments) float64 {
	if m.N < 5 || m.Mean() == 0 {
		return usualSpread
	}
	cv := m.Deviation() / m.Mean()
	return min(math.Sqrt(math.Log(1+cv*cv)), widestSpread)
}

const (
	usualSpread  = 0.5
	widestSpread = 1.5
)

func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	at := q * float64(len(v)-1)
	i := int(at)
	if i+1 >= len(v) {
		return v[len(v)-1]
	}
	return v[i] + (at-float64(i))*(v[i+1]-v[i])
}

// cutOp parts service.operation.
func cutOp(name string) (service, op string) {
	service, op, _ = strings.Cut(name, ".")
	return service, op
}
