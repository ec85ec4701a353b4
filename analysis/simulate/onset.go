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
	usual, n := 0.0, 0.0
	for _, v := range series[min(warmUp, trigger):trigger] {
		usual += float64(v)
		n++
	}
	usual /= max(n, 1)
	vary := 0.0
	for _, v := range series[min(warmUp, trigger):trigger] {
		vary += (float64(v) - usual) * (float64(v) - usual)
	}
	limit := usual + max(usual/3, 4*math.Sqrt(vary/max(n-1, 1)), floor)
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
func (b *entryBook) failing() []float32 {
	return b.ratio(func(t entryTick) float64 { return float64(t.failed) })
}

func (b *entryBook) waiting() []float32 {
	return b.ratio(func(t entryTick) float64 { return t.time / 1e9 })
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
