package analysis

import (
	"math"

	"headwater/graph"
)

// sheet is one side of many ledgers: what the routes of a baseline have in their
// accounts, in order, so that windows can be held against it one by one, or added
// up a step at a time, without looking names up again.
type sheet struct {
	base   *graph.Window
	routes []sheetRoute // in order, those that can be compared
	counts int          // accounts, over all routes
}

type sheetRoute struct {
	id       graph.RouteID
	base     *graph.RouteStats
	variance float64           // of the time of one request
	accounts []graph.AccountID // in order
	before   []graph.AccountStats
	// variances are those of what one request has in the accounts.
	variances []float64
}

// takings are what a window, or several, have of a sheet's routes and accounts.
type takings struct {
	routes   []routeTakings
	accounts []graph.AccountStats // of all routes, one after the other
}

type routeTakings struct {
	requests, failed int64
	time             graph.Moments
	// What they stand for, as in graph.RouteStats.
	weight, failedWeight, weightedTime int64
}

// newSheet draws up the sheet of a baseline for windows that have no accounts
// beyond those of now.
func newSheet(base, now *graph.Window, usual noise) *sheet {
	s := &sheet{base: base}
	for _, id := range sortedRoutes(now.Routes) {
		b, n := route(base, id), route(now, id)
		if b.Requests < fewRequests || n.Requests == 0 {
			continue // nothing to compare with
		}
		r := sheetRoute{id: id, base: b, variance: usual[noiseOf{route: id}], accounts: sortedAccounts(b.Accounts, n.Accounts)}
		r.before = make([]graph.AccountStats, len(r.accounts))
		r.variances = make([]float64, len(r.accounts))
		for i, a := range r.accounts {
			if had := b.Accounts[a]; had != nil {
				r.before[i] = *had
			}
			r.variances[i] = usual[noiseOf{id, a}]
		}
		s.routes = append(s.routes, r)
		s.counts += len(r.accounts)
	}
	return s
}

// read gives what a window has of the sheet's routes and accounts.
func (s *sheet) read(w *graph.Window) *takings {
	t := s.nothing()
	at := 0
	for i := range s.routes {
		r := &s.routes[i]
		if n := w.Routes[r.id]; n != nil {
			t.routes[i] = routeTakings{n.Requests, n.Failed, n.Time, n.Weight, n.FailedWeight, n.WeightedTime}
			for k, a := range r.accounts {
				if has := n.Accounts[a]; has != nil {
					t.accounts[at+k] = *has
				}
			}
		}
		at += len(r.accounts)
	}
	return t
}

func (s *sheet) nothing() *takings {
	return &takings{make([]routeTakings, len(s.routes)), make([]graph.AccountStats, s.counts)}
}

func (t *takings) add(o *takings) {
	for i := range t.routes {
		t.routes[i].requests += o.routes[i].requests
		t.routes[i].failed += o.routes[i].failed
		t.routes[i].time.Merge(o.routes[i].time)
		t.routes[i].weight += o.routes[i].weight
		t.routes[i].failedWeight += o.routes[i].failedWeight
		t.routes[i].weightedTime += o.routes[i].weightedTime
	}
	for i := range t.accounts {
		a, b := &t.accounts[i], &o.accounts[i]
		a.Time += b.Time
		a.Visits += b.Visits
		a.Logical += b.Logical
		a.Roots += b.Roots
		a.Failures += b.Failures
	}
}

// pains are what the users of each route suffered; to each line of the ledger
// behind it told is called, where it is given.
func (s *sheet) pains(t *takings, told func(line)) []pain {
	var out []pain
	at := 0
	for i := range s.routes {
		r, n := &s.routes[i], &t.routes[i]
		if n.requests > 0 {
			out = append(out, r.pain(n, t.accounts[at:at+len(r.accounts)], told))
		}
		at += len(r.accounts)
	}
	return out
}

func (r *sheetRoute) pain(n *routeTakings, accounts []graph.AccountStats, told func(line)) pain {
	b := r.base
	was, is := stands(b), standingFor(n.requests, n.failed, n.time.Sum, n.weight, n.failedWeight, n.weightedTime)
	p := pain{route: r.id, requests: float64(n.requests), stand: is.requests}
	mean0, mean1 := was.mean(), is.mean()
	chance := max(0.02*mean0, math.Hypot(b.Time.StandardError(), n.time.StandardError())/1e9, deviation(r.variance, b.Requests, n.requests))
	p.base = mean0 * p.stand
	p.seconds = max(0, mean1-mean0-2*chance) * p.stand
	share0, share1 := was.failing(), is.failing()
	if share1 > share0+2*math.Sqrt(share0*(1-share0)/p.requests)+1/p.requests {
		p.failures = (share1 - share0) * p.stand
	}
	hidden := 0.0
	for k := range accounts {
		x := r.line(k, &accounts[k], n.requests)
		if chance := deviation(r.variances[k], b.Requests, n.requests) * p.requests; chance > 0 && x.total() > hiddenFrom*chance {
			hidden += x.excess
		}
		if told != nil {
			told(x)
		}
	}
	// Where few requests of a route make some call, all that they wait there is
	// lost in the mean of the route, but not in the account of the call.
	p.seconds = max(p.seconds, min(hidden*p.stand/p.requests, max(0, mean1-mean0)*p.stand))
	return p
}

// line is one account's line of the ledger.
func (r *sheetRoute) line(k int, s1 *graph.AccountStats, requests int64) line {
	s0, b := &r.before[k], r.base
	f0, f1 := factors(s0, b.Requests), factors(s1, requests)
	// An account that is absent on one side takes attempts and time from the
	// other: all of it is fan-out.
	if f0[0] == 0 {
		f0[1], f0[2] = f1[1], f1[2]
	}
	if f1[0] == 0 {
		f1[1], f1[2] = f0[1], f0[2]
	}
	n := float64(requests)
	parts := split(f0, f1)
	x := line{route: r.id, account: r.accounts[k], fanOut: parts[0] * n, retries: parts[1] * n, time: parts[2] * n}
	mean0 := f0[0] * f0[1] * f0[2] * n
	floor := 0.02
	if x.account.Kind == graph.Gap {
		floor = 0.1
	}
	if s0.Visits > 0 && s1.Visits > 0 {
		floor = max(floor, math.Sqrt(1/float64(s0.Visits)+1/float64(s1.Visits)))
	}
	chance := deviation(r.variances[k], b.Requests, requests) * n
	x.excess = max(0, x.total()-max(2*floor*mean0, 3*chance))
	share := float64(s0.Failures) / graph.Millionth / float64(b.Requests)
	x.failures = max(0, float64(s1.Failures)/graph.Millionth-share*n)
	return x
}
