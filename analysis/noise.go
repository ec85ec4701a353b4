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
	add := func(t *tally, time int64, n float64) {
		s := float64(time) / 1e9
		t.sum += s
		t.squares += s * s / n
	}
	type perRoute struct {
		requests float64
		seen     int
		whole    tally
		accounts map[graph.AccountID]*tally
	}
	routes := map[graph.RouteID]*perRoute{}
	for _, w := range windows {
		for id, r := range w.Routes {
			n := float64(r.Requests)
			if n == 0 {
				continue
			}
			p := routes[id]
			if p == nil {
				p = &perRoute{accounts: make(map[graph.AccountID]*tally, len(r.Accounts))}
				routes[id] = p
			}
			p.requests += n
			p.seen++
			add(&p.whole, r.Time.Sum, n)
			for a, s := range r.Accounts {
				t := p.accounts[a]
				if t == nil {
					t = &tally{}
					p.accounts[a] = t
				}
				add(t, s.Time, n)
			}
		}
	}
	out := noise{}
	for id, p := range routes {
		if p.seen < noiseWindows {
			continue
		}
		variance := func(t *tally) float64 {
			return max(0, t.squares-t.sum*t.sum/p.requests) / float64(p.seen-1)
		}
		out[noiseOf{route: id}] = variance(&p.whole)
		for a, t := range p.accounts {
			out[noiseOf{id, a}] = variance(t)
		}
	}
	return out
}

// deviation is the standard error of the difference between the means of what
// requests have before and in an incident, each of them with the given variance;
// 0 where there are none to compare.
func deviation(variance float64, before, now int64) float64 {
	if before == 0 || now == 0 {
		return 0
	}
	return math.Sqrt(variance * (1/float64(before) + 1/float64(now)))
}
