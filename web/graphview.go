package web

import (
	"slices"
	"time"

	"headwater/analysis"
	"headwater/graph"
)

// GraphView is the answer of /api/v1/graph: who calls whom in a stretch of time.
type GraphView struct {
	Range analysis.Interval `json:"range"` // that the windows cover; zero times without windows
	Spans int64             `json:"spans"`
	Nodes []GraphNode       `json:"nodes"` // by id
	Edges []GraphEdge       `json:"edges"` // by caller, callee
}

// GraphNode is a node of the live graph. Times are seconds.
type GraphNode struct {
	ID         graph.NodeID `json:"id"`
	Kind       string       `json:"kind"`
	Name       string       `json:"name"`
	Entry      bool         `json:"entry"` // users enter here
	Rate       float64      `json:"rate"`  // visits a second
	ErrorShare float64      `json:"error_share"`
	Mean       float64      `json:"mean"` // of a visit
	P95        float64      `json:"p95"`
}

// GraphEdge is an edge of the live graph. Times are seconds.
type GraphEdge struct {
	Caller        graph.NodeID `json:"caller"`
	Callee        graph.NodeID `json:"callee"`
	Async         bool         `json:"async"`
	Rate          float64      `json:"rate"` // calls a second
	ErrorShare    float64      `json:"error_share"`
	Amplification float64      `json:"amplification"` // attempts per call
	Mean          float64      `json:"mean"`          // of an attempt, at the caller
	P95           float64      `json:"p95"`
}

// viewGraph sums windows, which are ordered by time and of one length. It adds up
// no more of them than it tells: the graph of a thousand services is asked for
// with every change.
func viewGraph(windows []*graph.Window) GraphView {
	v := GraphView{Nodes: []GraphNode{}, Edges: []GraphEdge{}}
	if len(windows) == 0 {
		return v
	}
	v.Range = rangeOf(windows)
	seconds := v.Range.End.Sub(v.Range.Start).Seconds()
	nodes, edges, entries := map[graph.NodeID]*graph.VisitStats{}, map[graph.EdgeID]*graph.EdgeStats{}, map[graph.NodeID]bool{}
	for _, w := range windows {
		v.Spans += w.Spans
		for id, r := range w.Routes {
			if r.Source.IsZero() {
				entries[id.Node] = true
			}
		}
		for id, n := range w.Nodes {
			addVisits(summed(nodes, id), &n.All)
		}
		for id, e := range w.Edges {
			addCalls(summed(edges, id), e)
		}
	}
	for id, n := range nodes {
		v.Nodes = append(v.Nodes, viewGraphNode(id, n, entries[id], seconds))
	}
	for id, e := range edges {
		v.Edges = append(v.Edges, viewGraphEdge(id, e, seconds))
	}
	slices.SortFunc(v.Nodes, func(a, b GraphNode) int { return a.ID.Compare(b.ID) })
	slices.SortFunc(v.Edges, compareEdges)
	return v
}

func summed[K comparable, V any](sums map[K]*V, id K) *V {
	if sums[id] == nil {
		sums[id] = new(V)
	}
	return sums[id]
}

func addVisits(sum, n *graph.VisitStats) {
	sum.Visits += n.Visits
	sum.Failed += n.Failed
	sum.Time.Merge(n.Time)
	sum.Latency.Merge(&n.Latency)
}

func addCalls(sum, e *graph.EdgeStats) {
	sum.Calls += e.Calls
	sum.Failed += e.Failed
	sum.Attempts += e.Attempts
	sum.Time.Merge(e.Time)
	sum.Latency.Merge(&e.Latency)
}

// rangeOf is the time from the first window's begin to the last one's end.
func rangeOf(windows []*graph.Window) analysis.Interval {
	first, last := windows[0], windows[len(windows)-1]
	return analysis.Interval{
		Start: time.Unix(0, first.Start).UTC(),
		End:   time.Unix(0, last.Start+last.Length).UTC(),
	}
}

// entriesOf are the nodes by which users come in: a consumer is no door.
func entriesOf(w *graph.Window) map[graph.NodeID]bool {
	entries := map[graph.NodeID]bool{}
	for id, r := range w.Routes {
		if r.Source.IsZero() {
			entries[id.Node] = true
		}
	}
	return entries
}

func viewGraphNode(id graph.NodeID, n *graph.VisitStats, entry bool, seconds float64) GraphNode {
	return GraphNode{
		ID: id, Kind: id.Kind.String(), Name: id.Name, Entry: entry,
		Rate: float64(n.Visits) / seconds, ErrorShare: share(n.Failed, n.Visits),
		Mean: n.Time.Mean() / 1e9, P95: n.Latency.Quantile(0.95) / 1e9,
	}
}

func viewGraphEdge(id graph.EdgeID, e *graph.EdgeStats, seconds float64) GraphEdge {
	return GraphEdge{
		Caller: id.Caller, Callee: id.Callee, Async: id.Async,
		Rate: float64(e.Calls) / seconds, ErrorShare: share(e.Failed, e.Calls),
		Amplification: share(e.Attempts, e.Calls),
		Mean:          e.Time.Mean() / 1e9, P95: e.Latency.Quantile(0.95) / 1e9,
	}
}

func compareEdges(a, b GraphEdge) int {
	return graph.EdgeID{Caller: a.Caller, Callee: a.Callee, Async: a.Async}.Compare(
		graph.EdgeID{Caller: b.Caller, Callee: b.Callee, Async: b.Async})
}

func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
