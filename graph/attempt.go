package graph

import "headwater/graph/trace"

// goesOn finds the call that attempt a goes on with, or -1 for a new call: the
// plain case of sibling spans of one parent to the same callee and operation,
// each starting after the one before it had failed; the attempts below a gRPC
// call span; and resends that say so themselves.
func (r *Reading) goesOn(call *Call, a *Attempt) int {
	family := r.family(a)
	if family < 0 || call.Async {
		return -1
	}
	t := r.Trace
	best, bestEnd := -1, int64(-1)
	c := r.open[family]
	for range openCalls {
		if c < 0 {
			break
		}
		made := &r.Calls[c]
		last := &r.attempts[made.last]
		// Of those that ended last together, the oldest.
		if end := t.Nodes[last.Client].End; end <= t.Nodes[a.Client].Start+attemptOverlap && end >= bestEnd && r.continues(call, made, last, a) {
			best, bestEnd = int(c), end
		}
		c = made.next
	}
	return best
}

// leaveOpen notes that the call may go on with a later attempt.
func (r *Reading) leaveOpen(call int, a *Attempt) {
	c := &r.Calls[call]
	family := r.family(a)
	if family < 0 || c.Async || a.Outcome == OK {
		return
	}
	c.next = r.open[family]
	r.open[family] = int32(call)
}

// family is where in open the calls of one span stand: at its parent's place, or,
// where the parent never came, behind all spans at that of the first orphan of
// the same parent. It is none for a call from nowhere.
func (r *Reading) family(a *Attempt) int32 {
	switch t := r.Trace; {
	case a.Client < 0:
		return none
	case a.Parent >= 0:
		return a.Parent
	case t.Nodes[a.Client].Notes&trace.NoteOrphan != 0:
		for _, i := range t.Roots {
			if t.Spans[i].Parent == t.Spans[a.Client].Parent {
				return int32(len(t.Spans)) + i
			}
		}
	}
	return none
}

// openCalls is how many unfinished calls of one span are looked at.
const openCalls = 64

// attemptOverlap is by how much, in nanoseconds, the next attempt may start
// before the last one's span has ended: spans are ended by callbacks.
const attemptOverlap = 1_000_000

// continues reports whether an attempt is the next of the call that last was an
// attempt of. After an answer nobody asks again, whatever is resent: a redirect
// is followed, a challenge is met.
func (r *Reading) continues(call, made *Call, last, next *Attempt) bool {
	a, b := &r.Trace.Spans[last.Client], &r.Trace.Spans[next.Client]
	if a.Name != b.Name || last.Outcome == OK {
		return false
	}
	if next.Parent >= 0 && r.wrapper[next.Parent] { // what stands in one call span is one call
		return made.Callee == call.Callee || r.facts[last.Client].peer < 0 || sameAddress(r.facts[last.Client], r.facts[next.Client])
	}
	return (made.Callee == call.Callee || sameAddress(r.facts[last.Client], r.facts[next.Client])) && b.Resend != 0 && a.Target == b.Target
}

// sameAddress tells two attempts at one callee, of which the callee saw only
// one, by where they were sent.
func sameAddress(a, b *facts) bool { return a.address.Host != "" && a.address == b.address }

// unseen is how many attempts came before the first that was seen, by what the
// client says, where no other request of the same span can be meant.
func (r *Reading) unseen(a *Attempt) int32 {
	if a.Client < 0 || a.Parent < 0 {
		return 0
	}
	s := &r.Trace.Spans[a.Client]
	if s.Resend <= 0 {
		return 0
	}
	for _, k := range r.Trace.Nodes[a.Parent].Children {
		if o := &r.Trace.Spans[k]; k != a.Client && o.Kind == trace.KindClient && o.Start <= s.Start {
			return 0
		}
	}
	return s.Resend
}
