package workflow

import (
	"math"
	"slices"
)

// situation is in what surroundings a step is absent, or there. Each has its own
// odds of being the work of lost spans.
type situation uint8

const (
	tried         situation = iota // the step itself was tried, and failed or was given up
	served                         // its service did the rest of its work and said that all is well
	visited                        // its service was asked, and failed
	messageFailed                  // its message was taken, in vain
	notTaken                       // its message was sent and never taken
	afterFailure                   // something else failed, and its service was not asked
	silent                         // nothing failed, and its service was not asked
	situations
)

// lostAtOnce is how many spans must be lost together for a step that was done to
// look absent.
var lostAtOnce = [situations]float64{served: 1, visited: 1, messageFailed: 1, notTaken: 1, afterFailure: 2, silent: 2}

// losses counts, for each route and step, how often it is there and how often it
// is absent, by situation: among all workflows that are judged, and among those
// that were learned from.
type losses struct {
	rate                   float64 // of spans that never came
	there, absent          map[gapKey]int
	usualThere, usualGoing map[gapKey]int
}

type gapKey struct {
	route, site int32
	in          situation
}

// situationOf says in what surroundings a step is absent.
func (a *analyst) situationOf(r *route, f *flow, n int32) situation {
	if f.steps[n] != nil {
		return tried
	}
	at, ok := a.atHome(f, n)
	switch {
	case ok:
		return served
	case at:
		return visited
	}
	if c, ok := r.carriers[n]; ok && c.taker != none {
		d := a.deliveries(f, c)
		switch {
		case !d.sent:
		case d.tries == 0:
			return notTaken
		case !d.done:
			return messageFailed
		}
	}
	if f.failed && !slices.ContainsFunc(r.sites, func(later int32) bool { return f.has(later) && r.before(n, later) }) {
		return afterFailure
	}
	return silent
}

// atHome reports whether the place of a step was visited, and whether a visit
// there went well.
func (a *analyst) atHome(f *flow, n int32) (visited, well bool) {
	home, ok := a.places.of[a.sites.list[n].home]
	if !ok {
		return false, false
	}
	for _, m := range f.records {
		for _, v := range a.records[m].visits {
			if v.place == home && !v.cut {
				visited = true
				well = well || !v.failed
			}
		}
	}
	return visited, well
}

// countGaps counts one workflow.
func (a *analyst) countGaps(r *route, f *flow, gaps []gap) {
	there := func(m map[gapKey]int, n int32) {
		at, well := a.atHome(f, n)
		if well {
			m[gapKey{r.place, n, served}]++
		} else if at {
			m[gapKey{r.place, n, visited}]++
		}
		m[gapKey{r.place, n, notTaken}]++
		if c, ok := r.carriers[n]; ok && c.taker != none {
			if d := a.deliveries(f, c); d.tries > 0 && !d.done {
				m[gapKey{r.place, n, messageFailed}]++
			}
		}
		if f.failed {
			m[gapKey{r.place, n, afterFailure}]++
		} else {
			m[gapKey{r.place, n, silent}]++
		}
	}
	teaches := a.teaches(f)
	for _, n := range r.sites {
		if !f.has(n) {
			continue
		}
		if f.judged {
			there(a.losses.there, n)
		}
		if teaches {
			there(a.losses.usualThere, n)
		}
	}
	for _, g := range gaps {
		k := gapKey{r.place, g.site, g.in}
		if f.judged {
			a.losses.absent[k]++
		}
		if teaches {
			a.losses.usualGoing[k]++
		}
	}
}

// likely is the probability that a gap is the work of lost spans: how many such
// gaps they explain, of those that there are. Where nothing failed, what is
// absent as often when all is well counts as explained, too.
func (l *losses) likely(k gapKey) float64 {
	if k.in == tried {
		return 0
	}
	q := math.Pow(l.rate, lostAtOnce[k.in])
	odds := q / max(1-q, 1e-9)
	if k.in == served || k.in == notTaken || k.in == silent {
		if usual := l.usualThere[k]; usual > 0 {
			odds = max(odds, float64(l.usualGoing[k])/float64(usual))
		}
	}
	expected := float64(l.there[k]) * odds
	if expected == 0 {
		return 0
	}
	return min(1, (expected+2*math.Sqrt(expected))/float64(max(l.absent[k], 1)))
}
