package analysis

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// ending is when trouble is over, with what chance: of a number that goes down and
// varies from window to window, the last time at which it lies above a limit. That
// is later than when its mean comes down to it: the slower it goes down, and the
// more it varies, by the more.
type ending struct {
	at []endsAt
}

// endsAt is a time, in windows, and the chance that it is the end.
type endsAt struct{ windows, chance float64 }

// calm is for how many windows nothing must lie above the limit for the trouble to
// be over.
const calm = lingering

// passed adds the ends of a course: the chance of each of its steps, so many of
// which make a window, to lie above the limit. weight is that of this course among
// all.
func (e *ending) passed(above []float64, steps int, weight float64) {
	quiet := calm * steps
	// since[k] is the chance that it is not over and that the last step above the
	// limit was k before.
	since := make([]float64, quiet+1)
	since[0] = 1
	for i, p := range above {
		again := 0.0
		for k := quiet; k > 0; k-- {
			again += since[k-1] * p
			since[k] = since[k-1] * (1 - p)
		}
		since[0] = again
		if since[quiet] > 0 {
			e.at = append(e.at, endsAt{max(0, float64(i+1-quiet)/float64(steps)), weight * since[quiet]})
		}
		since[quiet] = 0
	}
	left := 0.0
	for _, p := range since {
		left += p
	}
	if left > 0 {
		e.at = append(e.at, endsAt{math.Inf(1), weight * left})
	}
}

// quantile is by when it is over with some chance; infinite where that is not in
// sight.
func (e *ending) quantile(chance float64) float64 {
	slices.SortStableFunc(e.at, func(a, b endsAt) int { return cmp.Compare(a.windows, b.windows) })
	total, sum := 0.0, 0.0
	for _, x := range e.at {
		total += x.chance
	}
	for _, x := range e.at {
		if sum += x.chance; sum >= chance*total {
			return x.windows
		}
	}
	return math.Inf(1)
}

// above is the chance that a mean of a window lies above a limit.
func above(mean, deviation, limit float64) float64 {
	if deviation <= 0 {
		if mean > limit {
			return 1
		}
		return 0
	}
	return distuv.UnitNormal.Survival((limit - mean) / deviation)
}
