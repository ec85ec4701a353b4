package graph

import "headwater/graph/trace"

// goesOn finds the call that attempt a goes on with, or -1 for a new call: the
// plain case of sibling spans of one parent to the same callee and operation,
// each starting after the one before it had failed; the attempts below a gRPC
// call span; and resends that say so themselves.
func (r *Reading) goesOn(call *Call, a *Attempt) int {
	if a.Client < 0 || a.Parent < 0 || call.Async {
		return -1
	}
	t := r.Trace
	best, bestEnd := -1, int64(-1)
	c := r.open[a.Parent]
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
	if a.Client < 0 || a.Parent < 0 || c.Async || a.Outcome == OK {
		return
	}
	c.next = r.open[a.Parent]
	r.open[a.Parent] = int32(call)
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
	if a.Name != b.Name || made.Callee != call.Callee && !sameAddress(r.facts[last.Client], r.facts[next.Client]) {
		return false
	}
	if last.Outcome == OK {
		return false
	}
	return r.wrapper[next.Parent] || b.Resend != 0 && a.Target == b.Target
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
