package trace

// clock names the clock that stamped a span: of its host, or else of its
// instance, or else of its service.
type clock struct{ host, instance, service string }

func clockOf(r *Resource) clock {
	switch {
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

// skews estimates for each clock of a trace what must be added to its times.
type skews struct {
	shift map[clock]int64
	pairs map[clockPair]*skewBounds
	found []clockPair // in order of first appearance, parents first
}

type clockPair struct{ from, to clock }

type skewBounds struct{ lo, hi int64 }

// unbounded stands for a bound that nothing sets.
const unbounded = int64(1) << 62

// estimate fills shift, and reports whether any clock is to be shifted. Each
// call from one clock to another bounds the difference: the callee can't start
// before its caller, nor end after a caller that got its answer. Zero is
// believed where the bounds allow it.
func (k *skews) estimate(t *Trace, order []int32) bool {
	if !disagree(t) {
		return false
	}
	k.bound(t, order)
	k.shift = make(map[clock]int64, len(k.found))
	any := false
	for _, key := range k.found {
		if _, ok := k.shift[key.from]; !ok {
			k.shift[key.from] = 0
		}
		if _, ok := k.shift[key.to]; ok {
			continue
		}
		d := k.pairs[key].difference()
		if d > -skewNoise && d < skewNoise {
			d = 0
		}
		k.shift[key.to] = k.shift[key.from] + d
		any = any || k.shift[key.to] != 0
	}
	return any
}

// disagree reports whether any call seems to break the order of time: if none
// does, all clocks are believed.
func disagree(t *Trace) bool {
	for i := range t.Spans {
		if p, ok := timed(t, int32(i)); ok {
			s := &t.Spans[i]
			if p.Start > s.Start || answered(p, s) && p.End < s.End {
				return true
			}
		}
	}
	return false
}

// timed gives the caller of span i where the two bound the difference between
// their clocks.
func timed(t *Trace, i int32) (p *Brief, ok bool) {
	s, parent := &t.Spans[i], t.Nodes[i].Parent
	if parent < 0 || s.End < s.Start {
		return nil, false
	}
	p = &t.Spans[parent]
	if s.Resource == p.Resource || s.Kind == KindConsumer || p.Kind == KindProducer {
		return nil, false
	}
	// One that begins after its parent ended was not waited for.
	return p, s.Start <= p.End || s.Start-p.End >= 60e9
}

func (k *skews) bound(t *Trace, order []int32) {
	k.pairs = map[clockPair]*skewBounds{}
	k.found = k.found[:0]
	for _, i := range order {
		p, ok := timed(t, i)
		if !ok {
			continue
		}
		s := &t.Spans[i]
		key := clockPair{clockOf(p.Resource), clockOf(s.Resource)}
		if key.from == key.to {
			continue
		}
		b := k.pairs[key]
		if b == nil {
			b = &skewBounds{lo: -unbounded, hi: unbounded}
			k.pairs[key] = b
			k.found = append(k.found, key)
		}
		b.lo = max(b.lo, p.Start-s.Start)
		if answered(p, s) {
			b.hi = min(b.hi, p.End-s.End)
		}
	}
}

// difference is what to add to the callee's times.
func (b *skewBounds) difference() int64 {
	switch {
	case b.lo > b.hi: // they contradict each other: order is what counts
		return max(0, b.lo)
	case b.lo <= 0 && b.hi >= 0:
		return 0
	case b.hi == unbounded:
		return b.lo
	}
	return b.lo + (b.hi-b.lo)/2
}

// answered reports whether the caller surely waited for the callee's answer: a
// client span without an error, around a server span that fits into it.
func answered(p, s *Brief) bool {
	return p.Kind == KindClient && s.Kind == KindServer && p.Status != StatusError && s.Duration() <= p.Duration()
}
