package contrast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// A request is slow that took more than slowFactor times as long as the quick
// quarter of those like it, and longer than nearly all would if durations spread
// above their middle as they do below it (log-normally): slowSpreads standard
// deviations above the quarter. One up to goodFactor, or goodSpreads, is good.
const (
	quick       = 0.25
	slowFactor  = 2.5
	goodFactor  = 2
	slowSpreads = 4.2 // one in 5,000
	goodSpreads = 2.7 // all but one in 40
	// leastSpread keeps durations that hardly differ from being told apart.
	leastSpread = 0.1
)

// limits gives up to which duration, in ns, requests that are alike are good, and
// beyond which they are slow: infinity where there are no slow ones that stand
// apart from the others.
func limits(alike []request) (usual, slow float64) {
	var x []float64 // logarithms: durations spread by factors
	for _, r := range alike {
		x = append(x, math.Log(float64(max(r.took, 1))))
	}
	slices.Sort(x)
	quarter := stat.Quantile(quick, stat.Empirical, x, nil)
	twentieth := stat.Quantile(0.05, stat.Empirical, x, nil)
	spread := max(leastSpread, (quarter-twentieth)/0.97) // of a normal distribution
	good := quarter + max(math.Log(goodFactor), goodSpreads*spread)
	from := quarter + max(math.Log(slowFactor), slowSpreads*spread)
	if !apart(x, good, from) {
		return math.Exp(good), math.Inf(1)
	}
	return math.Exp(good), math.Exp(from)
}

// apart reports whether the slow ones of sorted durations stand apart: a
// population of its own has a middle, and fewer lie between it and the middle of
// the good ones. In the tail of one population there are more the nearer they
// are to the others, however long it is.
func apart(x []float64, good, from float64) bool {
	end, _ := slices.BinarySearch(x, good)
	first, _ := slices.BinarySearch(x, from)
	if end == 0 || first == len(x) {
		return false
	}
	middle := (x[:end])[end/2]
	slow := x[first:][(len(x)-first)/2]
	near := (slow - middle) / 6
	about := func(at float64) float64 {
		from, _ := slices.BinarySearch(x, at-near)
		to, _ := slices.BinarySearch(x, at+near)
		return float64(to - from)
	}
	return about(slow) >= 3+1.5*about((middle+slow)/2)
}
