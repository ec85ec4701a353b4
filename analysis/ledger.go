package analysis

import "headwater/graph"

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

// pain is what the users of one route suffered: all that the recorded requests stand
// for.
type pain struct {
	route    graph.RouteID
	seconds  float64 // excess, over all requests
	base     float64 // seconds that the same requests would have taken
	failures float64 // excess
	requests float64 // recorded
	stand    float64 // requests that these stand for
}

// weight is the pain in requests of the usual duration: of waiting, and of
// failures.
func (p *pain) weight() float64 { return p.slow() + failureWeight*p.failures }

// slow is the pain of waiting. A request can't hurt without end.
func (p *pain) slow() float64 {
	if p.base == 0 {
		return 0
	}
	return min(p.seconds/(p.base/p.stand), 20*p.stand)
}

// ledger is the account of a difference between two windows.
type ledger struct {
	base, now *graph.Window
	edges     []graph.EdgeID // of now, in order
	lines     []line
	pains     []pain
}

// newLedger draws up the difference between a baseline and an incident. Per
// request and account it is calls * attempts * time, so the sum over a route's
// accounts is the difference of its mean duration times its requests. usual is
// the noise of the windows that the baseline is made of.
func newLedger(base, now *graph.Window, usual noise) *ledger {
	l := &ledger{base: base, now: now, edges: sortedEdges(now.Edges)}
	s := newSheet(base, now, usual)
	l.lines = make([]line, 0, s.counts)
	l.pains = s.pains(s.read(now), func(x line) { l.lines = append(l.lines, x) })
	return l
}

// hiddenFrom is from how many standard errors on the growth of an account counts
// though the requests' whole time did not grow beyond doubt.
const hiddenFrom = 6

// fewRequests is how many requests of a route a baseline needs to count.
const fewRequests = 5

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
