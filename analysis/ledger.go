package analysis

import (
	"math"

	"headwater/graph"
)

// line is one account of one route in the ledger: what the requests of the
// incident lost or gained there against the baseline, in seconds over all of
// them, split exactly by why; and the failures that began there.
type line struct {
	route   graph.RouteID
	account graph.AccountID
	// fanOut, retries and time add up to the account's difference.
	fanOut, retries, time float64
	// excess is the difference above what noise explains, 0 or more.
	excess float64
	// failures is the number of failed requests above the baseline's share.
	failures float64
}

func (l *line) total() float64 { return l.fanOut + l.retries + l.time }

// pain is what the users of one route suffered.
type pain struct {
	route    graph.RouteID
	seconds  float64 // excess, over all requests
	base     float64 // seconds that the same requests would have taken
	failures float64 // excess
	requests float64
}

// weight is the pain in requests of the usual duration: of waiting, and of
// failures.
func (p *pain) weight() float64 { return p.slow() + failureWeight*p.failures }

// slow is the pain of waiting. A request can't hurt without end.
func (p *pain) slow() float64 {
	if p.base == 0 {
		return 0
	}
	return min(p.seconds/(p.base/p.requests), 20*p.requests)
}

// ledger is the account of a difference between two windows.
type ledger struct {
	base, now *graph.Window
	noise     noise
	lines     []line
	pains     []pain
}

// newLedger draws up the difference between a baseline and an incident. Per
// request and account it is calls * attempts * time, so the sum over a route's
// accounts is the difference of its mean duration times its requests. usual is
// the noise of the windows that the baseline is made of.
func newLedger(base, now *graph.Window, usual noise) *ledger {
	l := &ledger{base: base, now: now, noise: usual}
	for _, id := range sortedRoutes(now.Routes) {
		b, n := route(base, id), route(now, id)
		if b.Requests < fewRequests || n.Requests == 0 {
			continue // nothing to compare with
		}
		p := pain{route: id, requests: float64(n.Requests)}
		mean0, mean1 := b.Time.Mean()/1e9, n.Time.Mean()/1e9
		chance := max(0.02*mean0, math.Hypot(b.Time.StandardError(), n.Time.StandardError())/1e9, usual.of(id, graph.AccountID{}, b.Requests, n.Requests))
		p.base = mean0 * p.requests
		p.seconds = max(0, mean1-mean0-2*chance) * p.requests
		share0, share1 := ratio(b.Failed, b.Requests), ratio(n.Failed, n.Requests)
		if share1 > share0+2*math.Sqrt(share0*(1-share0)/p.requests)+1/p.requests {
			p.failures = (share1 - share0) * p.requests
		}
		hidden := 0.0
		for _, a := range sortedAccounts(b.Accounts, n.Accounts) {
			x := l.accountLine(id, a, b, n)
			if chance := usual.of(id, a, b.Requests, n.Requests) * p.requests; chance > 0 && x.total() > hiddenFrom*chance {
				hidden += x.excess
			}
			l.lines = append(l.lines, x)
		}
		// Where few requests of a route make some call, all that they wait there is
		// lost in the mean of the route, but not in the account of the call.
		p.seconds = max(p.seconds, min(hidden, max(0, mean1-mean0)*p.requests))
		l.pains = append(l.pains, p)
	}
	return l
}

// hiddenFrom is from how many standard errors on the growth of an account counts
// though the requests' whole time did not grow beyond doubt.
const hiddenFrom = 6

// fewRequests is how many requests of a route a baseline needs to count.
const fewRequests = 5

func (l *ledger) accountLine(id graph.RouteID, a graph.AccountID, b, n *graph.RouteStats) line {
	var s0, s1 graph.AccountStats
	if s := b.Accounts[a]; s != nil {
		s0 = *s
	}
	if s := n.Accounts[a]; s != nil {
		s1 = *s
	}
	f0, f1 := factors(&s0, b.Requests), factors(&s1, n.Requests)
	// An account that is absent on one side takes attempts and time from the
	// other: all of it is fan-out.
	if f0[0] == 0 {
		f0[1], f0[2] = f1[1], f1[2]
	}
	if f1[0] == 0 {
		f1[1], f1[2] = f0[1], f0[2]
	}
	requests := float64(n.Requests)
	parts := split(f0, f1)
	x := line{route: id, account: a, fanOut: parts[0] * requests, retries: parts[1] * requests, time: parts[2] * requests}
	mean0 := f0[0] * f0[1] * f0[2] * requests
	floor := 0.02
	if a.Kind == graph.Gap {
		floor = 0.1
	}
	if s0.Visits > 0 && s1.Visits > 0 {
		floor = max(floor, math.Sqrt(1/float64(s0.Visits)+1/float64(s1.Visits)))
	}
	chance := l.noise.of(id, a, b.Requests, n.Requests) * requests
	x.excess = max(0, x.total()-max(2*floor*mean0, 3*chance))
	share := float64(s0.Failures) / graph.Millionth / float64(b.Requests)
	x.failures = max(0, float64(s1.Failures)/graph.Millionth-share*requests)
	return x
}

// factors are calls per request, attempts per call, and seconds per attempt.
// Time that no visit carries, such as what is left of a visit whose own span never
// came, counts once for each request that has it.
func factors(s *graph.AccountStats, requests int64) [3]float64 {
	visits, logical := float64(s.Visits), float64(s.Logical)/graph.Millionth
	if visits == 0 || logical == 0 {
		visits = float64(s.Roots)
		logical = visits
	}
	if visits == 0 {
		return [3]float64{}
	}
	return [3]float64{logical / float64(requests), visits / logical, float64(s.Time) / 1e9 / visits}
}
