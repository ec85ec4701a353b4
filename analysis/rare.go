package analysis

import (
	"gonum.org/v1/gonum/stat/distuv"

	"headwater/graph"
)

// rarity is how often something happens that should not: a failure of a route, of
// a node or of an attempt, or a span that is missing where one always stands. How
// often it does at one place is judged by what the whole system shows, since few
// requests of one place say little by themselves: a place counts as if it had been
// seen some more times, with the share that all have together.
type rarity struct{ share float64 }

const (
	// lent is as how many requests of a place the share of all places counts.
	lent = 50
	// unseenYet is how often it may have happened at a place where it was never
	// seen: places differ.
	unseenYet = 0.1
	// seldom is the largest share that is rare: places with more of it in the
	// baseline are no measure for others.
	seldom = 0.05
	// rareEnough is how many requests a place must have had to be compared.
	rareEnough = 20
	// unlikely is how improbable it must be by chance; there are many places, and
	// many times to look at them.
	unlikely = 1e-7
	// longest is over how many windows at most evidence is gathered.
	longest = 12
	// fewest is how often it must happen at least, in at least spread windows: a
	// burst is not yet an incident.
	fewest, spread = 4, 3
)

// counted are how many things were seen, and how many of them were as they should
// not be.
type counted struct{ n, bad int64 }

// pooledRarity is the share of all places together.
func pooledRarity(each func(yield func(counted))) rarity {
	var all counted
	each(func(c counted) {
		if float64(c.bad) <= seldom*float64(c.n) {
			all.n += c.n
			all.bad += c.bad
		}
	})
	return rarity{(float64(all.bad) + 1) / (float64(all.n) + rareEnough)}
}

// of is the share that is to be expected at a place; what was seen there itself
// counts alone.
func (r rarity) of(usual counted) float64 {
	if usual.bad > 0 {
		return ratio(usual.bad+1, usual.n+1)
	}
	return max(lent*r.share/(float64(usual.n)+lent), unseenYet/float64(usual.n+1))
}

// chance is how probable it is by accident that so many are bad.
func (r rarity) chance(usual, now counted) float64 {
	if now.bad == 0 || float64(usual.bad) > seldom*float64(usual.n) {
		return 1
	}
	return distuv.Binomial{N: float64(now.n), P: r.of(usual)}.Survival(float64(now.bad) - 1)
}

// lasting reports since how many of the recent windows, up to the last, a place is
// bad far more often than by chance; 0 where it is not.
func (r rarity) lasting(usual counted, recent []*graph.Window, in func(*graph.Window) counted) int {
	if usual.n < rareEnough {
		return 0
	}
	var now counted
	windows := 0
	for i := range recent {
		k := i + 1
		c := in(recent[len(recent)-k])
		now.n += c.n
		now.bad += c.bad
		if c.bad > 0 {
			windows++
		}
		if k != pooled && k != longest {
			continue
		}
		expected := r.of(usual)
		share := ratio(now.bad, now.n)
		if now.bad < fewest || windows < spread || share < 3*expected || share < 0.03 || r.chance(usual, now) > unlikely {
			continue
		}
		t := tell{before: expected, now: share, in: func(w *graph.Window) (n, k int64) { c := in(w); return c.n, c.bad }}
		if since := t.since(recent[len(recent)-k:]); since > 0 {
			return since
		}
	}
	return 0
}

// since is for how many of the windows, up to the last, a tell says that something
// goes on; 0 where it is over. Windows that say little are bridged.
func (t *tell) since(windows []*graph.Window) int {
	sum, most, since := 0.0, 0.0, 0
	for i := len(windows) - 1; i >= 0; i-- {
		sum += t.evidence(windows[i])
		if sum < most-2*doubt {
			break
		}
		if sum > most {
			most, since = sum, len(windows)-i
		}
	}
	return since
}

// rarities are what is rare in the history.
type rarities struct{ routes, nodes, edges, gone rarity }

func raritiesIn(base *graph.Window, shapes map[graph.RouteID]*shapesOf) rarities {
	return rarities{
		routes: pooledRarity(func(yield func(counted)) {
			for _, s := range base.Routes {
				yield(counted{s.Requests, s.Failed})
			}
		}),
		nodes: pooledRarity(func(yield func(counted)) {
			for _, s := range base.Nodes {
				yield(counted{s.All.Visits, s.All.FailedOwn})
			}
		}),
		edges: pooledRarity(func(yield func(counted)) {
			for _, s := range base.Edges {
				yield(attempted(s))
			}
		}),
		gone: alwaysThere(shapes),
	}
}

// attempted counts attempts and those that came to nothing.
func attempted(e *graph.EdgeStats) counted {
	o := &e.Outcomes
	return counted{e.Attempts, o[graph.Failed] + o[graph.TimedOut] + o[graph.Cancelled] + o[graph.Rejected] + o[graph.Refused]}
}

// alwaysThere is how often a span is missing where nearly always one stands.
func alwaysThere(shapes map[graph.RouteID]*shapesOf) rarity {
	return pooledRarity(func(yield func(counted)) {
		for _, s := range shapes {
			above := s.above()
			for shape, k := range s.shapes {
				if n := above[spot{shape.Above, shape.Parent}]; !shape.Above.IsZero() && n > 0 {
					yield(counted{n, n - min(k, n)})
				}
			}
		}
	})
}
