package web

import (
	"cmp"
	"slices"

	"headwater/graph/trace"
)

// stretch is a time from and to, in Unix nanoseconds.
type stretch struct{ from, to int64 }

// criticalPath gives for every node the stretches in which the end of its root
// waited for it and for nothing below it: walking back from a root's end, always
// into the child that finished last. Together they cover the root. Spans that
// nobody waits for have none.
func criticalPath(t *trace.Trace) [][]stretch {
	out := make([][]stretch, len(t.Nodes))
	type job struct {
		node     int32
		from, to int64
	}
	var stack []job
	for _, r := range t.Roots {
		stack = append(stack, job{r, t.Nodes[r].Start, t.Nodes[r].End})
	}
	for len(stack) > 0 {
		j := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		kids := make([]int32, 0, len(t.Nodes[j.node].Children))
		for _, c := range t.Nodes[j.node].Children {
			if n := &t.Nodes[c]; !n.Async && n.End > n.Start {
				kids = append(kids, c)
			}
		}
		slices.SortFunc(kids, func(a, b int32) int {
			x, y := &t.Nodes[a], &t.Nodes[b]
			return cmp.Or(cmp.Compare(y.End, x.End), cmp.Compare(x.Start, y.Start), cmp.Compare(a, b))
		})
		until := j.to
		for _, c := range kids {
			n := &t.Nodes[c]
			if until <= j.from {
				break
			}
			end, start := min(n.End, until), max(n.Start, j.from)
			if n.End > until || start >= end {
				continue // it ran on beside the one that the path takes
			}
			if end < until {
				out[j.node] = append(out[j.node], stretch{end, until})
			}
			stack = append(stack, job{c, start, end})
			until = start
		}
		if until > j.from {
			out[j.node] = append(out[j.node], stretch{j.from, until})
		}
		slices.Reverse(out[j.node])
	}
	return out
}
