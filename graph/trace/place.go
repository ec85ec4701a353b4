package trace

import (
	"cmp"
	"slices"
)

// place decides what times each span is computed with: skew undone, then
// clamped into the parent, top-down.
func (a *Assembler) place() {
	t := &a.t
	skewed := a.skewed.estimate(t, a.order)
	for _, i := range a.order {
		s, n := &t.Spans[i], &t.Nodes[i]
		if skewed {
			if n.Shift = a.skewed.shift[clockOf(s.Resource)]; n.Shift != 0 {
				n.Notes |= NoteSkew
			}
		}
		n.Start, n.End = s.Start+n.Shift, s.End+n.Shift
		if n.End < n.Start {
			n.End = n.Start
			n.Notes |= NoteBackwards
		}
		if n.End-n.Start > MaxDuration || n.End-n.Start < 0 {
			n.End = n.Start + MaxDuration
			n.Notes |= NoteTooLong
		}
		n.RawEnd = n.End
		if n.Parent < 0 {
			continue
		}
		p := &t.Nodes[n.Parent]
		n.Async = t.async(i)
		if n.Async {
			continue
		}
		if n.End > p.End {
			n.Notes |= NoteOutlives
		}
		if n.Start < p.Start {
			n.Notes |= NoteEarly
		}
		n.Start = min(max(n.Start, p.Start), p.End)
		n.End = min(max(n.End, n.Start), p.End)
	}
	for i := range t.Nodes {
		if kids := t.Nodes[i].Children; len(kids) > 1 {
			slices.SortFunc(kids, func(a, b int32) int {
				if t.Nodes[a].Start != t.Nodes[b].Start {
					return cmp.Compare(t.Nodes[a].Start, t.Nodes[b].Start)
				}
				return cmp.Compare(a, b)
			})
		}
	}
}

// async reports whether the parent of node i does not wait for it: a consumer,
// or a span that begins only when its parent has ended. A server that begins
// after its client's end was waited for, in vain: the client's deadline passed
// while the request stood in a queue.
func (t *Trace) async(i int32) bool {
	s, n := &t.Spans[i], &t.Nodes[i]
	p := &t.Spans[n.Parent]
	if s.Kind == KindConsumer || p.Kind == KindProducer {
		return true
	}
	if s.Kind == KindServer && p.Kind == KindClient {
		return false
	}
	return s.Start+n.Shift >= t.Nodes[n.Parent].End && s.End > s.Start && p.End > p.Start
}
