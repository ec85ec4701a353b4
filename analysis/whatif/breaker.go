package whatif

import (
	"math"
	"slices"
	"time"

	"headwater/graph"
)

// breaker is the circuit breaker of an edge, as far as it showed: calls were not
// made, and failed their callers without an attempt, while what was attempted failed.
type breaker struct {
	open time.Duration // before a single call is let through
	// bound is set where none was let through: it is open for so long at least.
	bound bool
	// doubt is set where calls were not made as behind a breaker, and it may as well be
	// that the caller itself was full.
	doubt bool
	held  []float64 // by window: calls that were not made
}

const (
	// heldBack is the share of the calls that must not be made in a window for a
	// breaker to be open in it, and heldMany how many in all windows.
	heldBack = 0.3
	heldMany = 30
	// unlike is by what share the calls that were not made may differ from the visits
	// that failed without one.
	unlike = 0.4
	// stillFails is the share of what is attempted that must fail meanwhile, and
	// allFail that from which on none is taken to go well.
	stillFails = 0.3
	allFail    = 0.95
	// underWay is how many calls of an instance may be under way while a breaker holds
	// them back: where more wait for an answer, the caller itself is full.
	underWay = 0.7
	// shortest is the shortest time for which a breaker is open, and roundly by what
	// share a round number may be off.
	shortest = 500 * time.Millisecond
	roundly  = 0.2
)

// breakerOf finds the circuit breaker of an edge.
func (f *fitting) breakerOf(id graph.EdgeID) (breaker, bool) {
	b := breaker{held: make([]float64, len(f.windows))}
	if id.Async {
		return b, false
	}
	var in []graph.EdgeID
	for _, e := range f.ids {
		if e.Callee == id.Caller && !e.Async {
			in = append(in, e)
		}
	}
	missing := make([]float64, len(f.windows))
	held, own := 0.0, 0.0
	for i, w := range f.windows {
		d, blind := f.due(w, id, turnedAway(w, in))
		if missing[i] = d - float64(edgeOf(w, id).Calls); missing[i] >= max(heldBack*d, fewVisits) {
			b.held[i] = missing[i]
			held, own = held+missing[i], own+blind
		}
	}
	if held < heldMany || math.Abs(own-held) > unlike*held && own > (1-unlike)/2*held {
		return b, false // they failed for another reason, or no such call was due
	}
	var due, attempts, failed, took, busy, span float64
	var each []float64
	for i := range b.held {
		if i == 0 || i == len(b.held)-1 || b.held[i-1] == 0 || b.held[i] == 0 || b.held[i+1] == 0 {
			continue // it opened or closed somewhere in it
		}
		w := f.windows[i]
		d, _ := f.due(w, id, turnedAway(w, in))
		e := edgeOf(w, id)
		due, span = due+d, span+float64(f.length)
		each = append(each, float64(e.Attempts))
		attempts += float64(e.Attempts)
		failed += float64(e.Attempts - e.Outcomes[graph.OK])
		took += float64(e.Time.Sum)
		busy += float64(e.Occupancy)
	}
	links := float64(replicasOf(f.base, id.Caller))
	failing := failed / max(attempts, 1)
	if attempts < fewTimeouts {
		failing = f.failedBefore(id, b.held)
	}
	if span == 0 || failing < stillFails {
		return b, false
	}
	if busy > underWay*links*span {
		b.doubt = true
		return b, false
	}
	took /= max(attempts, 1)
	if failing > allFail { // but for windows in which it closed by chance
		attempts = min(attempts, quantile(each, 0.5)*float64(len(each)))
	}
	b.bound = attempts == 0
	took /= max(attempts, 1)
	if failing > allFail { // but for windows in which it closed by chance
		attempts = min(attempts, quantile(each, 0.5)*float64(len(each)))
	}
	b.open = opened(attempts/links, failing, due/links/span, took, span)
	for i, m := range missing { // where it opened or closed
		if b.held[i] == 0 && m > 0 && (i > 0 && b.held[i-1] > 0 || i+1 < len(missing) && missing[i+1] > 0 && b.held[i+1] > 0) {
			b.held[i] = m
		}
	}
	b.doubt = b.open < shortest
	return b, !b.doubt
}

