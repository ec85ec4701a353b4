package analysis

import (
	"cmp"
	"math"
	"slices"

	"headwater/graph"
)

// explainer explains one incident.
type explainer struct {
	windows, known []*graph.Window
	at             stretch
	earlier        []stretch // incidents before this one: no part of its baseline
	opt            Options

	before, during []*graph.Window
	source         string
	ledger         *ledger
	walk           *walker
	parts          []part
}

// explain returns false where there is nothing healthy to compare with.
func (x *explainer) explain() (Incident, bool) {
	x.during = x.windows[x.at.from:x.at.to]
	x.findBaseline()
	if len(x.before) == 0 {
		return Incident{}, false
	}
	x.ledger = newLedger(sum(x.before), sum(x.during))
	x.walk = newWalker(x.ledger)
	x.walk.relative = len(x.known) > 0
	x.parts = x.ledger.parts()
	inc := Incident{Start: utc(x.during[0].Start), Notes: []string{}}
	last := x.during[len(x.during)-1]
	end := utc(last.Start + last.Length)
	if !x.at.open {
		inc.End = &end
	}
	inc.Baseline = BaselineOf{Source: x.source, Windows: len(x.before)}
	first, final := x.before[0], x.before[len(x.before)-1]
	inc.Baseline.Range = Interval{utc(first.Start), utc(final.Start + final.Length)}
	inc.Impact = x.impact()
	rested := x.rest()
	inc.Balance = rested.balance
	inc.Causes = x.causes(rested)
	inc.Nodes, inc.Edges = x.views(inc.Causes)
	inc.Timeline = x.timeline()
	inc.State = x.state()
	if len(inc.Causes) > 0 {
		inc.Confidence = inc.Causes[0].Confidence
	}
	breached := x.at.first
	if breached.IsZero() && len(inc.Impact) > 0 {
		breached = inc.Impact[0].Node
	}
	inc.ID = incidentID(x.during[0].Start, breached)
	inc.Sentence = sentence(&inc)
	return inc, true
}

// findBaseline takes the windows before the incident that are in no other, and
// the known-good ones.
func (x *explainer) findBaseline() {
	x.source = "before"
	for i := x.at.from - 1; i >= 0 && len(x.before) < historyKept; i-- {
		if !slices.ContainsFunc(x.earlier, func(s stretch) bool { return i >= s.from && i < s.to }) {
			x.before = append(x.before, x.windows[i])
		}
	}
	slices.Reverse(x.before)
	if len(x.known) > 0 {
		x.source = "file"
		x.before = append(slices.Clone(x.known), x.before...)
		slices.SortStableFunc(x.before, func(a, b *graph.Window) int { return cmp.Compare(a.Start, b.Start) })
	}
}

func (x *explainer) state() State {
	switch {
	case !x.at.open:
		return Over
	case x.at.users:
		return Outage
	}
	return Building
}

// rested is the pressure of an incident, come to rest.
type rested struct {
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
	// partWeight is the same for a request whose trace took another shape.
	partWeight = 3.0
	// innerWeight is the share of pain given to growth inside the system that
	// no user's request shows.
	innerWeight = 0.05
)

// rest walks every account's excess to where it comes from.
func (x *explainer) rest() *rested {
	r := &rested{trigger: shares{}, sustaining: shares{}, lines: map[place][]line{}, parts: map[place][]part{}}
	retrying := x.retrying()
	total := 0.0
	book := func(to shares, weight float64, l *line, retries float64) {
		if weight <= 0 || math.IsNaN(weight) {
			return
		}
		total += weight
		r.trigger.add(to, weight)
		r.sustaining.add(to, weight*(1-retries))
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
	for i := range x.ledger.lines {
		l := &x.ledger.lines[i]
		routes[l.route] = append(routes[l.route], l)
	}
	pained, booked := 0.0, 0.0
	for _, p := range x.ledger.pains {
		r.balance.ExcessSeconds += p.seconds
		r.balance.ExcessFailures += p.failures
		unit := p.base / max(1, p.requests)
		excess, failures := 0.0, 0.0
		for _, l := range routes[p.route] {
			excess += l.excess
			failures += l.failures
		}
		slow := 0.0 // the pain of waiting, in requests of the usual duration
		if unit > 0 {
			slow = min(p.seconds/unit, 20*p.requests)
		}
		pained += slow + failureWeight*p.failures
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
				book(x.walk.from(l.account), slow*l.excess/excess, l, retries)
			}
			if p.failures > 0 && l.failures > 0 {
				book(x.walk.failed(l.account), failureWeight*p.failures*l.failures/failures, l, 0)
			}
		}
	}
	if pained > 0 {
		r.balance.Explained = booked / pained
		r.balance.Unattributed = (pained - booked) / pained
	}
	for _, p := range x.parts {
		where := x.walk.parted(p)
		book(shares{where: 1}, partWeight*p.requests, nil, 0)
		r.parts[where] = append(r.parts[where], p)
	}
	x.restInner(r, &total)
	if total > 0 {
		for p := range r.trigger {
			r.trigger[p] /= total
		}
		for p := range r.sustaining {
			r.sustaining[p] /= total
		}
	}
	return r
}

// restInner gives a little weight to nodes whose own time grew, whether or not
// a user's request shows it.
func (x *explainer) restInner(r *rested, total *float64) {
	inner := shares{}
	seconds := 0.0
	for _, id := range sortedNodes(x.ledger.now.Nodes) {
		b, n := node(x.ledger.base, id).All.Self, node(x.ledger.now, id).All.Self
		if b.N < 5 || n.N < 5 || b.Mean() == 0 {
			continue
		}
		grown := n.Mean() - b.Mean() - 2*max(0.02*b.Mean(), math.Hypot(n.StandardError(), b.StandardError()))
		if grown <= 0 {
			continue
		}
		weight := min(grown/b.Mean(), 20) * float64(n.N)
		inner.add(x.walk.node(id), weight)
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
func (x *explainer) retrying() shares {
	out := shares{}
	total := 0.0
	for _, e := range sortedEdges(x.ledger.now.Edges) {
		b, n := edge(x.ledger.base, e), edge(x.ledger.now, e)
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
