package risk

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"headwater/analysis"
	"headwater/graph"
)

// analyst makes a report of what a Reader kept.
type analyst struct {
	*Reader
	report *RiskReport

	sortedEdges  []edgeKey
	sortedPairs  []pairKey
	sortedRoutes []graph.RouteID // most requests first
	sortedNodes  []graph.NodeID
	above, below map[edgeKey][]edgeKey
	deadlines    map[edgeKey]deadline
	critical     map[graph.RouteID]bool
	asked        int64 // requests of users
	pools        []*pool
	poolOf       map[edgeKey]*pool
}

// leastTraces is how many traces say something about what is usual.
const leastTraces = 50

func (r *Reader) analyst() *analyst {
	return &analyst{
		Reader: r, above: map[edgeKey][]edgeKey{}, below: map[edgeKey][]edgeKey{}, deadlines: map[edgeKey]deadline{},
		critical: map[graph.RouteID]bool{}, poolOf: map[edgeKey]*pool{},
	}
}

// Report says what may break.
func (r *Reader) Report() *RiskReport {
	a := r.analyst()
	a.report = &RiskReport{
		Version: 1, Range: analysis.Interval{Start: utc(r.from), End: utc(r.to)}, Traces: r.traces, Spans: r.spans, Windows: len(r.windows),
		Risks: []Risk{}, Room: []RiskRoom{}, Routes: []RiskRoute{}, LeftOut: r.leftOut, Notes: []string{},
	}
	if r.traces < leastTraces {
		a.report.Notes = append(a.report.Notes, fmt.Sprintf("%d traces are too few to say what is usual: %d are needed.", r.traces, leastTraces))
		return a.report
	}
	a.arrange()
	a.judgeRoutes()
	a.gatherPools()
	a.room()
	a.report.Risks = slices.Concat(a.amplified(), a.late(), a.unlimited(), a.perItem(), a.shared(), a.hosts(), a.full(), a.cramped())
	a.report.rank()
	a.note()
	return a.report
}

// arrange puts what was seen in order.
func (a *analyst) arrange() {
	slices.SortFunc(a.windows, func(x, y *graph.Window) int { return cmp.Compare(x.Start, y.Start) })
	nodes := map[graph.NodeID]bool{}
	for k, e := range a.edges {
		a.sortedEdges = append(a.sortedEdges, k)
		nodes[k.caller], nodes[k.callee] = true, true
		a.deadlines[k] = deadlineOf(e)
	}
	slices.SortFunc(a.sortedEdges, edgeKey.compare)
	for k := range a.pairs {
		a.sortedPairs = append(a.sortedPairs, k)
	}
	slices.SortFunc(a.sortedPairs, func(x, y pairKey) int { return cmp.Or(x.up.compare(y.up), x.down.compare(y.down)) })
	for _, k := range a.sortedPairs {
		a.above[k.down] = append(a.above[k.down], k.up)
		a.below[k.up] = append(a.below[k.up], k.down)
	}
	for n := range nodes {
		a.sortedNodes = append(a.sortedNodes, n)
	}
	slices.SortFunc(a.sortedNodes, graph.NodeID.Compare)
}

// users is the share of users' requests that come by a node.
func (a *analyst) users(n graph.NodeID) float64 {
	by := int64(0)
	for _, id := range a.sortedRoutes {
		s := a.routes[id]
		switch u := s.nodes[n]; {
		case s.background:
		case id.Node == n:
			by += s.requests
		case u != nil:
			by += u.requests
		}
	}
	return float64(by) / float64(max(1, a.asked))
}

// blast weighs a risk by how many users' requests it may hurt: what few come by
// counts, too, since its trouble may fill what others need.
func blast(users float64) float64 { return 0.4 + 0.6*math.Sqrt(min(1, users)) }

// leastScore is the least that is told of.
const leastScore = 0.05

// rank puts the risks in order.
func (r *RiskReport) rank() {
	list := r.Risks
	for i := range list {
		list[i].Score, list[i].Sure, list[i].Users = round(list[i].Score, 4), round(list[i].Sure, 3), round(list[i].Users, 4)
	}
	list = slices.DeleteFunc(list, func(r Risk) bool { return r.Score < leastScore })
	slices.SortFunc(list, func(x, y Risk) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Subject, y.Subject), slices.CompareFunc(x.Path, y.Path, graph.NodeID.Compare))
	})
	for i := range list {
		list[i].Rank = i + 1
		if list[i].Others == nil {
			list[i].Others = []RiskWay{}
		}
	}
	r.Risks = list
}

// note says what limits the answer.
func (a *analyst) note() {
	seen := 0
	for _, k := range a.sortedEdges {
		if a.deadlines[k].at > 0 {
			seen++
		}
	}
	n := &a.report.Notes
	*n = append(*n, fmt.Sprintf("The timeouts of %d of %d edges were seen: a timeout shows only where a call reached it. Retries show only where a call failed, so more of both may be set.", seen, len(a.sortedEdges)))
	if a.crowd.fallen > 0 {
		*n = append(*n, fmt.Sprintf("How full places are was taken from the first %d stays; %d more were not looked at.", maxStays, a.crowd.fallen))
	}
	if a.leftOut > 0 {
		*n = append(*n, fmt.Sprintf("%d things fell over a bound and were not looked at.", a.leftOut))
	}
	if len(a.opt.Critical) == 0 {
		*n = append(*n, "Which routes are critical was told by how often users ask for them; --critical names them.")
	}
}

func round(v float64, digits int) float64 {
	p := math.Pow(10, float64(digits))
	return math.Round(v*p) / p
}
