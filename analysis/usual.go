package analysis

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"headwater/graph"
)

// channel is one thing that is watched: a route, a node, or the way of an edge.
type channel struct {
	route graph.RouteID
	node  graph.NodeID
	edge  graph.EdgeID
}

// sample is what one window says of a channel.
type sample struct {
	n, failed int64
	time      graph.Moments
	latency   *graph.Sketch // nil for an edge
}

// in reads the channel in a window.
func (c channel) in(w *graph.Window) sample {
	switch {
	case !c.node.IsZero():
		v := &node(w, c.node).All
		return sample{v.Visits, v.FailedOwn, v.Self, &v.Latency}
	case !c.edge.Callee.IsZero():
		e := edge(w, c.edge)
		return sample{n: e.Gap.N, time: e.Gap}
	}
	r := route(w, c.route)
	return sample{r.Requests, r.Failed, r.Time, &r.Latency}
}

// counted reads its requests in a window, and those that failed.
func (c channel) counted(w *graph.Window) counted {
	s := c.in(w)
	return counted{s.n, s.failed}
}

// usual is what a channel normally is, and how much it varies between windows
// (which is more than within them). Times are nanoseconds.
type usual struct {
	windows        int // that say something
	median, spread float64
	n              int64   // requests in windows with at least three
	all            sample  // of all windows
	variance       float64 // of one request, with what windows differ by
	high           float64 // that one window in ten exceeds
	p95            float64
}

// sparse is how many requests a window must have for its mean to be a level.
const sparse = 3

// watched is the sum of windows as far as channels and shapes need it, which is
// much cheaper to make than the whole.
func watched(windows []*graph.Window) *graph.Window {
	out := graph.NewWindow(0, 0)
	for i, w := range windows {
		if i == 0 {
			out.Start = w.Start
		}
		out.Length += w.Length
		for id, o := range w.Routes {
			s := entry(out.Routes, id)
			s.Requests += o.Requests
			s.Failed += o.Failed
			s.Time.Merge(o.Time)
			s.Latency.Merge(&o.Latency)
			if s.Shapes == nil {
				s.Shapes = make(map[graph.Shape]graph.ShapeStats, len(o.Shapes))
			}
			for shape, n := range o.Shapes {
				n.Requests += s.Shapes[shape].Requests
				s.Shapes[shape] = n
			}
		}
		for id, o := range w.Nodes {
			s := entry(out.Nodes, id)
			s.All.Visits += o.All.Visits
			s.All.FailedOwn += o.All.FailedOwn
			s.All.Self.Merge(o.All.Self)
			s.All.Latency.Merge(&o.All.Latency)
			for in, v := range o.Instances {
				if s.Instances == nil {
					s.Instances = make(map[graph.Instance]*graph.VisitStats, len(o.Instances))
				}
				entry(s.Instances, in).Visits += v.Visits
			}
		}
		for id, o := range w.Edges {
			s := entry(out.Edges, id)
			s.Attempts += o.Attempts
			for k, n := range o.Outcomes {
				s.Outcomes[k] += n
			}
			s.Time.Merge(o.Time)
			s.Gap.Merge(o.Gap)
		}
	}
	return out
}

// entry gives the map's value for the key, made where it is missing.
func entry[K comparable, V any](m map[K]*V, k K) *V {
	v := m[k]
	if v == nil {
		v = new(V)
		m[k] = v
	}
	return v
}

// usuals reads all channels off the history.
func (d *detector) usuals() map[channel]*usual {
	type tally struct {
		levels, means []float64
		squares       float64 // sum of n * mean^2
	}
	tallies := map[channel]*tally{}
	add := func(c channel, m graph.Moments) {
		if m.N == 0 {
			return
		}
		t := tallies[c]
		if t == nil {
			t = &tally{}
			tallies[c] = t
		}
		mean := m.Mean()
		if m.N >= sparse {
			t.levels = append(t.levels, mean)
		}
		t.means = append(t.means, mean)
		t.squares += float64(m.N) * mean * mean
	}
	out := map[channel]*usual{}
	for _, w := range d.made {
		for id, r := range w.Routes {
			add(channel{route: id}, r.Time)
		}
		for id, n := range w.Nodes {
			add(channel{node: id}, n.All.Self)
		}
		for id, e := range w.Edges {
			if !id.Async {
				add(channel{edge: id}, e.Gap)
			}
		}
	}
	for c, t := range tallies {
		u := &usual{windows: len(t.means), all: c.in(d.base)}
		if len(t.levels) > 0 {
			u.median = median(t.levels)
			for i := range t.levels {
				t.levels[i] = math.Abs(t.levels[i] - u.median)
			}
			u.spread = 1.4826 * median(t.levels)
			u.n = int64(len(t.levels)) * sparse
		}
		slices.Sort(t.means)
		u.high = t.means[len(t.means)*9/10]
		mean := u.all.time.Mean()
		if u.windows > 1 {
			u.variance = max(0, t.squares-float64(u.all.time.N)*mean*mean) / float64(u.windows-1)
			each := u.all.time.Deviation() // windows of few requests may look more alike than these are
			u.variance = max(u.variance, each*each)
		}
		if u.all.latency != nil {
			u.p95 = u.all.latency.Quantile(0.95)
		}
		out[c] = u
	}
	return out
}

