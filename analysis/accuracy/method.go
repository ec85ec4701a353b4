package accuracy

import (
	"slices"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
)

// Scene is what a method looks at: a time before an incident, and the incident.
type Scene struct {
	Before, During *graph.Window
	// Normal and Abnormal are traces of the incident's time: those that took no
	// longer than is usual for their route and did not fail, and the others.
	Normal, Abnormal []*trace.Trace
}

// Method ranks nodes by how much it suspects them.
type Method struct {
	Name string
	Rank func(*Scene) []graph.NodeID
}

// Methods are the simple methods that the analysis is compared with. They are
// told when the incident was.
var Methods = []Method{
	{"highest growth of errors or p95", growth},
	{"deepest abnormal node", deepest},
	{"spectrum and PageRank", spectrum},
}

// RankOf is the place of the right answer in a ranking, 0 for none. Methods name
// nodes: where the cause is a part of a node, or an edge, the node is right, and
// for an edge its callee.
func (t *Truth) RankOf(nodes []graph.NodeID) int {
	return 1 + slices.IndexFunc(nodes, func(n graph.NodeID) bool {
		c := analysis.Cause{Kind: analysis.CauseInstance, Name: n.Name, Parent: n.String()}
		if t.Cause.Is(&c) {
			return true
		}
		for _, e := range t.Edges {
			if t.Cause.Name == e.Caller+"->"+e.Callee && e.Callee == n.Name {
				return true
			}
		}
		return false
	})
}

// NewScene cuts what was recorded into the time before an incident and the
// incident, which lasts from from up to to (Unix nanoseconds).
func NewScene(windows []*graph.Window, traces []*trace.Trace, from, to int64) *Scene {
	s := &Scene{Before: graph.NewWindow(0, 0), During: graph.NewWindow(0, 0)}
	for _, w := range windows {
		into := s.Before
		switch {
		case w.Start >= to:
			continue
		case w.Start+w.Length > from:
			into = s.During
		}
		into.Merge(w)
		into.Length += w.Length
	}
	for _, t := range traces {
		if len(t.Roots) == 0 {
			continue
		}
		root := &t.Spans[t.Roots[0]]
		if root.Start < from || root.Start >= to {
			continue
		}
		id := graph.RouteID{Node: graph.ServiceOf(root.Resource), Operation: root.Operation}
		usual := s.Before.Routes[id]
		slow := usual != nil && float64(root.Duration()) > usual.Time.Mean()+3*usual.Time.Deviation()
		if slow || root.Outcome != graph.OK {
			s.Abnormal = append(s.Abnormal, t)
		} else {
			s.Normal = append(s.Normal, t)
		}
	}
	return s
}
