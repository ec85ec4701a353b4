package simulate

import "math"

// warmUp is how many ticks at the start are no part of what is usual: the
// system fills first.
const warmUp = 30

// leap finds in a series the first tick from which on the number stays above
// what is usual before the trigger, for three ticks, and the last such tick. What
// counts is more than a third, four standard deviations and the floor above the
// usual. first is -1 if it never does.
func leap(series []float32, trigger int, floor float64) (first, last int) {
	return leapWithin(series, trigger, floor, trigger, len(series))
}

// leapWithin is leap for the ticks [from, to).
func leapWithin(series []float32, trigger int, floor float64, from, to int) (first, last int) {
	_, limit := limitOf(series, trigger, floor)
	first, last = -1, -1
	above := 0
	for i := from; i < to; i++ {
		if float64(series[i]) <= limit {
			above = 0
			continue
		}
		if above++; above >= 3 {
			if first < 0 {
				first = i - 2
			}
			last = i
		}
	}
	return first, last
}

// limitOf is what a series is usually, and at most.
func limitOf(series []float32, trigger int, floor float64) (usual, limit float64) {
	n := 0.0
	for _, v := range series[min(warmUp, trigger):trigger] {
		usual += float64(v)
		n++
	}
	usual /= max(n, 1)
	vary := 0.0
	for _, v := range series[min(warmUp, trigger):trigger] {
		vary += (float64(v) - usual) * (float64(v) - usual)
	}
	return usual, usual + max(usual/3, 4*math.Sqrt(vary/max(n-1, 1)), floor)
}

// together adds two series and smooths the sum over the last few ticks.
func together(a, b []float32) []float32 {
	const over = 5
	out := make([]float32, len(a))
	for i := range a {
		n := min(over, i+1)
		for k := range n {
			out[i] += (a[i-k] + b[i-k]) / float32(n)
		}
	}
	return out
}

// failing and waiting are what users of an entry saw: the share that failed and
// the mean time in seconds, over some ticks each, since few come in one.
func (b *entryBook) failing() []float32 { return b.ratio(entryTick.failing) }

func (b *entryBook) waiting() []float32 { return b.ratio(entryTick.waiting) }

// lastAbove is the tick after the last one in which requests were hurt, looked for
// around the last one at which the ratio lies above its limit. Several ticks are
// read together there, so that the ratio lags: the end is where what lies before it
// is furthest above what is usual, and what comes after it below. Who was hurt is
// well again at half the limit.
func (b *entryBook) lastAbove(of func(entryTick) float64, usual, limit float64, last int) int {
	half := (usual + limit) / 2
	at, most, above := last+1, math.Inf(-1), 0.0
	for i := max(0, last-2*b.pooled()); i < len(b.ticks) && i < max(at, last)+2*b.pooled(); i++ {
		t := b.ticks[i]
		above += of(t) - half*float64(t.requests)
		if above > most {
			at, most = i+1, above
		}
	}
	return at
}

// pooled is how many ticks of an entry are read together: enough for some
// sixty requests.
func (b *entryBook) pooled() int {
	requests := 0
	for _, t := range b.ticks {
		requests += t.requests
	}
	return min(60, max(10, 60*len(b.ticks)/max(requests, 1)))
}

func (b *entryBook) ratio(of func(entryTick) float64) []float32 {
	pooled := b.pooled()
	out := make([]float32, len(b.ticks))
	part, whole := 0.0, 0
	for i, t := range b.ticks {
		part += of(t)
		whole += t.requests
		if i >= pooled {
			part -= of(b.ticks[i-pooled])
			whole -= b.ticks[i-pooled].requests
		}
		if whole > 0 {
			out[i] = float32(part / float64(whole))
		}
	}
	return out
}