const (
	// fewWindows are enough to see what is beyond all doubt.
	fewWindows = 3
	// persistent is over how many windows a small rise must last, and surely by
	// how many standard errors it must stand out; more with a short history.
	persistent = pooled
	surely     = 6.0
	// briefly and moreSurely are the same for a shorter and greater one.
	briefly    = 3
	moreSurely = 9.0
	// mistaken is how probable it may be that a system with nothing wrong in it shows
	// such a rise somewhere in a window: of a day's 8,640 that is one in twelve days,
	// were nothing else asked of a rise. A place of many must be so much surer.
	mistaken = 1e-5
)

// chance is how probable it is that so many requests take so much longer than usual
// in the mean by accident. Few durations are no bell curve: they lie skewed, about
// as a gamma distribution does, and the ratio of two means of such is distributed
// as Fisher's F.
func (u *usual) chance(now graph.Moments) float64 {
	mean := u.all.time.Mean()
	each := 2 * mean * mean / u.variance // degrees of freedom that a request adds
	return distuv.F{D1: each * float64(now.N), D2: each * float64(u.all.time.N)}.Survival(now.Mean() / mean)
}

// risen reports whether a channel lies above its usual level by the given factor
// for some windows already: by little perhaps, but beyond doubt, and nearly all of
// the time, so that a few lonely outliers are none. It gives since how many
// windows. It is one of so many places that are looked at.
func (u *usual) risen(recent []*graph.Window, c channel, factor float64, places int) int {
	if u.windows < fewWindows || u.variance == 0 || u.all.time.N < 10 {
		return 0
	}
	mean := u.all.time.Mean()
	short := 1 + 3/float64(u.windows)
	for _, k := range []int{briefly, persistent} {
		if len(recent) < k {
			break
		}
		var m graph.Moments
		with, high, since := 0, 0, 0
		last := false
		for i, w := range recent[len(recent)-k:] {
			t := c.in(w).time
			if t.N == 0 {
				continue
			}
			m.Merge(t)
			with++
			if last = t.Mean() > max(u.high, mean); !last {
				since = 0
				continue
			}
			high++
			if since == 0 {
				since = k - i
			}
		}
		surely := surely
		if k == briefly {
			surely = moreSurely
		}
		if !last || with < briefly || m.N < 5 || 6*high < 5*with {
			continue
		}
		se := max(0.03*mean, math.Sqrt(u.variance*(1/float64(m.N)+1/float64(u.all.time.N))))
		if m.Mean()-2*m.StandardError() > factor*mean && m.Mean()-mean > surely*short*se && u.chance(m) < mistaken/float64(places) {
			return since
		}
	}
	return 0
}

// failing reports whether a small share of failures, but more than ever, lasts
// for some windows already, and since how many.
func (u *usual) failing(recent []*graph.Window, c channel) int {
	if u.windows < historyNeeded || len(recent) < persistent || u.all.n < 2*enough {
		return 0
	}
	n, failed := int64(0), int64(0)
	with, bad, since := 0, 0, 0
	usual := ratio(u.all.failed+1, u.all.n+2)
	for i, w := range recent[len(recent)-persistent:] {
		s := c.in(w)
		if s.n == 0 {
			continue
		}
		n += s.n
		failed += s.failed
		with++
		if ratio(s.failed, s.n) > usual {
			bad++
			if since == 0 {
				since = persistent - i
			}
		} else if s.n > sparse {
			since = 0
		}
	}
	if failed < 4 || bad < 3 || 3*bad < 2*with {
		return 0
	}
	if share := ratio(failed, n); share > 2*usual+0.005 && share-usual > 5*math.Sqrt(usual*(1-usual)/float64(n)) {
		return max(1, since)
	}
	return 0
}
