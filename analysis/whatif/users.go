package whatif

import (
	"math"
	"time"

	"headwater/graph"
)

// habit is what users of a route do when a request of theirs fails, as far as it
// shows in how many come.
type habit struct {
	attempts int       // of a user at most; 1 where none tries again
	fresh    []float64 // by window: requests that are nobody's second try
}

const (
	// mostTries bounds what is looked for, and patient is how long users are taken to
	// wait before they try again: how long does not show in windows.
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
	// othersMore is by how much the requests of routes that do not fail may grow: where
	// they do, more users came.
	othersMore = 1.25
)

// again is how many requests come of one that is tried at most n times, where this
// share of them fails.
func again(failing float64, n int) (sum float64) {
	for k := range n {
		sum += math.Pow(failing, float64(k))
	}
	return sum
}

// habitOf finds how often users of a route try again: the number that makes what
// came of the usual number of users, with the failures that there were. It is not
// told from more users where these come as failures do; nobody tries again then.
func (f *fitting) habitOf(id graph.RouteID) habit {
	h := habit{attempts: 1, fresh: make([]float64, len(f.windows))}
	for i, w := range f.windows {
		h.fresh[i] = float64(routeOf(w, id).Requests)
	}
	each := float64(routeOf(f.base, id).Requests) / float64(f.base.Length) * float64(f.length)
	if each < fewVisits {
		return h
	}
	var came, failing []float64
	for i := f.from; i < len(f.windows); i++ {
		r := routeOf(f.windows[i], id)
		if p := ratio(r.Failed, r.Requests); p >= failingMany && r.Requests >= fewVisits {
			came, failing = append(came, float64(r.Requests)/each), append(failing, p)
		}
	}
	if len(came) < manyWindows || f.othersGrew(id) {
		return h
	}
	off := func(model func(i int) float64) float64 {
		var miss []float64
		for i := range came {
			miss = append(miss, math.Abs(came[i]/model(i)-1))
		}
		return quantile(miss, 0.5)
	}
	noise := 1 / math.Sqrt(each)
	best, least := 1, off(func(int) float64 { return 1 })
	grew := quantile(came, 0.5)
	if grew < 1+sure*noise/math.Sqrt(float64(len(came))) || grew < othersMore {
		return h
	}
	alone := least
	for n := 2; n <= mostTries; n++ {
		if m := off(func(i int) float64 { return again(failing[i], n) }); m < least {
			best, least = n, m
		}
	}
	more := off(func(int) float64 { return grew })
	if best == 1 || least > surer*alone || least > steady+noise || least > steadier+noise/2 && least > surer*more {
		return h
	}
	h.attempts = best
	for i, w := range f.windows {
		r := routeOf(w, id)
		p := ratio(r.Failed, r.Requests)
		if i > 0 { // what failed right before comes again now
			before := routeOf(f.windows[i-1], id)
			p = min(p, ratio(r.Failed+before.Failed, r.Requests+before.Requests))
		}
		h.fresh[i] /= again(p, best)
		if math.Abs(h.fresh[i]-each) < each*max(steady, sure*noise) {
			h.fresh[i] = each
		}
	}
	return h
}

// othersGrew reports whether routes that hardly failed while this one did were used
// more as well, most of that time: then more users came.
func (f *fitting) othersGrew(id graph.RouteID) bool {
	for _, other := range sortedRoutes(f.base.Routes) {
		b := f.base.Routes[other]
		each := float64(b.Requests) / float64(f.base.Length) * float64(f.length)
		if other == id || !b.Source.IsZero() || each < 1 {
			continue
		}
		var grew []float64
		var now, bad int64
		for i := f.from; i < len(f.windows); i++ {
			r, o := routeOf(f.windows[i], id), routeOf(f.windows[i], other)
			if float64(r.Failed) < failingMany*float64(r.Requests) {
				continue
			}
			now += o.Requests
			bad += o.Failed
			grew = append(grew, float64(o.Requests)/each)
		}
		if now >= fewVisits && float64(bad) < sound*float64(now) && quantile(grew, 0.5) > othersMore {
			return true
		}
	}
	return false
}
