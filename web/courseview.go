package web

import (
	"cmp"
	"slices"
	"time"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
)

// Bounds of one answer about a node or an edge.
const (
	mostPoints = 240
	mostParts  = 50
)

// NodeCourse is the answer of /api/v1/node: a node over a time range. Times are
// seconds.
type NodeCourse struct {
	Range      analysis.Interval `json:"range"`         // that the windows cover
	PointSec   float64           `json:"point_seconds"` // the time that a point stands for
	Node       GraphNode         `json:"node"`          // over the whole range
	Points     []NodePoint       `json:"points"`        // in order of time
	Operations []PartView        `json:"operations"`    // by visits, at most 50
	Instances  []PartView        `json:"instances"`     // by visits, at most 50
	Callers    []GraphEdge       `json:"callers"`
	Callees    []GraphEdge       `json:"callees"`
	Examples   []ExampleView     `json:"examples"`
	Left       int               `json:"left"` // operations and instances beyond the most that are told
}

// NodePoint is a node in a part of the range.
type NodePoint struct {
	Time       time.Time `json:"t"`
	Rate       float64   `json:"rate"` // visits a second
	Mean       float64   `json:"mean"`
	P50        float64   `json:"p50"`
	P95        float64   `json:"p95"`
	Self       float64   `json:"self"` // mean own time of a visit
	ErrorShare float64   `json:"error_share"`
	InFlight   float64   `json:"in_flight"` // visits under way on average
}

// PartView is a part of a node: one operation, or one running copy.
type PartView struct {
	Name       string  `json:"name"`
	Place      string  `json:"place"` // host, zone and version of a copy, where they are known
	Rate       float64 `json:"rate"`
	Mean       float64 `json:"mean"`
	P95        float64 `json:"p95"`
	Self       float64 `json:"self"`
	ErrorShare float64 `json:"error_share"`
}

// ExampleView is a trace with a visit worth looking at.
type ExampleView struct {
	TraceID  string    `json:"trace_id"`
	Role     string    `json:"role"` // typical, worst, failed
	Start    time.Time `json:"start"`
	Duration float64   `json:"duration"` // of the visit
}

// EdgeCourse is the answer of /api/v1/edge: calls over a time range. Times are
// seconds.
type EdgeCourse struct {
	Range    analysis.Interval `json:"range"`
	PointSec float64           `json:"point_seconds"`
	Edge     GraphEdge         `json:"edge"`
	Caller   string            `json:"caller_name"`
	Callee   string            `json:"callee_name"`
	Points   []EdgePoint       `json:"points"`
	Outcomes []OutcomeView     `json:"outcomes"` // of attempts; those that occurred
	Paired   float64           `json:"paired"`   // share seen from both sides, of those that should be
}

// EdgePoint is an edge in a part of the range.
type EdgePoint struct {
	Time          time.Time `json:"t"`
	Rate          float64   `json:"rate"` // calls a second
	Mean          float64   `json:"mean"` // of an attempt, at the caller
	P95           float64   `json:"p95"`
	ErrorShare    float64   `json:"error_share"`
	Amplification float64   `json:"amplification"`
	Gap           float64   `json:"gap"` // mean of what the callee's side does not account for
	InFlight      float64   `json:"in_flight"`
}

// OutcomeView counts attempts that ended in one way.
type OutcomeView struct {
	Outcome string `json:"outcome"`
	Count   int64  `json:"count"`
}

