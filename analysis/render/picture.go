package render

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"headwater/analysis"
	"headwater/graph"
)

// worthTelling is the least part of the most pressed edge's pressure that makes
// an edge count as pressed by what is shared.
const worthTelling = 0.1

// mostDrawn bounds how many nodes the picture of a cascade shows.
const mostDrawn = 60

// Sizes of the picture, in pixels.
const (
	boxWidth, boxHeight = 170, 50
	gapX, gapY          = 110, 30
	margin              = 20
	bendAround          = 40 // how far an edge that goes back swings out
)

// picture is a cascade laid out: callers at the left, callees at the right.
type picture struct {
	Width, Height float64
	Nodes         []box
	Edges         []curve
	Left          int // nodes that are not drawn
}

// box is a node with its place.
type box struct {
	X, Y           float64
	Name, Line     string
	Kind           string
	Entry          bool
	Cause          int
	Own, Inherited float64 // width of the bar's parts
	Shared         int     // how many press on what they share
	Words          string
}

// curve is an edge with its way.
type curve struct {
	Path           string
	Width          float64
	Pressed, Async bool
	Tie            bool // no call, but something that is shared
	Retries        string
	LabelX, LabelY float64
	Words          string
}

// cascadePicture lays an incident's graph out. A node stands as far to the right
// as the longest chain of calls to it is long; within a column nodes stand near
// their callers.
func cascadePicture(in *analysis.Incident) *picture {
	nodes := mostPressed(in.Nodes)
	p := &picture{Left: len(in.Nodes) - len(nodes)}
	index := map[graph.NodeID]int{}
	for i := range nodes {
		index[nodes[i].ID] = i
	}
	var edges []*analysis.EdgeView
	var highest, widest float64
	for i := range nodes {
		highest = max(highest, pressureOf(&nodes[i]))
	}
	for i := range in.Edges {
		e := &in.Edges[i]
		if _, ok := index[e.Caller]; !ok {
			continue
		}
		if _, ok := index[e.Callee]; ok {
			edges = append(edges, e)
			widest = max(widest, e.Pressure)
		}
	}
	calls := len(edges)
	nodes, edges = tied(in, nodes, edges, index)
	l := arrange(len(nodes), edges, index)
	place := make([]box, len(nodes))
	for i := range nodes {
		place[i] = boxOf(&nodes[i], highest)
		place[i].X, place[i].Y = l.x[i], l.y[i]
	}
	p.Width, p.Height = l.width, l.height
	for k, e := range edges {
		c := curveOf(e, place[index[e.Caller]], place[index[e.Callee]], l.via(k), widest)
		if c.Tie = k >= calls; c.Tie {
			c.Words = e.Caller.Name + ", " + e.Callee.Name
		} else if to := &place[index[e.Callee]]; widest > 0 && e.Pressure >= worthTelling*widest && to.Kind != graph.Service.String() && e.Caller != e.Callee {
			to.Shared++
		}
		p.Edges = append(p.Edges, c)
	}
	slices.SortStableFunc(p.Edges, func(a, b curve) int { return cmp.Compare(a.Width, b.Width) })
	p.Nodes = place
	return p
}

func pressureOf(n *analysis.NodeView) float64 { return max(0, n.Own) + max(0, n.Inherited) }

// mostPressed are the nodes to draw: causes, then the most pressed.
func mostPressed(nodes []analysis.NodeView) []analysis.NodeView {
	out := slices.Clone(nodes)
	slices.SortStableFunc(out, func(a, b analysis.NodeView) int {
		return cmp.Or(cmp.Compare(number(b.Cause > 0), number(a.Cause > 0)), cmp.Compare(pressureOf(&b), pressureOf(&a)))
	})
	return out[:min(len(out), mostDrawn)]
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func boxOf(n *analysis.NodeView, highest float64) box {
	b := box{Name: short(n.Name, 22), Kind: n.Kind, Entry: n.Entry, Cause: n.Cause}
	if n.Mean > 0 || n.Baseline > 0 {
		b.Line = change(seconds(n.Baseline), seconds(n.Mean))
	}
	if highest > 0 {
		const room = boxWidth - 16
		b.Own = round(room * max(0, n.Own) / highest)
		b.Inherited = round(room * max(0, n.Inherited) / highest)
	}
	b.Words = fmt.Sprintf("%s, %s: mean %s, pressure %.3g own, %.3g inherited, %s failed",
		n.Name, n.Kind, change(seconds(n.Baseline), seconds(n.Mean)), n.Own, n.Inherited, share(n.ErrorRate))
	return b
}

func curveOf(e *analysis.EdgeView, from, to box, via []point, widest float64) curve {
	c := curve{Width: 1.2, Async: e.Async}
	if widest > 0 && e.Pressure >= faint*widest {
		c.Pressed, c.Width = true, round(1.6+7*e.Pressure/widest)
	}
	x1, y1 := from.X+boxWidth, from.Y+boxHeight/2
	x2, y2 := to.X-7, to.Y+boxHeight/2
	switch {
	case from == to:
		c.Path = fmt.Sprintf("M%g %g c 40 -40 40 40 -2 12", x1, y1-8)
		c.LabelX, c.LabelY = x1+20, y1-14
	case x2 > x1:
		at := point{x1, y1}
		c.Path = fmt.Sprintf("M%g %g", x1, y1)
		for i, next := range append(via, point{x2, y2}) {
			bend := (next.x - at.x) / 2
			c.Path += fmt.Sprintf(" C%g %g %g %g %g %g", at.x+bend, at.y, next.x-bend, next.y, next.x, next.y)
			if i == 0 {
				c.LabelX, c.LabelY = (at.x+next.x)/2, (at.y+next.y)/2-6
			}
			if at = next; i < len(via) { // straight past the column
				at.x += boxWidth
				c.Path += fmt.Sprintf(" H%g", at.x)
			}
		}
	default: // back to an earlier column, below both
		low := max(from.Y, to.Y) + boxHeight + bendAround/2
		x1, y1, x2, y2 = from.X+boxWidth/2, from.Y+boxHeight, to.X+boxWidth/2, to.Y+boxHeight+7
		c.Path = fmt.Sprintf("M%g %g C%g %g %g %g %g %g", x1, y1, x1, low, x2, low, x2, y2)
		c.LabelX, c.LabelY = (x1+x2)/2, low
	}
	if e.Amplification > 1.05 || e.BaselineAmplified > 1.05 {
		c.Retries = fmt.Sprintf("%.1f×", e.Amplification)
	}
	c.Words = fmt.Sprintf("%s calls %s: %.3g/s, before %.3g/s; mean %s; %s failed; %.1f attempts a call; carries %.3g",
		e.Caller.Name, e.Callee.Name, e.Rate, e.BaselineRate, change(seconds(e.BaselineMean), seconds(e.Mean)), share(e.ErrorShare), e.Amplification, e.Pressure)
	return c
}

func round(f float64) float64 { return math.Round(f*10) / 10 }

func short(s string, width int) string {
	if runes := []rune(s); len(runes) > width {
		return strings.TrimSpace(string(runes[:width-1])) + "…"
	}
	return s
}
