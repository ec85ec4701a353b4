package analysis

import (
	"math"

	"headwater/graph"
)

// arrival is the work that one route brings to a node, in seconds of work at
// the baseline's pace per second, and why it grew.
type arrival struct {
	route           graph.RouteID
	before, after   float64
	demand          float64 // more requests
	fanOut, retries float64 // more calls per request, more attempts per call
}

// arrivals are the work that comes to a node, by route. A flood of few but heavy
// calls counts by its weight. The three parts split the growth exactly.
func (w *walker) arrivals(n graph.NodeID) []arrival {
	if list, ok := w.arriving[n]; ok {
		return list
	}
	var out []arrival
	b, stats := w.base, node(w.base, n)
	for _, id := range w.routes {
		f := w.flows(id)
		if f.base.visits[n] == (passage{}) && f.now.visits[n] == (passage{}) {
			continue
		}
		rb, rn := route(b, id), route(w.now, id)
		a := arrival{route: id}
		for _, acc := range w.accounts[accountsOf{id, n}] {
			pace := stats.All.Time.Mean() / 1e9
			if op := stats.Operations[acc.Operation]; op != nil {
				pace = op.Time.Mean() / 1e9
			}
			k0, k1 := accountFactors(rb, acc), accountFactors(rn, acc)
			if k0[0] == 0 {
				k0[1] = k1[1]
			}
			if k1[0] == 0 {
				k1[1] = k0[1]
			}
			f0, f1 := [3]float64{f.base.rate, k0[0], k0[1]}, [3]float64{f.now.rate, k1[0], k1[1]}
			parts := split(f0, f1)
			a.before += f0[0] * f0[1] * f0[2] * pace
			a.after += f1[0] * f1[1] * f1[2] * pace
			a.demand += parts[0] * pace
			a.fanOut += parts[1] * pace
			a.retries += parts[2] * pace
		}
		out = append(out, a)
	}
	w.arriving[n] = out
	return out
}

// accountFactors are logical visits per request and attempts per visit.
func accountFactors(r *graph.RouteStats, id graph.AccountID) [2]float64 {
	s := r.Accounts[id]
	if s == nil || s.Logical == 0 {
		return [2]float64{}
	}
	logical := float64(s.Logical) / graph.Millionth
	return [2]float64{logical / float64(r.Requests), float64(s.Visits) / logical}
}

// accountsOf is the key of the accounts in which a route visits a node.
type accountsOf struct {
	route graph.RouteID
	node  graph.NodeID
}

// indexAccounts finds, for each route and node, the accounts of its visits.
func (w *walker) indexAccounts() {
	w.routes = sortedRoutes(merged(w.base.Routes, w.now.Routes))
	w.accounts = map[accountsOf][]graph.AccountID{}
	for _, id := range w.routes {
		for _, a := range sortedAccounts(route(w.base, id).Accounts, route(w.now, id).Accounts) {
			if a.Kind == graph.Own || a.Kind == graph.Unpaired {
				k := accountsOf{id, a.Node}
				w.accounts[k] = append(w.accounts[k], a)
			}
		}
	}
}

// crowdFrom is by what factor work must have grown to slow a node.
const crowdFrom = 1.2

// congestion is the part of a node's slowdown that more work explains: none
// below a fifth more, two thirds where it doubled, nearly all of a flood. For a
// service whose own work takes as long as ever nothing else is left.
func (w *walker) congestion(n graph.NodeID) float64 {
	before, after := 0.0, 0.0
	for _, a := range w.arrivals(n) {
		before += a.before
		after += a.after
	}
	visits := float64(node(w.base, n).All.Visits) * w.scale
	if visits < 10 || before == 0 || after < crowdFrom*before || w.spared(n) {
		return 0
	}
	grown := after / before
	slower, measured := w.ownPace(n)
	switch {
	case measured && slower <= 1.1:
		return 1 - math.Pow(grown, -4)
	case n.Kind != graph.Service: // a full one slows all at once
		return 1 - math.Pow(grown, -2)
	case measured:
		// On a processor that is shared work takes at most as much longer as there
		// is more of it.
		return (1 - math.Pow(grown, -1.5)) * max(0, 1-math.Log(slower)/math.Log(grown))
	}
	return 1 - math.Pow(grown, -1.5)
}