// viewNode tells of a node, and reports whether any window knows it.
func viewNode(id graph.NodeID, windows []*graph.Window) (NodeCourse, bool) {
	v := NodeCourse{Points: []NodePoint{}, Examples: []ExampleView{}, Callers: []GraphEdge{}, Callees: []GraphEdge{}}
	if len(windows) == 0 {
		return v, false
	}
	windows = about(windows, id)
	all, seconds := sum(windows)
	n := all.Nodes[id]
	if n == nil {
		return v, false
	}
	v.Range = rangeOf(windows)
	frames := gathered(windows, mostPoints)
	v.PointSec = float64(frames[0].Length) / 1e9
	for _, f := range frames {
		v.Points = append(v.Points, nodePoint(f, id))
	}
	v.Node = viewGraphNode(id, &n.All, entriesOf(all)[id], seconds)
	v.Operations = make([]PartView, 0, len(n.Operations))
	for name, s := range n.Operations {
		v.Operations = append(v.Operations, viewPart(name, "", s, seconds))
	}
	v.Instances = make([]PartView, 0, len(n.Instances))
	for in, s := range n.Instances {
		v.Instances = append(v.Instances, viewPart(in.Name, placeOf(in), s, seconds))
	}
	for _, parts := range []*[]PartView{&v.Operations, &v.Instances} {
		slices.SortFunc(*parts, func(a, b PartView) int {
			return cmp.Or(cmp.Compare(b.Rate, a.Rate), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Place, b.Place))
		})
		v.Left += max(0, len(*parts)-mostParts)
		*parts = (*parts)[:min(mostParts, len(*parts))]
	}
	for e, s := range all.Edges {
		if e.Callee == id {
			v.Callers = append(v.Callers, viewGraphEdge(e, s, seconds))
		}
		if e.Caller == id {
			v.Callees = append(v.Callees, viewGraphEdge(e, s, seconds))
		}
	}
	slices.SortFunc(v.Callers, compareEdges)
	slices.SortFunc(v.Callees, compareEdges)
	add := func(role string, list []graph.Example) {
		for _, x := range list {
			v.Examples = append(v.Examples, ExampleView{x.TraceID.String(), role, time.Unix(0, x.Start).UTC(), float64(x.Duration) / 1e9})
		}
	}
	add("worst", n.All.Examples.Worst)
	add("failed", n.All.Examples.Failed)
	add("typical", n.All.Examples.Typical)
	return v, true
}

func placeOf(in graph.Instance) string {
	out := ""
	for _, part := range []string{in.Host, in.Zone, in.Version} {
		if part == "" {
			continue
		}
		if out != "" {
			out += ", "
		}
		out += part
	}
	return out
}

func nodePoint(f *graph.Window, id graph.NodeID) NodePoint {
	p := NodePoint{Time: time.Unix(0, f.Start).UTC()}
	n := f.Nodes[id]
	if n == nil {
		return p
	}
	s := &n.All
	p.Rate, p.ErrorShare = float64(s.Visits)/(float64(f.Length)/1e9), share(s.Failed, s.Visits)
	p.Mean, p.Self = s.Time.Mean()/1e9, s.Self.Mean()/1e9
	p.P50, p.P95 = s.Latency.Quantile(0.5)/1e9, s.Latency.Quantile(0.95)/1e9
	p.InFlight = float64(s.Time.Sum) / float64(f.Length)
	return p
}

func viewPart(name, place string, s *graph.VisitStats, seconds float64) PartView {
	return PartView{
		Name: name, Place: place, Rate: float64(s.Visits) / seconds, Mean: s.Time.Mean() / 1e9,
		P95: s.Latency.Quantile(0.95) / 1e9, Self: s.Self.Mean() / 1e9, ErrorShare: share(s.Failed, s.Visits),
	}
}

// viewEdge tells of an edge, and reports whether any window knows it.
func viewEdge(id graph.EdgeID, windows []*graph.Window) (EdgeCourse, bool) {
	v := EdgeCourse{Points: []EdgePoint{}, Outcomes: []OutcomeView{}, Caller: id.Caller.Name, Callee: id.Callee.Name}
	if len(windows) == 0 {
		return v, false
	}
	windows = about(windows, id.Caller, id.Callee)
	all, seconds := sum(windows)
	e := all.Edges[id]
	if e == nil {
		return v, false
	}
	v.Range = rangeOf(windows)
	v.Edge, v.Paired = viewGraphEdge(id, e, seconds), share(e.Paired, e.Expected)
	for outcome, n := range e.Outcomes {
		if n > 0 {
			v.Outcomes = append(v.Outcomes, OutcomeView{trace.Outcome(outcome).String(), n})
		}
	}
	frames := gathered(windows, mostPoints)
	v.PointSec = float64(frames[0].Length) / 1e9
	for _, f := range frames {
		p := EdgePoint{Time: time.Unix(0, f.Start).UTC(), Amplification: 1}
		if s := f.Edges[id]; s != nil {
			p.Rate, p.ErrorShare = float64(s.Calls)/(float64(f.Length)/1e9), share(s.Failed, s.Calls)
			p.Mean, p.P95, p.Gap = s.Time.Mean()/1e9, s.Latency.Quantile(0.95)/1e9, s.Gap.Mean()/1e9
			p.Amplification, p.InFlight = max(1, share(s.Attempts, s.Calls)), float64(s.Time.Sum)/float64(f.Length)
		}
		v.Points = append(v.Points, p)
	}
	return v, true
}
