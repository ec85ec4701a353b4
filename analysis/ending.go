package analysis

import (
	"math"

	"headwater/graph"
)

// tell is something that a window can be asked whether the incident still goes
// on: of how many things how many are as they are in the incident, and what share
// of them is so before it and in it.
type tell struct {
	in          func(*graph.Window) (n, k int64)
	before, now float64
}

const (
	// telling is how sure a tell must be by itself: the logarithm of how much more
	// likely what was seen is in the incident than before it.
	telling = 8.0
	// loudest bounds what one window may say, so that one with many requests does
	// not speak for its neighbours.
	loudest = 6.0
	// doubt is by how much the windows that look well may be contradicted by one
	// before them that does not.
	doubt = 2.0
)

// evidence is the logarithm of how much more likely a window is while the incident
// goes on, at half its strength on average, than when it is over.
func (t *tell) evidence(w *graph.Window) float64 {
	n, k := t.in(w)
	if n == 0 {
		return 0
	}
	half := t.before + (t.now-t.before)/2
	return float64(k)*math.Log(half/t.before) + float64(n-k)*math.Log((1-half)/(1-t.before))
}

// newTell makes a tell of counts before and in an incident; false where they
// hardly differ.
func newTell(n0, k0, n, k int64, in func(*graph.Window) (n, k int64)) (tell, bool) {
	t := tell{in, (float64(k0) + 0.5) / (float64(n0) + 1), (float64(k) + 0.5) / (float64(n) + 1)}
	return t, t.now > t.before && float64(n)*t.apart() > telling
}

// apart is the Kullback-Leibler divergence of what the tell says in the incident
// from what it says before it.
func (t *tell) apart() float64 {
	return t.now*math.Log(t.now/t.before) + (1-t.now)*math.Log((1-t.now)/(1-t.before))
}

// tells are what the incident shows in: the requests of users that fail or take
// long, and traces that part from the usual; where users feel nothing, the visits
// to nodes.
func (x *explainer) tells(base *graph.Window) []tell {
	var out []tell
	now := sumRoutes(x.during)
	for _, id := range sortedRoutes(now.Routes) {
		b, n := route(base, id), route(now, id)
		if b.Requests < fewRequests {
			continue
		}
		if t, ok := newTell(b.Requests, b.Failed, n.Requests, n.Failed, func(w *graph.Window) (int64, int64) {
			r := route(w, id)
			return r.Requests, r.Failed
		}); ok {
			out = append(out, t)
		}
		if t, ok := slowTell(&b.Latency, &n.Latency, b.Requests, n.Requests, func(w *graph.Window) (int64, *graph.Sketch) {
			r := route(w, id)
			return r.Requests, &r.Latency
		}); ok {
			out = append(out, t)
		}
	}
	for _, p := range partings(shapesIn(base), shapesIn(now)) {
		out = append(out, p.tell())
	}
	return out
}

// slowTell is the tell of durations: how many take longer than one of several
// levels, the one that tells most.
func slowTell(before, now *graph.Sketch, n0, n int64, in func(*graph.Window) (int64, *graph.Sketch)) (tell, bool) {
	var best tell
	found, most := false, 0.0
	for _, q := range []float64{0.5, 0.8, 0.95, 0.99} {
		level := before.Quantile(q)
		t, ok := newTell(n0, before.CountAbove(level), n, now.CountAbove(level), func(w *graph.Window) (int64, int64) {
			n, s := in(w)
			return n, s.CountAbove(level)
		})
		if ok && t.apart() > most {
			best, found, most = t, true, t.apart()
		}
	}
	return best, found
}

// lasted is how many windows of an ended incident show it, up to the last: to find
// it several are read together, so that it seems to go on for longer. Windows at
// the end are left out as long as together they look well.
func (x *explainer) lasted(base *graph.Window) int {
	tells := x.tells(base)
	last := len(x.during)
	if len(tells) == 0 {
		return last
	}
	well, most := 0.0, 0.0
	for i := len(x.during) - 1; i > 0; i-- {
		said := 0.0
		for k := range tells {
			said += tells[k].evidence(x.during[i])
		}
		well -= min(loudest, max(-loudest, said))
		switch {
		case well < most-doubt:
			return last
		case well > most:
			last, most = i, well
		}
	}
	return last
}

// sumRoutes adds up what the windows say of routes, without their accounts.
func sumRoutes(windows []*graph.Window) *graph.Window {
	out := graph.NewWindow(0, 0)
	for _, w := range windows {
		lean := graph.NewWindow(w.Start, w.Length)
		for id, r := range w.Routes {
			lean.Routes[id] = &graph.RouteStats{Requests: r.Requests, Failed: r.Failed, Time: r.Time, Latency: r.Latency, Shapes: r.Shapes}
		}
		out.Length += w.Length
		out.Merge(lean)
	}
	return out
}