// unheld is how the calls of an edge with a breaker are tried: as where it held none
// back, if enough failed there. Calls that it held back are not tried again, which is
// no budget.
func (f *fitting) unheld(p policy, seen []*graph.Window, id graph.EdgeID, b breaker) policy {
	held := map[*graph.Window]bool{}
	for i, h := range b.held {
		held[f.windows[i]] = h > 0
	}
	free := slices.DeleteFunc(slices.Clone(seen), func(w *graph.Window) bool { return held[w] })
	if attempts, budget, backoff, told := retries(free, id); told {
		p.attempts, p.budget, p.backoff = attempts, budget, backoff
	} else {
		p.budget = 0
	}
	return p
}

// heldBack is the share of the visits of an operation, in a window, that failed since
// a breaker let them make no call.
func (f *fitting) heldBack(i int, o operation) float64 {
	w := f.windows[i]
	held := 0.0
	for _, e := range f.ids {
		b, ok := f.breakers[e]
		if !ok || e.Caller != o.node || b.held[i] == 0 || f.policies[e].optional {
			continue
		}
		if all, _ := f.due(w, e, 0); all > 0 { // as many of them as it would have made
			held += b.held[i] / all * f.often(o, e)
		}
	}
	return min(1, held)
}

// often is how many calls of an edge a visit of an operation makes.
func (f *fitting) often(o operation, id graph.EdgeID) (often float64) {
	for _, s := range f.steps[o] {
		if s.to.node == id.Callee && !s.async {
			often += s.often
		}
	}
	return often
}

// due is how many calls of an edge the visits of a window would make, without those
// that were turned away, and for how many of them the visit failed by itself.
func (f *fitting) due(w *graph.Window, id graph.EdgeID, turned int64) (calls, blind float64) {
	let := 1 - min(1, ratio(turned, nodeOf(w, id.Caller).All.Visits))
	for _, o := range f.opsOf[id.Caller] {
		often := f.often(o, id)
		if often == 0 {
			continue
		}
		s, usual := operationOf(w, o), operationOf(f.base, o)
		visits := float64(s.Visits) * let
		calls += often * visits
		blind += often * max(0, float64(s.FailedOwn)-(1-let)*float64(s.Visits)-ratio(usual.FailedOwn, usual.Visits)*visits)
	}
	return calls, blind
}

// failedBefore is the share of an edge's attempts that failed right before calls of
// it were held back.
func (f *fitting) failedBefore(id graph.EdgeID, held []float64) float64 {
	var bad, all int64
	for i, h := range held {
		if h > 0 && i > 0 && held[i-1] == 0 {
			for _, w := range f.windows[i-1 : i+1] {
				e := edgeOf(w, id)
				all += e.Attempts
				bad += e.Attempts - e.Outcomes[graph.OK]
			}
		}
	}
	return ratio(bad, all)
}

// opened is for how long a breaker stays open that lets so many attempts through in
// a time, of each of which this share fails, where calls come at a rate and an
// attempt takes so long; all times in nanoseconds. While the callee fails always,
// there is one attempt each time. Otherwise it closes after one that goes well, and
// opens again after as many calls as it looks at.
func opened(attempts, failing, rate, took, span float64) time.Duration {
	if attempts == 0 {
		return time.Duration(span)
	}
	open := span/attempts - 1/rate - took
	if failing < allFail {
		well := 1 - failing
		open = ((breakerCalls+1/well)*span/attempts-breakerCalls/rate)*well - 1/rate - took
	}
	for _, round := range []float64{1e9, 2e9, 5e9, 10e9, 15e9, 20e9, 30e9, 60e9} {
		if math.Abs(open-round) < roundly*round {
			return time.Duration(round)
		}
	}
	return time.Duration(open)
}
