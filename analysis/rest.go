package analysis

import (
	"math"
	"slices"

	"headwater/graph"
)

// rested is the pressure of a stretch of time, come to rest.
type rested struct {
	*walker
	divergences []part // where traces part from the baseline's
	silent      []silence

	trigger    shares // sums to at most 1
	sustaining shares
	lines      map[place][]line
	parts      map[place][]part
	balance    Balance
}

const (
	// failureWeight is how many times its baseline's duration a failed request
	// weighs, so that latency and failures can be added up.
	failureWeight = 10.0
	// partWeight is the same for a request whose trace took another shape, and
	// for a visit that never came.
	partWeight = 3.0
	// innerWeight is the share of pain given to growth inside the system that
	// no user's request shows.
	innerWeight = 0.05
)

// rest walks the excess of every account against the baseline to where it comes
// from. later is now, or what follows it. A relative baseline is of another time:
// rates can't be compared with it.
func rest(base, now, later *graph.Window, usual noise, relative bool) *rested {
	r := &rested{trigger: shares{}, sustaining: shares{}, lines: map[place][]line{}, parts: map[place][]part{}}
	r.walker = newWalker(newLedger(base, now, usual), later, relative)
	r.divergences = r.ledger.parts()
	r.settle()
	return r
}

func (r *rested) settle() {
	retrying := r.retrying()
	keeper := r.keep()
	total := 0.0
	book := func(rests func(*walker) shares, weight float64, l *line, retries float64) {
		if weight <= 0 || math.IsNaN(weight) {
			return
		}
		total += weight
		to := rests(r.walker)
		r.trigger.add(to, weight)
		r.sustaining.add(rests(keeper), weight*(1-retries))
		r.sustaining.add(retrying, weight*retries)
		if l != nil {
			for p, m := range to {
				if m > 0.05 && !slices.Contains(r.lines[p], *l) { // once, for time and failures
					r.lines[p] = append(r.lines[p], *l)
				}
			}
		}
	}
	routes := map[graph.RouteID][]*line{}
	for i := range r.ledger.lines {
		l := &r.ledger.lines[i]
		routes[l.route] = append(routes[l.route], l)
	}
	pained, booked := 0.0, 0.0
	recorded := r.recorded()
	for _, p := range r.pains {
		r.balance.ExcessSeconds += p.seconds
		r.balance.ExcessFailures += p.failures
		excess, failures := 0.0, 0.0
		for _, l := range routes[p.route] {
			excess += l.excess
			failures += l.failures
		}
		slow := p.slow()
		pained += p.weight()
		if excess > 0 {
			booked += slow
		}
		if failures > 0 {
			booked += failureWeight * p.failures
		}
		for _, l := range routes[p.route] {
			if excess > 0 && slow > 0 {
				grown := max(l.fanOut, 0) + max(l.retries, 0) + max(l.time, 0)
				retries := 0.0
				if grown > 0 && len(retrying) > 0 {
					retries = max(l.retries, 0) / grown
				}
				if l.account.Kind == graph.Backoff && len(retrying) > 0 {
					retries = 1
				}
				book(func(w *walker) shares { return w.from(l.account) }, recorded*slow*l.excess/excess, l, retries)
			}
			if p.failures > 0 && l.failures > 0 {
				book(func(w *walker) shares { return w.failed(l.account) }, recorded*failureWeight*p.failures*l.failures/failures, l, 0)
			}
		}
	}
	if pained > 0 {
		r.balance.Explained = booked / pained
		r.balance.Unattributed = max(0, pained-booked) / pained
	}
	for _, p := range r.divergences {
		where := r.parted(p)
		book(func(*walker) shares { return shares{where: 1} }, partWeight*p.requests, nil, 0)
		r.parts[where] = append(r.parts[where], p)
	}
	r.silent = r.silences()
	for _, s := range r.silent {
		book(func(*walker) shares { return shares{at(s.node): 1} }, partWeight*s.missing, nil, 0)
	}
	for _, h := range r.healed() {
		book(func(w *walker) shares { return w.failing(h.edge) }, partWeight*h.attempts, nil, 0)
	}
	r.restInner(&total)
	r.couple(r.trigger)
	r.couple(r.sustaining)
	if total > 0 {
		for p := range r.trigger {
			r.trigger[p] /= total
		}
		for p := range r.sustaining {
			r.sustaining[p] /= total
		}
	}
}

// recorded is the share of the requests that was recorded: what does not show in
// routes is counted as it was recorded.
func (r *rested) recorded() float64 {
	requests, stand := 0.0, 0.0
	for i := range r.pains {
		requests += r.pains[i].requests
		stand += r.pains[i].stand
	}
	if stand == 0 {
		return 1
	}
	return requests / stand
}

// healing is attempts of an edge that came to nothing, and that another attempt made
// good, or nobody needed.
type healing struct {
	edge     graph.EdgeID
	attempts float64
}

// healed lists the edges of which attempts come to nothing that hardly ever did:
// users feel them as waiting, and where they are few that is lost among the rest.
func (r *rested) healed() []healing {
	usual := raritiesIn(r.base, nil).edges
	var out []healing
	for _, id := range sortedEdges(r.now.Edges) {
		s := edge(r.now, id)
		was, is := attempted(edge(r.base, id)), attempted(s)
		if id.Async || was.n < rareEnough || is.bad < fewest || usual.chance(was, is) > unlikely {
			continue
		}
		if n := float64(is.bad-s.Failed) - usual.of(was)*float64(is.n); n > 0 {
			out = append(out, healing{id, n})
		}
	}
	return out
}

// restInner gives a little weight to nodes whose own time grew, whether or not
// a user's request shows it.
func (r *rested) restInner(total *float64) {
	inner := shares{}
	seconds := 0.0
	for _, id := range sortedNodes(r.now.Nodes) {
		b, n := node(r.base, id).All.Self, node(r.now, id).All.Self
		if b.N < 5 || n.N < 5 || b.Mean() == 0 {
			continue
		}
		grown := n.Mean() - b.Mean() - 2*max(0.02*b.Mean(), math.Hypot(n.StandardError(), b.StandardError()))
		if grown <= 0 {
			continue
		}
		weight := min(grown/b.Mean(), 20) * float64(n.N)
		inner.add(r.node(id), weight)
		seconds += weight
	}
	if seconds == 0 {
		return
	}
	weight := innerWeight * *total
	if *total == 0 {
		weight = 1
	}
	r.trigger.add(inner, weight/seconds)
	r.sustaining.add(inner, weight/seconds)
	*total += weight
}

// retrying shares out the retries among the edges that made more attempts per
// call than before.
func (r *rested) retrying() shares {
	out := shares{}
	total := 0.0
	for _, e := range r.edges {
		b, n := edge(r.base, e), edge(r.now, e)
		amp0, amp1 := max(1, ratio(b.Attempts, b.Calls)), ratio(n.Attempts, n.Calls)
		if n.Attempts-n.Calls < 10 || amp1 < amp0+0.1 {
			continue
		}
		w := math.Log(amp1/amp0) * float64(n.Attempts)
		out[place{kind: CauseRetryPolicy, caller: e.Caller, node: e.Callee}] += w
		total += w
	}
	for p := range out {
		out[p] /= total
	}
	return out
}