// spared reports whether some caller of a node is served as fast as ever: a
// crowd would delay them all, by about the same. To one whose calls take long
// that is little.
func (w *walker) spared(n graph.NodeID) bool {
	most := 0.0
	for _, e := range w.callers[n] {
		b, a := edge(w.base, e).Time, edge(w.now, e).Time
		if b.N >= enough && a.N >= enough {
			most = max(most, a.Mean()-b.Mean())
		}
	}
	for _, e := range w.callers[n] {
		b, a := edge(w.base, e), edge(w.now, e)
		if b.Time.N >= enough && a.Time.N >= enough && a.Time.Mean() < 1.1*b.Time.Mean()+a.Time.StandardError() &&
			a.Time.Mean()-b.Time.Mean() < 0.3*most-a.Time.StandardError() && ratio(a.Failed, a.Calls) < ratio(b.Failed, b.Calls)+0.02 {
			return true
		}
	}
	return false
}

// ownPace is by what factor a node's own work takes longer than before, where it
// does not fail: waiting for a worker is no part of it. Of an inferred node only
// the whole is seen; but where some calls take far longer than others, waiting is
// a small part of the long ones.
func (w *walker) ownPace(n graph.NodeID) (factor float64, measured bool) {
	if n.Kind != graph.Service {
		return w.longestPace(n)
	}
	b, a := node(w.base, n).All.SelfOK, node(w.now, n).All.SelfOK
	if b.N < 10 || a.N < 10 || b.Sum == 0 {
		return 1, false
	}
	return a.Mean() / b.Mean(), true
}

// farLonger is how many times as long as the shortest calls of a node the longest
// must take to show its pace.
const farLonger = 5

// longestPace is by what factor the calls took longer that normally take longest.
func (w *walker) longestPace(n graph.NodeID) (factor float64, measured bool) {
	shortest, longest := 0.0, 0.0
	for _, e := range w.callers[n] {
		b, a := edge(w.base, e).Time, edge(w.now, e).Time
		if b.N < enough || a.N < enough || b.Sum == 0 {
			continue
		}
		if shortest == 0 || b.Mean() < shortest {
			shortest = b.Mean()
		}
		if b.Mean() > longest {
			longest, factor = b.Mean(), a.Mean()/b.Mean()
		}
	}
	if longest < farLonger*shortest || longest == 0 {
		return 1, false
	}
	return factor, true
}

// crowded is the node itself, but for the part that its arrivals explain.
func (w *walker) crowded(n graph.NodeID) shares {
	crowd := w.congestion(n)
	out := shares{}
	if n.Kind == graph.Service {
		out[at(n)] = 1 - crowd
	} else {
		out.add(w.served(n), 1-crowd)
	}
	if crowd > 0 {
		out.add(w.raisers(n), crowd)
	}
	return out
}

// raisers are who raised the work that comes to a node: demand, callers that
// make more calls, or retries (which go back to what made them necessary).
func (w *walker) raisers(n graph.NodeID) shares {
	return w.once(question{what: 'r', edge: graph.EdgeID{Callee: n}}, func() shares {
		var m mix
		for _, a := range w.arrivals(n) {
			if a.after <= a.before {
				continue
			}
			m.add(w.demand(a.route), a.demand)
			m.add(w.fanOut(a.route, n), a.fanOut)
			m.add(w.retries(a.route, n), a.retries)
		}
		return m.shares(at(n))
	})
}

// usersRetry is the most of a growing demand that is taken for users who try
// again.
const usersRetry = 0.7

