package analysis

import (
	"math"

	"headwater/graph"
)

// Unbalanced is by what share of the difference the lines of a ledger miss it, at
// worst, over the routes of a window: what the requests of a route took longer
// must be what its accounts grew by.
func Unbalanced(before []*graph.Window, now *graph.Window) float64 {
	worst := 0.0
	base := graph.Sum(before)
	l := newLedger(base, now, noiseIn(before))
	of := map[graph.RouteID]float64{}
	size := map[graph.RouteID]float64{}
	for i := range l.lines {
		x := &l.lines[i]
		of[x.route] += x.total()
		size[x.route] += math.Abs(x.fanOut) + math.Abs(x.retries) + math.Abs(x.time)
	}
	for _, p := range l.pains {
		b, n := route(base, p.route), route(now, p.route)
		want := (n.Time.Mean() - b.Time.Mean()) / 1e9 * p.requests
		off := math.Abs(of[p.route]-want) / max(size[p.route], math.Abs(want), 1e-6)
		worst = max(worst, off)
	}
	return worst
}

// Trend gives in how many windows after the last a falling series comes down to a
// level, and how.
func Trend(series []float64, usual, level float64, kind PressingKind) (windows, halves float64, decay string, ok bool) {
	o, ok := trend(series, usual, level, kind)
	return o.windows, o.half, o.decay, ok
}

// Drain gives in how many windows a backlog is gone.
func Drain(waiting, taken []float64, comes, level float64) (windows float64, ok bool) {
	o, ok := drain(waiting, taken, comes, level)
	return o.windows, ok
}

// Warm gives in how many windows of ten seconds a cache is warm enough for requests
// to take no longer than a limit; the store behind it has one server.
func Warm(misses, behind, answers, took []float64, asks, answer, request, limit float64) (soon, windows, late float64, ok bool) {
	f := filling{
		misses: misses, behind: behind, answers: answers, took: took, asks: asks, known: 30, demand: 1, each: 1,
		answer: answer, request: request, limit: limit, window: 10,
	}
	o, ok := f.warm()
	return o.soon, o.windows, o.late, ok
}

// LastAbove gives when it is over with some chance, where each window lies above a
// limit with the chance given.
func LastAbove(above []float64, chance float64) float64 {
	var e ending
	e.passed(above, 1, 1)
	return e.quantile(chance)
}
