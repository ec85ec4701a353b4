package analysis

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"headwater/graph"
)

// breached says what left the baseline in the newest of the recent windows:
// the first route's or node's node in order, whether users are hurt, and
// whether that is beyond doubt. Nothing gives the zero node.
func (d *detector) breached(w *graph.Window, recent []*graph.Window) (first graph.NodeID, users, strong bool) {
	if len(d.history) < historyNeeded && !d.fixed {
		return graph.NodeID{}, false, false
	}
	if d.base == nil || d.age >= staleAfter {
		d.base, d.age = sum(d.history), 0
		d.shapes = shapesIn(d.base)
	}
	for _, id := range sortedRoutes(w.Routes) {
		of := func(w *graph.Window) sample {
			r := route(w, id)
			return sample{r.Requests, r.Failed, r.Time, &r.Latency}
		}
		b := route(d.base, id)
		p := pool(recent, of)
		level := d.level(of)
		slow, very := level.above(p.time, 1.3)
		failing, badly := failuresAbove(p.n, p.failed, b.Requests, b.Failed)
		if slow || failing || level.exceeds(recent, of, b.Time, &b.Latency) {
			if first.IsZero() {
				first = id.Node
			}
			users = true
			strong = strong || very || badly
		}
	}
	if users {
		return first, users, strong
	}
	if n, _ := d.shapeChanged(recent); !n.IsZero() {
		return n, true, false
	}
	for _, id := range sortedNodes(w.Nodes) {
		of := func(w *graph.Window) sample {
			v := &node(w, id).All
			return sample{v.Visits, v.FailedOwn, v.Self, &v.Latency}
		}
		b := &node(d.base, id).All
		p := pool(recent, of)
		level := d.level(of)
		slow, _ := level.above(p.time, 2)
		failing, _ := failuresAbove(p.n, p.failed, b.Visits, b.FailedOwn)
		inferred := id.Kind != graph.Service // its own time is all there is
		if slow && p.n >= enough || failing || inferred && level.exceeds(recent, of, b.Time, &b.Latency) {
			return id, false, false
		}
	}
	return d.silent(recent), false, false
}

// sample is what one window says of a route or a node.
type sample struct {
	n, failed int64
	time      graph.Moments
	latency   *graph.Sketch
}

// pool gathers windows, newest first, until there are enough requests: three
// windows at most, so that what is over is not seen for long.
func pool(recent []*graph.Window, of func(*graph.Window) sample) sample {
	var p sample
	for _, w := range slices.Backward(recent[max(0, len(recent)-3):]) {
		s := of(w)
		p.n += s.n
		p.failed += s.failed
		p.time.Merge(s.time)
		if p.n >= enough {
			break
		}
	}
	return p
}

// level is what a mean duration normally is, and how much it varies between
// windows (which is more than within them).
type level struct {
	median, spread float64
	n              int64
}

func (d *detector) level(of func(*graph.Window) sample) level {
	var means []float64
	var l level
	for _, w := range d.history {
		if m := of(w).time; m.N >= 3 {
			means = append(means, m.Mean())
			l.n += m.N
		}
	}
	if len(means) == 0 {
		return l
	}
	l.median = median(means)
	for i := range means {
		means[i] = math.Abs(means[i] - l.median)
	}
	l.spread = 1.4826 * median(means)
	return l
}

// above reports whether a mean lies above the level beyond noise and by the
// given factor, and whether by so much that one window is enough.
func (l level) above(m graph.Moments, factor float64) (slow, very bool) {
	if l.n < 10 || m.N < 5 || l.median == 0 {
		return false, false
	}
	noise := 4*l.spread + 3*min(m.StandardError(), m.Mean()/2)
	slow = m.Mean() > factor*l.median+noise
	return slow, slow && m.N >= enough && m.Mean() > 2.5*l.median+2*noise
}

const (
	// rare is the share of requests that normally take longer than their 95th
	// percentile, doubled for what windows differ by themselves.
	rare = 0.1
	// improbable is how improbable it must be that so many do.
	improbable = 1e-6
)

// exceeds reports whether far more requests than usual take longer than nearly
// all did before. It needs few of them: six slow ones of six are no accident.
func (l level) exceeds(recent []*graph.Window, of func(*graph.Window) sample, base graph.Moments, usual *graph.Sketch) bool {
	if base.N < enough || l.median == 0 {
		return false
	}
	limit := usual.Quantile(0.95)
	n, k := int64(0), int64(0)
	var time graph.Moments
	for _, w := range slices.Backward(recent) {
		s := of(w)
		n += s.n
		k += s.latency.CountAbove(limit)
		time.Merge(s.time)
		if n >= enough {
			break
		}
	}
	if n < 5 || float64(k) < 0.3*float64(n) || time.Mean() < 1.3*max(base.Mean(), l.median) {
		return false
	}
	return distuv.Binomial{N: float64(n), P: rare}.Survival(float64(k)-1) < improbable
}

// failuresAbove compares shares of failures, by the normal approximation of the
// binomial with a floor for rare ones.
func failuresAbove(n, failed, baseN, baseFailed int64) (above, badly bool) {
	if n == 0 || baseN == 0 || failed < 3 {
		return false, false
	}
	p := ratio(baseFailed+1, baseN+2)
	share := ratio(failed, n)
	above = share > p+0.02+4*math.Sqrt(p*(1-p)/float64(n))
	return above, above && n >= enough && share > p+0.2
}

// shapeChanged gives the entry whose traces are clearly made of other calls than
// before, and over how many of the newest windows; the zero node where none are.
func (d *detector) shapeChanged(recent []*graph.Window) (graph.NodeID, int) {
	for _, k := range []int{3, pooled} {
		if len(recent) < k {
			break
		}
		var most part
		for _, p := range partings(d.shapes, shapesIn(recent[len(recent)-k:]...)) {
			if math.Abs(p.z) >= 6 && p.requests >= 5 && p.requests > most.requests {
				most = p
			}
		}
		if most.requests > 0 {
			return most.route.Node, k
		}
	}
	return graph.NodeID{}, 0
}

// silent is the first node that shows no more visits though its callers, or the
// senders of its messages, go on as before: it hangs, or it died.
func (d *detector) silent(recent []*graph.Window) graph.NodeID {
	const over = 3
	if len(recent) < over {
		return graph.NodeID{}
	}
	now := recent[len(recent)-over:]
	for _, id := range sortedNodes(d.base.Nodes) {
		if id.Kind != graph.Service {
			continue
		}
		expected := float64(node(d.base, id).All.Visits) / float64(len(d.history)) * over
		if expected < enough {
			continue
		}
		visits := int64(0)
		for _, w := range now {
			visits += node(w, id).All.Visits
		}
		if float64(visits) < 0.1*expected && d.stillAsked(now, id) {
			return id
		}
	}
	return graph.NodeID{}
}

// stillAsked reports whether a node is asked as often as ever.
func (d *detector) stillAsked(now []*graph.Window, id graph.NodeID) bool {
	if d.entry(id) {
		return true // by users, who send no spans
	}
	calls := int64(0)
	for _, w := range now {
		calls += asked(d.base, w, id)
	}
	usual := float64(asked(d.base, d.base, id)) / float64(len(d.history)) * float64(len(now))
	return usual >= enough/2 && float64(calls) > 0.5*usual
}

// entry reports whether users come in at a node and nobody else.
func (d *detector) entry(id graph.NodeID) bool {
	for e := range d.base.Edges {
		if e.Callee == id {
			return false
		}
	}
	return true
}

func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	if n%2 == 1 {
		return s[n/2]
	}
	return (s[n/2-1] + s[n/2]) / 2
}