// demand is who makes more requests of a route: its users, of whom some try
// again what failed; or, where it takes messages from a queue, who publishes
// more, or the consumer itself where messages come back to it.
func (w *walker) demand(id graph.RouteID) shares {
	return w.once(question{what: 'd', edge: graph.EdgeID{Callee: id.Node}, route: id}, func() shares {
		load := place{kind: CauseLoad, node: id.Node, name: id.Operation}
		b, a := route(w.base, id), route(w.now, id)
		queue := a.Source
		if queue.IsZero() {
			was, is := stands(b), stands(a)
			more := is.requests - was.requests*w.scale
			failed := is.failed - was.failing()*is.requests
			again := min(usersRetry*more, failed)
			if w.keeping {
				again = 0
			}
			var m mix
			m.add(shares{load: 1}, more-max(0, again))
			m.add(w.failures(id.Node), again)
			return m.shares(load)
		}
		published0, published1 := w.published(w.base, queue), w.published(w.now, queue)
		taken0, taken1 := perSecond(b.Requests, w.base), perSecond(a.Requests, w.now)
		if published0 == 0 || published1 == 0 || taken0 == 0 || taken1 == 0 {
			return shares{load: 1}
		}
		// taken = published * deliveries per message
		parts := split([3]float64{published0, taken0 / published0, 1}, [3]float64{published1, taken1 / published1, 1})
		var m mix
		m.add(w.raisers(queue), parts[0])
		m.add(shares{at(id.Node): 1}, parts[1])
		return m.shares(at(id.Node))
	})
}

// published is how many messages a second are sent to a queue.
func (w *walker) published(win *graph.Window, queue graph.NodeID) float64 {
	return perSecond(w.sent(win, queue), win)
}

// sent is how many messages are sent to a queue.
func (w *walker) sent(win *graph.Window, queue graph.NodeID) (n int64) {
	for e, s := range win.Edges {
		if e.Callee == queue {
			n += s.Attempts
		}
	}
	return n
}

// fanOut is who makes more calls per request of a route, so that more of them
// come to a node: calls to n = visits to its caller * calls per visit, by the
// midpoint rule and on from caller to caller.
func (w *walker) fanOut(id graph.RouteID, n graph.NodeID) shares {
	return w.once(question{what: 'o', edge: graph.EdgeID{Callee: n}, route: id}, func() shares {
		f := w.flows(id)
		var m mix
		for _, e := range f.incoming(n) {
			c0, c1 := f.base.calls[e].logical, f.now.calls[e].logical
			v0, v1 := f.base.visits[e.Caller].logical, f.now.visits[e.Caller].logical
			if v0 == 0 || v1 == 0 {
				m.add(w.fanOut(id, e.Caller), c1-c0)
				continue
			}
			m.add(shares{w.missed(e): 1}, (c1/v1-c0/v0)*(v0+v1)/2)
			m.add(w.fanOut(id, e.Caller), (v1-v0)*(c1/v1+c0/v0)/2)
		}
		return m.shares(at(n))
	})
}

// retries is what made the attempts necessary that come to a node in a route,
// at the edges on the way on which they grew; or, to a walk that asks what keeps
// the pressure up, the policy by which they are made.
func (w *walker) retries(id graph.RouteID, n graph.NodeID) shares {
	return w.once(question{what: 'a', edge: graph.EdgeID{Callee: n}, route: id}, func() shares {
		f := w.flows(id)
		var m mix
		for _, e := range f.incoming(n) {
			m0, m1 := f.base.visits[e.Caller].amplification(), f.now.visits[e.Caller].amplification()
			a0, a1 := f.base.calls[e].amplification()/m0, f.now.calls[e].amplification()/m1
			calls := f.now.calls[e].logical
			why := shares{{kind: CauseRetryPolicy, caller: e.Caller, node: e.Callee}: 1}
			if !w.keeping {
				why = w.failing(e)
			}
			m.add(why, calls*(a1-a0)*(m0+m1)/2)
			m.add(w.retries(id, e.Caller), calls*(m1-m0)*(a0+a1)/2)
		}
		return m.shares(at(n))
	})
}

// missed is who decides how often an edge is called: the caller, or the cache
// that it asks before it turns to a database.
func (w *walker) missed(e graph.EdgeID) place {
	if e.Callee.Kind == graph.Database {
		for _, c := range w.callees[e.Caller] {
			if c.Callee.Kind == graph.Cache {
				return at(c.Callee)
			}
		}
	}
	return at(e.Caller)
}
