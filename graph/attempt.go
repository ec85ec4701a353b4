package graph

import "headwater/graph/trace"

// grouper puts the attempts of one call together. It keeps, for every span that
// makes calls, the calls made from it so far.
type grouper struct {
	made map[int32][]int32
}

// place finds the call that attempt a goes on with, or -1 for a new call: the
// plain case of sibling spans of one parent to the same callee and operation,
// each starting after the one before it had failed; the attempts below a gRPC
// call span; and resends that say so themselves.
func (g *grouper) place(r *reader, call *Call, a Attempt) int {
	if a.Client < 0 || a.Parent < 0 || call.Async {
		return -1
	}
	if g.made == nil {
		g.made = make(map[int32][]int32)
	}
	t := r.Trace
	wrapped := r.wrapper[a.Parent]
	best, bestEnd := -1, int64(-1)
	open := g.made[a.Parent]
	for _, c := range open[max(0, len(open)-openCalls):] {
		made := &r.Calls[c]
		last := made.Attempts[len(made.Attempts)-1]
		if end := t.Nodes[last.Client].End; end <= t.Nodes[a.Client].Start+attemptOverlap && end > bestEnd &&
			r.continues(call, made, &t.Spans[last.Client], &t.Spans[a.Client], last.Outcome, wrapped) {
			best, bestEnd = int(c), end
		}
	}
	if best < 0 && (wrapped || a.Outcome != OK) {
		g.made[a.Parent] = append(g.made[a.Parent], int32(len(r.Calls)))
	}
	return best
}

// openCalls is how many unfinished calls of one span are looked at.
const openCalls = 64

// attemptOverlap is by how much, in nanoseconds, the next attempt may start
// before the last one's span has ended: spans are ended by callbacks.
const attemptOverlap = 1_000_000

// continues reports whether a span is the next attempt of the call that last
// was an attempt of.
func (r *reader) continues(call, made *Call, last, next *trace.Span, outcome Outcome, wrapped bool) bool {
	if last.Name != next.Name {
		return false
	}
	if made.Callee != call.Callee && !r.sameAddress(last, next) {
		return false
	}
	if wrapped {
		return true
	}
	if outcome == OK {
		return false
	}
	if n, ok := resends(next); ok && n == 0 {
		return false
	}
	return text(last, keysURL) == text(next, keysURL)
}

// sameAddress tells two attempts at one callee, of which the callee saw only
// one, by where they were sent.
func (r *reader) sameAddress(a, b *trace.Span) bool {
	ah, ap := AddressOf(a)
	bh, bp := AddressOf(b)
	return ah != "" && ah == bh && ap == bp
}

// resends is how often the client says that it had sent the request before.
func resends(s *trace.Span) (int64, bool) {
	for _, k := range []string{keyResend, keyResendOld} {
		if v, ok := s.Attr(k); ok {
			return v.Int()
		}
	}
	return 0, false
}
