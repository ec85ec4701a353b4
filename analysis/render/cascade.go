package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"headwater/analysis"
	"headwater/graph"
)

// faint is the share of the greatest pressure below which an edge is not drawn.
const faint = 0.01

// maxDepth bounds how deep the cascade is drawn.
const maxDepth = 12

// cascade draws who pressed whom, from where users enter down to the origin.
func (p *page) cascade(in *analysis.Incident) {
	d := drawing{page: p, nodes: map[graph.NodeID]*analysis.NodeView{}, drawn: map[graph.NodeID]bool{}}
	for i := range in.Nodes {
		d.nodes[in.Nodes[i].ID] = &in.Nodes[i]
	}
	for i := range in.Edges {
		d.most = max(d.most, in.Edges[i].Pressure)
	}
	for i := range in.Edges {
		if e := &in.Edges[i]; e.Pressure > 0 && e.Pressure >= faint*d.most {
			d.edges = append(d.edges, e)
		}
	}
	if len(d.edges) == 0 {
		return
	}
	slices.SortStableFunc(d.edges, func(a, b *analysis.EdgeView) int { return cmp.Compare(b.Pressure, a.Pressure) })
	p.heading("The cascade: caller => callee, and the calls it holds open beyond the usual")
	for _, n := range d.roots() {
		p.line("  %s", d.name(n))
		d.below(n, 1)
	}
}

// drawing is a cascade half drawn.
type drawing struct {
	*page
	nodes map[graph.NodeID]*analysis.NodeView
	edges []*analysis.EdgeView // pressed, most pressed first
	most  float64
	drawn map[graph.NodeID]bool
}

// roots are the callers that nobody presses on, and, as cycles may have none,
// those that are left when all below the first are drawn.
func (d *drawing) roots() []graph.NodeID {
	var all, roots []graph.NodeID
	called := map[graph.NodeID]bool{}
	for _, e := range d.edges {
		called[e.Callee] = called[e.Callee] || e.Caller != e.Callee
		if !slices.Contains(all, e.Caller) {
			all = append(all, e.Caller)
		}
	}
	reached := map[graph.NodeID]bool{}
	var reach func(graph.NodeID)
	reach = func(n graph.NodeID) {
		if reached[n] {
			return
		}
		reached[n] = true
		for _, e := range d.edges {
			if e.Caller == n {
				reach(e.Callee)
			}
		}
	}
	for _, entry := range []func(graph.NodeID) bool{
		func(n graph.NodeID) bool { return !called[n] },
		func(graph.NodeID) bool { return true },
	} {
		for _, n := range all {
			if entry(n) && !reached[n] {
				roots = append(roots, n)
				reach(n)
			}
		}
	}
	return roots
}

func (d *drawing) below(n graph.NodeID, depth int) {
	d.drawn[n] = true
	for _, e := range d.edges {
		if e.Caller != n {
			continue
		}
		arrow := "=>"
		if e.Async {
			arrow = "~>"
		}
		left := fmt.Sprintf("  %s%s %s", strings.Repeat("   ", depth), arrow, d.name(e.Callee))
		seen := d.drawn[e.Callee]
		if seen && e.Callee != n {
			left += " (see above)"
		}
		d.line("%s  %s", pad(left, d.width*2/5), d.pressed(e))
		if !seen && depth < maxDepth {
			d.below(e.Callee, depth+1)
		}
	}
}

func (d *drawing) name(n graph.NodeID) string {
	v := d.nodes[n]
	if v == nil {
		return n.Name
	}
	name := v.Name
	if v.Kind != graph.Service.String() {
		name = "(" + name + ")"
	}
	if v.Cause > 0 {
		name += fmt.Sprintf(" [cause %d]", v.Cause)
	}
	return name
}

// pressed says in one line how an edge is pressed.
func (d *drawing) pressed(e *analysis.EdgeView) string {
	const bar = 10
	length := max(1, int(e.Pressure/d.most*bar+0.5))
	parts := []string{fmt.Sprintf("%s %+.3g open", pad(strings.Repeat("#", length), bar), e.Pressure)}
	if e.Amplification > 1.05 || e.BaselineAmplified > 1.05 {
		parts = append(parts, fmt.Sprintf("%.1f attempts a call", e.Amplification))
	}
	parts = append(parts, change(seconds(e.BaselineMean), seconds(e.Mean)))
	if e.ErrorShare > e.BaselineErrors && e.ErrorShare >= 0.001 {
		parts = append(parts, share(e.ErrorShare)+" failed")
	}
	return strings.Join(parts, ", ")
}
