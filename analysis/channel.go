package analysis

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"headwater/graph"
)

// breach is what left the baseline.
type breach struct {
	first  graph.NodeID // the first route's or node's node in order; zero for none
	users  bool         // are hurt
	strong bool         // beyond doubt
	since  int          // how many windows it lasts already, where it shows late
	ramp   bool         // against earlier days, too slowly to show otherwise
}

// breached says what left the baseline in the newest of the recent windows.
func (d *detector) breached(w *graph.Window, recent []*graph.Window) breach {
	var out breach
	if len(d.history) < fewWindows {
		return out
	}
	ready := len(d.history) >= historyNeeded || d.fixed
	d.prepare()
	places := len(d.base.Routes) + len(d.base.Nodes) + len(d.base.Edges)
	add := func(n graph.NodeID, users, strong bool, since int) {
		if out.first.IsZero() {
			out.first = n
		}
		out.users = out.users || users
		out.strong = out.strong || strong
		out.since = max(out.since, since)
	}
	for _, id := range sortedRoutes(w.Routes) {
		c := channel{route: id}
		u := d.usualOf(c)
		p := pool(recent, c)
		slow, very := u.above(p.time, 1.3)
		failing, badly := failuresAbove(p.n, p.failed, u.all.n, u.all.failed)
		since := max(u.risen(recent, c, 1.12, places), u.failing(recent, c), u.slower(recent, c),
			d.rare.routes.lasting(counted{u.all.n, u.all.failed}, recent, c.counted))
		if since > 0 || ready && (slow || failing || u.exceeds(recent, c)) {
			add(id.Node, true, very || badly || since > 0, since)
		}
	}
	if out.users {
		return out
	}
	if n, since := d.shapeChanged(recent); ready && !n.IsZero() {
		add(n, true, false, since)
		return out
	}
	for _, id := range sortedNodes(w.Nodes) {
		c := channel{node: id}
		u := d.usualOf(c)
		p := pool(recent, c)
		slow, _ := u.above(p.time, 2)
		failing, _ := failuresAbove(p.n, p.failed, u.all.n, u.all.failed)
		since := max(u.risen(recent, c, 1.4, places), u.failing(recent, c), d.rare.nodes.lasting(counted{u.all.n, u.all.failed}, recent, c.counted))
		inferred := id.Kind != graph.Service // its own time is all there is
		if inferred {
			since = max(since, u.slower(recent, c))
		}
		if since > 0 || ready && (slow && p.n >= enough || failing || inferred && u.exceeds(recent, c)) {
			add(id, false, since > 0, since)
			return out
		}
	}
	for _, id := range sortedEdges(w.Edges) {
		if id.Async {
			continue
		}
		c := channel{edge: id}
		u := d.usualOf(c)
		call := edge(d.base, id).Time.Mean()
		factor := 1.5
		if gap := u.all.time.Mean(); gap > 0 {
			factor = max(factor, 1+0.2*call/gap)
		}
		p := pool(recent, c)
		slow, _ := u.above(p.time, 2*factor)
		came := func(w *graph.Window) counted { return attempted(edge(w, id)) }
		if since := max(u.risen(recent, c, factor, places), d.rare.edges.lasting(came(d.base), recent, came)); since > 0 || ready && slow && p.n >= enough {
			add(id.Callee, false, since > 0, since)
			return out
		}
	}
	if n := d.silent(recent); ready && !n.IsZero() {
		add(n, false, false, 0)
	}
	if n, since := d.copyLost(recent); ready && since > 0 {
		add(n, true, true, since)
	}
	return out
}

// prepare brings up to date what is read off the history.
func (d *detector) prepare() {
	switch {
	case d.made == nil || d.age >= min(staleAfter, len(d.history)/4):
		d.made, d.age = slices.Clone(d.history), 0
	case d.base != nil:
		return
	}
	d.base = watched(d.made)
	d.shapes = shapesIn(d.base)
	d.usual = d.usuals()
	d.rare = raritiesIn(d.base, d.shapes)
}

