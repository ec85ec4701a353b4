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

// viewGraph sums windows, which are ordered by time and of one length.
func viewGraph(windows []*graph.Window) GraphView {
	v := GraphView{Nodes: []GraphNode{}, Edges: []GraphEdge{}}
	if len(windows) == 0 {
		return v
	}
	first, last := windows[0], windows[len(windows)-1]
	v.Range = analysis.Interval{
		Start: time.Unix(0, first.Start).UTC(),
		End:   time.Unix(0, last.Start+last.Length).UTC(),
	}
	seconds := v.Range.End.Sub(v.Range.Start).Seconds()
	sum := graph.NewWindow(first.Start, first.Length)
	for _, w := range windows {
		sum.Merge(w)
	}
	v.Spans = sum.Spans
	entries := map[graph.NodeID]bool{}
	for id := range sum.Routes {
		entries[id.Node] = true
	}
	for id, n := range sum.Nodes {
		v.Nodes = append(v.Nodes, GraphNode{
			ID: id, Kind: id.Kind.String(), Name: id.Name, Entry: entries[id],
			Rate: float64(n.All.Visits) / seconds, ErrorShare: share(n.All.Failed, n.All.Visits),
			Mean: n.All.Time.Mean() / 1e9, P95: n.All.Latency.Quantile(0.95) / 1e9,
		})
	}
	for id, e := range sum.Edges {
		v.Edges = append(v.Edges, GraphEdge{
			Caller: id.Caller, Callee: id.Callee, Async: id.Async,
			Rate: float64(e.Calls) / seconds, ErrorShare: share(e.Failed, e.Calls),
			Amplification: share(e.Attempts, e.Calls),
			Mean:          e.Time.Mean() / 1e9, P95: e.Latency.Quantile(0.95) / 1e9,
		})
	}
	slices.SortFunc(v.Nodes, func(a, b GraphNode) int { return a.ID.Compare(b.ID) })
	slices.SortFunc(v.Edges, func(a, b GraphEdge) int {
		return graph.EdgeID{Caller: a.Caller, Callee: a.Callee, Async: a.Async}.Compare(
			graph.EdgeID{Caller: b.Caller, Callee: b.Callee, Async: b.Async})
	})
	return v
}

func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
