package trace

import (
	"cmp"
	"slices"
)

// Step is a stretch of a trace's critical path: time in which the request waited
// for a node's own work.
type Step struct {
	Node     int32
	From, To int64 // Unix nanoseconds
	// Before is the child that began when the step ended, -1 at the node's end:
	// it tells where in its span the time lies.
	Before int32
}

// CriticalPath is what the end of root waited for, in order of time: from the
// end backwards, at each point the child that finished last, and where none ran
// the node itself. The steps follow one another without gaps or overlaps, so
// that they add up to the root's duration. Asynchronous children are not on it.
//
// The method is that of critical-path tracing over RPC traces (Zhang et al.,
// CRISP, USENIX ATC 2022), on the times after correction.
func (t *Trace) CriticalPath(root int32) []Step {
	type frame struct {
		node   int32
		at     int64
		kids   []int32 // those not yet passed, the last to finish first
		before int32
	}
	var out []Step
	step := func(f *frame, from int64) {
		if f.at > from {
			out = append(out, Step{f.node, from, f.at, f.before})
		}
	}
	frames := []frame{{root, t.Nodes[root].End, t.lastFirst(root), -1}}
	for len(frames) > 0 {
		f := &frames[len(frames)-1]
		for len(f.kids) > 0 && t.Nodes[f.kids[0]].End > f.at {
			f.kids = f.kids[1:] // ran while something else was waited for
		}
		if len(f.kids) == 0 {
			step(f, t.Nodes[f.node].Start)
			frames = frames[:len(frames)-1]
			continue
		}
		kid := f.kids[0]
		k := &t.Nodes[kid]
		step(f, k.End)
		f.kids, f.at, f.before = f.kids[1:], k.Start, kid
		frames = append(frames, frame{kid, k.End, t.lastFirst(kid), -1})
	}
	slices.Reverse(out)
	return out
}

// lastFirst lists the children that a node waited for, the last to finish first.
func (t *Trace) lastFirst(i int32) []int32 {
	var kids []int32
	for _, c := range t.Nodes[i].Children {
		if k := &t.Nodes[c]; !k.Async && k.End > k.Start {
			kids = append(kids, c)
		}
	}
	slices.SortFunc(kids, func(a, b int32) int {
		x, y := &t.Nodes[a], &t.Nodes[b]
		return cmp.Or(cmp.Compare(y.End, x.End), cmp.Compare(y.Start, x.Start), cmp.Compare(a, b))
	})
	return kids
}
