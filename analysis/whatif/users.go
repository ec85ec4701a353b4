package whatif

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"headwater/graph"
)

// habit is what users of a route do when a request of theirs fails, as far as it
// shows in how many come.
type habit struct {
	attempts int           // of a user at most; 1 where none tries again
	wait     time.Duration // before the second try, twice as long before each further one
	fresh    []float64     // by window: requests that are nobody's second try
}

const (
	// mostTries bounds what is looked for, and patient is how long users are taken to
	// wait before they try again, where it makes no difference.
	mostTries = 6
	patient   = time.Second
	// failingMany is the share of a route's requests that must fail in a window for it
	// to say whether users try again, and manyWindows how many such there must be.
	failingMany = 0.1
	manyWindows = 3
	// steady is by how much the requests of a window may be off what a model has, at
	// the median; surer is by how much better than its rivals a model must be that is
	// off by more than steadier.
	steady   = 0.2
	steadier = 0.1
	surer    = 0.6
	// moreCame is by how much a route's requests must grow for users to have tried
	// again.
	moreCame = 1.25
	// otherWait is by how much better another wait than the usual one must explain what
	// came to be believed.
	otherWait = 0.9
	// hardlyAgain is the share of a window's requests up to which those who try again
	// are no matter.
	hardlyAgain = 0.05
	// mostDrift bounds how far the number of users may drift away by itself.
	mostDrift = 3.0
)

// waits are those that are tried, the usual one first.
var waits = []time.Duration{patient, patient / 4, patient / 2, 2 * patient, 4 * patient, 8 * patient}

// habitOf finds how often users of a route try again, and how long they wait: the
// numbers that make what came of the usual number of users, with the failures that
// there were. Users may grow more as those of routes do that do not fail, or slowly
// by themselves. It is not told from more users where these come just as failures
// do; nobody tries again then.
func (f *fitting) habitOf(id graph.RouteID) habit {
	h := habit{attempts: 1, wait: patient, fresh: make([]float64, len(f.windows))}
	for i, w := range f.windows {
		h.fresh[i] = float64(routeOf(w, id).Requests)
	}
	each := float64(routeOf(f.base, id).Requests) / float64(f.base.Length) * float64(f.length)
	if each < fewVisits {
		return h
	}
	c := f.comings(id)
	var grew []float64
	for _, i := range c.telling {
		grew = append(grew, c.came[i]/each)
	}
	noise := 1 / math.Sqrt(each)
	if most := quantile(grew, 0.5); len(grew) < manyWindows || most < moreCame || most < 1+sure*noise/math.Sqrt(float64(len(grew))) {
		return h
	}
	flat := make([]float64, len(c.came))
	for i := range flat {
		flat[i] = each
	}
	best := model{tries: 1, off: math.Inf(1)}
	try := func(users func(n int, wait time.Duration) []float64, gain float64) (once float64) {
		for n := 1; n <= mostTries; n++ {
			m := model{tries: n, wait: patient}
			for _, wait := range waits {
				o := model{tries: n, wait: wait, users: users(n, wait)}
				if o.off, o.mean = c.off(o); m.users == nil || o.mean < otherWait*m.mean {
					m = o
				}
				if n == 1 {
					once = o.off
					break // nobody waits
				}
			}
			if m.off < gain*best.off {
				best, gain = m, 1
			}
		}
		return once
	}
	alone := try(func(int, time.Duration) []float64 { return flat }, 1)
	if others := f.othersGrew(id, each); others != nil {
		alone = min(alone, try(func(int, time.Duration) []float64 { return others }, otherWait))
	}
	try(func(n int, wait time.Duration) []float64 { return c.drifting(n, wait, each) }, surer)
	step := make([]float64, len(c.came))
	for i := range step {
		step[i] = quantile(grew, 0.5) * each
	}
	more, _ := c.off(model{tries: 1, users: step})
	if best.tries == 1 || best.off > surer*alone || best.off > steady+noise || best.off > steadier+noise/2 && best.off > surer*more {
		return h
	}
	h.attempts, h.wait = best.tries, best.wait
	h.fresh = c.fresh(best)
	return h
}

// model is a guess of what users do.
type model struct {
	tries int
	wait  time.Duration
	users []float64 // who come anew in each window
	// off is the share by which it is off what came where much failed, at the median,
	// and mean the same on average of all windows of the incident.
	off, mean float64
}

// comings is how the requests of a route came and failed, window by window.
type comings struct {
	length        time.Duration
	came, failing []float64
	took          []float64 // on average, in windows
	telling       []int     // windows in which enough failed
	calm, when    []float64 // what came in the windows that tell what is usual, and when, in windows
	from          int
}

func (f *fitting) comings(id graph.RouteID) *comings {
	c := &comings{length: f.length, from: f.from}
	for i, w := range f.windows {
		r := routeOf(w, id)
		p := ratio(r.Failed, r.Requests)
		c.came, c.failing = append(c.came, float64(r.Requests)), append(c.failing, p)
		c.took = append(c.took, ratio(r.Time.Sum, r.Requests)/float64(f.length))
		if i >= f.from && p >= failingMany && r.Requests >= fewVisits {
			c.telling = append(c.telling, i)
		}
	}
	for _, w := range f.calm {
		c.calm = append(c.calm, float64(routeOf(w, id).Requests))
		c.when = append(c.when, float64(w.Start-f.windows[0].Start)/float64(f.length))
	}
	return c
}