func (d *detector) usualOf(c channel) *usual {
	if u := d.usual[c]; u != nil {
		return u
	}
	return &usual{}
}

// pool gathers windows, newest first, until there are enough requests: three
// windows at most, so that what is over is not seen for long.
func pool(recent []*graph.Window, c channel) sample {
	var p sample
	for _, w := range slices.Backward(recent[max(0, len(recent)-3):]) {
		s := c.in(w)
		p.n += s.n
		p.failed += s.failed
		p.time.Merge(s.time)
		if p.n >= enough {
			break
		}
	}
	return p
}

// above reports whether a mean lies above the level beyond noise and by the
// given factor, and whether by so much that one window is enough.
func (u *usual) above(m graph.Moments, factor float64) (slow, very bool) {
	if u.n < 10 || m.N < 5 || u.median == 0 {
		return false, false
	}
	noise := 4*u.spread + 3*min(m.StandardError(), m.Mean()/2)
	slow = m.Mean() > factor*u.median+noise
	return slow, slow && m.N >= enough && m.Mean() > 2.5*u.median+2*noise
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
func (u *usual) exceeds(recent []*graph.Window, c channel) bool {
	if u.all.n < enough || u.median == 0 {
		return false
	}
	n, k := int64(0), int64(0)
	var time graph.Moments
	for _, w := range slices.Backward(recent[max(0, len(recent)-pooled):]) {
		s := c.in(w)
		n += s.n
		k += s.latency.CountAbove(u.p95)
		time.Merge(s.time)
		if n >= enough {
			break
		}
	}
	if n < 5 || float64(k) < 0.3*float64(n) || time.Mean() < 1.3*max(u.all.time.Mean(), u.median) {
		return false
	}
	return distuv.Binomial{N: float64(n), P: rare}.Survival(float64(k)-1) < improbable
}

// slower reports since how many windows nearly all requests of a channel with
// little traffic take longer than nearly all did before; 0 where they do not.
func (u *usual) slower(recent []*graph.Window, c channel) int {
	if u.all.n < 10 || u.median == 0 || len(recent) < longest {
		return 0
	}
	var time graph.Moments
	for _, w := range recent {
		time.Merge(c.in(w).time)
	}
	if time.Mean() < 1.3*max(u.all.time.Mean(), u.median) {
		return 0
	}
	in := func(w *graph.Window) (n, k int64) {
		s := c.in(w)
		return s.n, s.latency.CountAbove(u.p95)
	}
	var n, k int64
	for _, w := range recent {
		more, above := in(w)
		n, k = n+more, k+above
	}
	usual := max(rare, ratio(u.all.latency.CountAbove(u.p95)+2, u.all.n+2))
	chance := distuv.Binomial{N: float64(n), P: usual}
	if n < 5 || 2*k < n || chance.Survival(float64(k)-1) > unlikely {
		return 0
	}
	t := tell{before: usual, now: min(0.99, ratio(k, n)), in: in}
	return t.since(recent)
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
// before, and since how many windows; the zero node where none are.
func (d *detector) shapeChanged(recent []*graph.Window) (graph.NodeID, int) {
	for _, k := range []int{3, pooled, longest} {
		if len(recent) < k {
			break
		}
		now := recent[len(recent)-k:]
		var most part
		since := 0
		for _, p := range partings(d.shapes, shapesIn(now...)) {
			if p.requests <= most.requests {
				continue
			}
			switch {
			case k <= pooled && math.Abs(p.z) >= 6 && p.requests >= 5:
				most, since = p, p.since(now)
			case p.sure && p.in(now) >= spread:
				t := p.tell()
				most, since = p, t.since(now)
			}
		}
		if since > 0 { // else it is over
			return most.route.Node, since
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
		expected := float64(node(d.base, id).All.Visits) * over * float64(now[0].Length) / float64(d.base.Length)
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
	usual := float64(asked(d.base, d.base, id)) * float64(len(now)) * float64(now[0].Length) / float64(d.base.Length)
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
