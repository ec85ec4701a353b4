package analysis

import "headwater/graph"

// census counts what is in windows, so that one can come or go at its own cost.
type census struct {
	nodes                    map[graph.NodeID]int // windows that have it
	edges                    map[graph.EdgeID]int
	services                 int
	spans, orphans, requests int64
	paired, expected         int64
}

func newCensus() *census {
	return &census{nodes: map[graph.NodeID]int{}, edges: map[graph.EdgeID]int{}}
}

// count adds a window, or with -1 takes it away.
func (c *census) count(w *graph.Window, by int) {
	n := int64(by)
	c.spans += n * w.Spans
	c.orphans += n * w.Orphans
	for _, s := range w.Routes {
		c.requests += n * s.Requests
	}
	for id := range w.Nodes {
		had := c.nodes[id]
		tally(c.nodes, id, by)
		if id.Kind == graph.Service && (had == 0 || had+by == 0) {
			c.services += by
		}
	}
	for id, e := range w.Edges {
		tally(c.edges, id, by)
		c.paired += n * e.Paired
		c.expected += n * e.Expected
	}
}

func tally[K comparable](m map[K]int, k K, by int) {
	if by < 0 && m[k]+by == 0 {
		delete(m, k)
		return
	}
	m[k] += by
}

// describe fills what the report was made from.
func (c *census) describe(r *Report, windows []*graph.Window) {
	r.Data.Malformed, r.Data.Mended = []Malformed{}, []Malformed{}
	if len(windows) == 0 {
		r.Notes = append(r.Notes, "No spans.")
		return
	}
	last := windows[len(windows)-1]
	r.Range = Interval{utc(windows[0].Start), utc(last.Start + last.Length)}
	r.WindowSec = float64(last.Length) / 1e9
	r.Data.Windows = len(windows)
	r.Data.Spans, r.Data.Orphans, r.Data.Requests = c.spans, c.orphans, c.requests
	r.Data.Services, r.Data.Nodes, r.Data.Edges = c.services, len(c.nodes), len(c.edges)
	r.Data.Paired = 1
	if c.expected > 0 {
		r.Data.Paired = ratio(c.paired, c.expected)
	}
}