// follow counts who come in each window, where of those who fail as many as fail in
// the window try again. first says how many come for the first time in a window, to
// which so many come again from before, and each of which makes so many requests in
// the window itself.
func (c *comings) follow(tries int, wait time.Duration, first func(i int, again, each float64) float64) []float64 {
	later := make([][]float64, tries) // by try, then window
	for k := range later {
		later[k] = make([]float64, len(c.came))
	}
	out := make([]float64, len(c.came))
	known, unit := make([]float64, tries), make([]float64, tries)
	var back [mostTries][]landing
	for i, p := range c.failing {
		again, each := 0.0, 0.0
		for k := range tries {
			known[k], unit[k] = later[k][i], 0
			if k == 0 {
				unit[k] = 1
			} else {
				at := 0.0
				for _, l := range back[k-1] {
					if l.windows == 0 {
						at += l.share
					}
				}
				known[k] += known[k-1] * p * at
				unit[k] = unit[k-1] * p * at
			}
			again += known[k]
			each += unit[k]
			back[k] = landings(back[k][:0], c.took[i], float64(wait)/float64(c.length)*float64(int(1)<<k))
		}
		x := first(i, again, each)
		out[i] = again + x*each
		for k := range tries - 1 {
			bad := (known[k] + x*unit[k]) * p
			for _, l := range back[k] {
				if at := i + l.windows; l.windows > 0 && at < len(c.came) {
					later[k+1][at] += bad * l.share
				}
			}
		}
	}
	return out
}

// landing is the share of those who fail in a window that come again so many
// windows later.
type landing struct {
	windows int
	share   float64
}

// landings appends where they come again who failed after a time and wait that long
// at most, all in windows; half of a wait is random.
func landings(out []landing, took, wait float64) []landing {
	parts := [...]float64{1 - jitter*5/6, 1 - jitter/2, 1 - jitter/6}
	for _, part := range parts {
		whole, rest := math.Modf(took + wait*part)
		out = append(out, landing{int(whole), (1 - rest) / float64(len(parts))}, landing{int(whole) + 1, rest / float64(len(parts))})
	}
	return out
}

// expect is what comes by a model.
func (c *comings) expect(m model) []float64 {
	return c.follow(m.tries, m.wait, func(i int, _, _ float64) float64 { return m.users[i] })
}

// off is how far a model is off what came: where much failed, at the median, and on
// average from the begin of the incident on.
func (c *comings) off(m model) (median, mean float64) {
	const most = 0.5 // more users may have come in some windows
	has := c.expect(m)
	var miss []float64
	for _, i := range c.telling {
		miss = append(miss, math.Abs(c.came[i]/max(has[i], 1e-9)-1))
	}
	for i := c.from; i < len(has); i++ {
		mean += min(most, math.Abs(c.came[i]/max(has[i], 1e-9)-1)) / float64(len(has)-c.from)
	}
	return quantile(miss, 0.5), mean
}

// drifting is a slow change of the number of users by itself: a straight line
// through what they were before and, if they try so often, in the incident.
func (c *comings) drifting(tries int, wait time.Duration, each float64) []float64 {
	flat := make([]float64, len(c.came))
	for i := range flat {
		flat[i] = each
	}
	has := c.expect(model{tries: tries, wait: wait, users: flat})
	at, users := slices.Clone(c.when), slices.Clone(c.calm)
	for i := range c.came {
		if i >= c.from && has[i] > 0 {
			at, users = append(at, float64(i)), append(users, c.came[i]*each/has[i])
		}
	}
	a, slope := stat.LinearRegression(at, users, nil, false)
	for i := range flat {
		flat[i] = min(mostDrift*each, max(a+slope*float64(i), each/mostDrift))
	}
	return flat
}

// fresh is who came for the first time: what came less what a model says came again,
// in as few steps as chance allows.
func (c *comings) fresh(m model) []float64 {
	series := make([]sample, len(c.came))
	raw := make([]bool, len(c.came))
	c.follow(m.tries, m.wait, func(i int, again, each float64) float64 {
		x := max(0, (c.came[i]-again)/each)
		raw[i] = again+x*(each-1) < hardlyAgain*c.came[i]
		series[i] = sample{x / m.users[i], math.Sqrt(c.came[i]+again+1) / each / m.users[i], 1}
		return x
	})
	out := levels(series, 1, steady)
	for i := range out {
		out[i] *= m.users[i]
		if raw[i] {
			out[i] = c.came[i]
		}
	}
	return out
}

// othersGrew is how many would come of a route, if its users grew more as those of
// routes that hardly failed while it did; nil where there are no such.
func (f *fitting) othersGrew(id graph.RouteID, each float64) []float64 {
	usual := 0.0
	now := make([]sample, len(f.windows))
	for _, other := range sortedRoutes(f.base.Routes) {
		b := f.base.Routes[other]
		often := float64(b.Requests) / float64(f.base.Length) * float64(f.length)
		if other == id || !b.Source.IsZero() || often < 1 {
			continue
		}
		var came, bad int64
		for i := f.from; i < len(f.windows); i++ {
			if r := routeOf(f.windows[i], id); float64(r.Failed) >= failingMany*float64(r.Requests) {
				o := routeOf(f.windows[i], other)
				came += o.Requests
				bad += o.Failed
			}
		}
		if came < fewVisits || float64(bad) >= sound*float64(came) {
			continue
		}
		usual += often
		for i, w := range f.windows {
			now[i].value += float64(routeOf(w, other).Requests)
		}
	}
	if usual == 0 {
		return nil
	}
	for i := range now {
		now[i] = sample{now[i].value / usual, math.Sqrt(now[i].value+1) / usual, usual}
	}
	out := levels(now, 1, steady)
	for i := range out {
		out[i] *= each
	}
	return out
}
