package analysis

import (
	"math"

	"headwater/graph"
)

// noise is how much the time that requests have in an account varies by itself,
// learnt from the windows of a baseline: between windows, which is more than
// within them, since work comes in clusters and machines have moods.
type noise map[noiseOf]float64 // variance per request, seconds squared

// noiseOf is a route, or with an account what its requests have there.
type noiseOf struct {
	route   graph.RouteID
	account graph.AccountID
}

// noiseWindows is how many windows must have requests of a route for its
// windows to be compared with one another.
const noiseWindows = 4

// noiseIn learns from single windows. With n requests in a window whose mean is
// m, the mean over all being M, the mean of n (m-M)^2 estimates the variance per
// request, the one that windows share included.
func noiseIn(windows []*graph.Window) noise {
	type tally struct{ sum, squares float64 }
	requests := map[graph.RouteID]float64{}
	seen := map[graph.RouteID]int{}
	tallies := map[noiseOf]*tally{}
	add := func(k noiseOf, time int64, n float64) {
		t := tallies[k]
		if t == nil {
			t = &tally{}
			tallies[k] = t
		}
		s := float64(time) / 1e9
		t.sum += s
		t.squares += s * s / n
	}
	for _, w := range windows {
		for id, r := range w.Routes {
			n := float64(r.Requests)
			if n == 0 {
				continue
			}
			requests[id] += n
			seen[id]++
			add(noiseOf{route: id}, r.Time.Sum, n)
			for a, s := range r.Accounts {
				add(noiseOf{id, a}, s.Time, n)
			}
		}
	}
	out := noise{}
	for k, t := range tallies {
		if w := seen[k.route]; w >= noiseWindows {
			out[k] = max(0, t.squares-t.sum*t.sum/requests[k.route]) / float64(w-1)
		}
	}
	return out
}

// of is the standard error, in seconds, of the difference between the means of
// what requests have in an account before and in an incident; 0 where the
// baseline says nothing.
func (s noise) of(route graph.RouteID, account graph.AccountID, before, now int64) float64 {
	if before == 0 || now == 0 {
		return 0
	}
	return math.Sqrt(s[noiseOf{route, account}] * (1/float64(before) + 1/float64(now)))
}
