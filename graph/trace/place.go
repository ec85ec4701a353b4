package trace

import (
	"cmp"
	"slices"
)

// place decides what times each span is computed with: skew undone, then
// clamped into the parent, top-down.
func (t *Trace) place(order []int32) {
	shifts := t.skews(order)
	for _, i := range order {
		s, n := &t.Spans[i], &t.Nodes[i]
		if shift := shifts[clockOf(s)]; shift != 0 {
			n.Shift = shift
			n.Notes |= NoteSkew
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
		slices.SortFunc(t.Nodes[i].Children, func(a, b int32) int {
			return cmp.Or(cmp.Compare(t.Nodes[a].Start, t.Nodes[b].Start), cmp.Compare(a, b))
		})
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

// clock names the clock that stamped a span: of its host, or else of its
// instance, or else of its service.
type clock struct{ host, instance, service string }

func clockOf(s *Span) clock {
	switch r := s.Resource; {
	case r == nil:
		return clock{}
	case r.Host != "":
		return clock{host: r.Host}
	case r.Instance != "":
		return clock{instance: r.Instance, service: r.Service}
	default:
		return clock{service: r.Service}
	}
}

// skewNoise is the disagreement between two clocks, in nanoseconds, that is
// left to clamping: some instrumentations cut their start to the millisecond.
const skewNoise = 2_000_000

// skews estimates for each clock of the trace what must be added to its times.
// Each call from one clock to another bounds the difference: the callee can't
// start before its caller, nor end after a caller that got its answer. Zero is
// believed where the bounds allow it.
func (t *Trace) skews(order []int32) map[clock]int64 {
	type pair struct{ from, to clock }
	type bounds struct{ lo, hi int64 }
	const none = int64(1) << 62
	var pairs map[pair]*bounds
	var found []pair // in order of first appearance, parents first
	for _, i := range order {
		s, n := &t.Spans[i], &t.Nodes[i]
		if n.Parent < 0 || s.End < s.Start {
			continue
		}
		p := &t.Spans[n.Parent]
		if s.Resource == p.Resource || s.Kind == KindConsumer || p.Kind == KindProducer {
			continue
		}
		key := pair{clockOf(p), clockOf(s)}
		if key.from == key.to || s.Start > p.End && s.Start-p.End < 60e9 {
			continue // begins after its parent ended: not waited for
		}
		if pairs == nil {
			pairs = make(map[pair]*bounds)
		}
		b := pairs[key]
		if b == nil {
			b = &bounds{lo: -none, hi: none}
			pairs[key] = b
			found = append(found, key)
		}
		b.lo = max(b.lo, p.Start-s.Start)
		if answered(p, s) {
			b.hi = min(b.hi, p.End-s.End)
		}
	}
	if pairs == nil {
		return nil
	}
	shifts := make(map[clock]int64)
	for _, key := range found {
		if _, ok := shifts[key.from]; !ok {
			shifts[key.from] = 0
		}
		if _, ok := shifts[key.to]; ok {
			continue
		}
		b := pairs[key]
		d := int64(0)
		switch {
		case b.lo > b.hi: // they contradict each other: order is what counts
			d = max(0, b.lo)
		case b.lo > 0 || b.hi < 0:
			if b.hi == none {
				d = b.lo
			} else {
				d = b.lo + (b.hi-b.lo)/2
			}
		}
		if d > -skewNoise && d < skewNoise {
			d = 0
		}
		shifts[key.to] = shifts[key.from] + d
	}
	return shifts
}

// answered reports whether the caller surely waited for the callee's answer: a
// client span without an error, around a server span that fits into it.
func answered(p, s *Span) bool {
	return p.Kind == KindClient && s.Kind == KindServer && p.Status != StatusError && s.Duration() <= p.Duration()
}
