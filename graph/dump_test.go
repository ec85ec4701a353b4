package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Dump writes all of a window, in order.
func Dump(w *Window) string {
	w.pack()
	lines := []string{fmt.Sprint("spans ", w.Spans, " orphans ", w.Orphans)}
	line := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for id, n := range w.Nodes {
		line("node %s %+v", id, n.All)
		for k, v := range n.Operations {
			line("node %s operation %s %+v", id, k, *v)
		}
		for k, v := range n.Instances {
			line("node %s instance %s %+v", id, k, *v)
		}
	}
	for id, e := range w.Edges {
		line("edge %s %+v", id, *e)
	}
	for id, r := range w.Routes {
		bare := *r
		bare.Accounts, bare.Shapes = nil, nil
		line("route %s %s %+v", id.Node, id.Operation, bare)
		for k, a := range r.Accounts {
			line("route %s %s account %s %+v", id.Node, id.Operation, k, *a)
		}
		for k, s := range r.Shapes {
			line("route %s %s shape %+v %+v", id.Node, id.Operation, k, s)
		}
	}
	for a, n := range w.Addresses {
		line("address %v %s", a, n)
	}
	for f, s := range w.Fallen {
		line("fallen %v %+v", f, *s)
	}
	slices.Sort(lines[1:])
	return strings.Join(lines, "\n")
}

// Dumps writes the windows by start; empty ones are left out.
func Dumps(ws map[int64]*Window) map[int64]string {
	out := map[int64]string{}
	for _, start := range slices.Sorted(maps.Keys(ws)) {
		if w := ws[start]; w.Spans > 0 || len(w.Nodes)+len(w.Edges)+len(w.Routes) > 0 {
			out[start] = Dump(w)
		}
	}
	return out
}
