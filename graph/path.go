package graph

import (
	"slices"

	"headwater/graph/trace"
)

// Segment is a stretch of a request's critical path, told by what it was spent
// on.
type Segment struct {
	// Kind is Own for a node's own time; Gap for time between the two sides of a
	// call, the wait of a message in its queue included; Backoff between attempts;
	// Unpaired for a call whose callee sends no spans.
	Kind     AccountKind
	From, To int64 // Unix nanoseconds
	Span     int32 // in which the time lies
	// Call and Attempt say of which call, for all but Own; -1 else.
	Call, Attempt int32
	// Before is the span that began when the segment ended, -1 at the span's end:
	// the wait for a connection is own time right before a call.
	Before int32
}

// Path is the critical path of the request that span root began, in order of
// time. The segments follow one another; together they last as long as the
// request, the age of its message included.
func (r *Reading) Path(root int32) []Segment {
	var out []Segment
	if v := &r.Visits[r.VisitOf[root]]; v.Entry == root && v.age > 0 {
		at := r.Trace.Nodes[root].Start
		out = append(out, Segment{Kind: Gap, From: at - v.age, To: at, Span: root, Call: v.Call, Attempt: v.Attempt, Before: root})
	}
	for _, s := range r.Trace.CriticalPath(root) {
		g := Segment{Kind: r.accountOf(s.Node).kind, From: s.From, To: s.To, Span: s.Node, Call: -1, Attempt: -1, Before: s.Before}
		if g.Kind != Own {
			at := r.attemptAround(s.Node)
			g.Call, g.Attempt = r.CallOf[at], r.partAt(at, s.From)
		}
		out = r.withBackoff(out, g)
	}
	return out
}

// withBackoff appends a segment, with the wait before another attempt as one of
// its own.
func (r *Reading) withBackoff(out []Segment, g Segment) []Segment {
	if g.Before < 0 || r.CallOf[g.Before] < 0 || r.AttemptOf[g.Before] == 0 {
		return append(out, g)
	}
	c := &r.Calls[r.CallOf[g.Before]]
	n := r.AttemptOf[g.Before]
	prev := c.Attempts[n-1].Client
	if prev < 0 || c.Attempts[n].Part || c.Attempts[n].Parent != g.Span {
		return append(out, g)
	}
	wait := g
	wait.Kind, wait.Call, wait.Attempt = Backoff, r.CallOf[g.Before], n
	wait.From = max(g.From, r.Trace.Nodes[prev].End)
	if g.To = wait.From; g.To > g.From {
		g.Before = prev
		out = append(out, g)
	}
	if wait.To > wait.From {
		out = append(out, wait)
	}
	return out
}

// partAt is the attempt of client span i that was under way at a time: the last
// that it made, or one that it hid before.
func (r *Reading) partAt(i int32, at int64) int32 {
	n := r.AttemptOf[i]
	attempts := r.Calls[r.CallOf[i]].Attempts
	for n > 0 && attempts[n].Part && r.Trace.Nodes[attempts[n].Server].Start > at {
		n--
	}
	return n
}

// attemptAround is the client span of the attempt that span i is a part of.
func (r *Reading) attemptAround(i int32) int32 {
	for r.CallOf[i] < 0 {
		i = r.Trace.Nodes[i].Parent
	}
	return i
}

// Entries are the spans by which requests came in, in order: the roots, and the
// consumers of messages.
func (r *Reading) Entries() []int32 {
	out := entries(r)
	slices.Sort(out)
	return out
}

// accountOf is where the own time of span i is booked.
func (r *Reading) accountOf(i int32) accountKey {
	for at := i; at >= 0; at = r.Trace.Nodes[at].Parent { // a swallowed span goes with the call around it
		if ci := r.CallOf[at]; ci >= 0 {
			c := &r.Calls[ci]
			if c.Attempts[r.AttemptOf[at]].Server >= 0 {
				return accountKey{Gap, c.Caller, c.Callee, none}
			}
			return accountKey{Unpaired, c.Caller, c.Callee, c.Operation}
		}
		if p := r.Trace.Nodes[at].Parent; p < 0 || r.Trace.Spans[at].Kind != trace.KindClient || r.Trace.Spans[p].Kind != trace.KindClient || !r.wrapper[p] {
			break
		}
	}
	v := &r.Visits[r.VisitOf[i]]
	return accountKey{Own, none, v.Node, v.Operation}
}
