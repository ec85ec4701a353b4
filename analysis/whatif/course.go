package whatif

import (
	"math"

	"headwater/graph"
)

// sample is what one window says of a number: its value and how far that may be
// off. Without weight it says nothing.
type sample struct{ value, off, weight float64 }

// alike is by what share numbers of one level may differ.
const alike = 0.1

// sure is how many standard errors a number must be away from its usual to have
// changed.
const sure = 3

// levels tell a series as few steps: stretches of windows that don't differ by
// more than chance get one number, and the usual one where they don't differ from
// it by at least a share. Where windows say nothing any more, a number is taken to
// stay for as long again as it was seen.
func levels(series []sample, usual, least float64) []float64 {
	out := make([]float64, len(series))
	for from := 0; from < len(series); {
		at, to := series[from], from+1
		first, seen := from, from
		for ; to < len(series); to++ {
			s := series[to]
			switch {
			case s.weight == 0:
				continue
			case at.weight == 0:
				at = s
				first, seen = to, to
				continue
			case math.Abs(s.value-at.value) > max(sure*math.Hypot(s.off, at.off), least, alike*at.value):
			default:
				seen = to
				w := at.weight + s.weight
				at = sample{
					value:  (at.value*at.weight + s.value*s.weight) / w,
					off:    math.Hypot(at.off*at.weight, s.off*s.weight) / w,
					weight: w,
				}
				continue
			}
			break
		}
		level := usual
		if at.weight > 0 && math.Abs(at.value-usual) > max(least, sure*at.off) {
			level = at.value
		}
		for i := from; i < to; i++ {
			out[i] = level
			if i > 2*seen-first+1 {
				out[i] = usual
			}
		}
		from = to
	}
	return out
}

// stretch is a part of the windows in which a number stays.
type stretch struct {
	from, to int
	value    float64
}

// stretches are where levels differ from the usual.
func stretches(levels []float64, usual float64) (out []stretch) {
	for i, v := range levels {
		switch n := len(out); {
		case v == usual:
		case n > 0 && out[n-1].to == i && out[n-1].value == v:
			out[n-1].to = i + 1
		default:
			out = append(out, stretch{i, i + 1, v})
		}
	}
	return out
}

const (
	// leastSlower is by what share own time must differ to be called slower, and
	// leastFailing what share more must fail.
	leastSlower  = 0.12
	leastFailing = 0.015
	// leastFan is by what share more calls must be made of an edge.
	leastFan = 0.25
	// leastDelay is by how much a way must be longer, in nanoseconds.
	leastDelay = 3e6
	// sound is the share of failing visits up to which missing calls are not those
	// of visits that failed before they made them.
	sound = 0.05
)

// slower is how much longer than usual the own time of a part of a service is.
func slower(base, now graph.VisitStats) sample {
	b, n := base.SelfOK, now.SelfOK
	if n.N < 3 && now.Self.N >= 3 && now.Self.Mean() > b.Mean() {
		n = now.Self // all fail, and slowly
	}
	if n.N < 1 || b.N < fewVisits || b.Mean() == 0 {
		return sample{}
	}
	v := n.Mean() / b.Mean()
	spread := max(n.Deviation()/b.Mean(), v*b.Deviation()/b.Mean())
	return sample{v, math.Hypot(spread/math.Sqrt(float64(n.N)), v*b.StandardError()/b.Mean()), float64(n.N)}
}

// slowerAll is slower for all of a service, whatever mix of operations was asked
// for.
func (f *fitting) slowerAll(w *graph.Window, id graph.NodeID) sample {
	expected, own, n, off := 0.0, 0.0, int64(0), 0.0
	for _, o := range f.opsOf[id] {
		b, s := operationOf(f.base, o).SelfOK, operationOf(w, o).SelfOK
		if b.N == 0 || s.N == 0 {
			continue
		}
		expected += b.Mean() * float64(s.N)
		own += float64(s.Sum)
		n += s.N
		off += sq(max(s.Deviation(), b.Deviation())) * float64(s.N)
	}
	if n < 3 || expected == 0 {
		return sample{}
	}
	return sample{own / expected, math.Sqrt(off) / expected, float64(n)}
}

// failing is the share of visits that fail by themselves, without those that were
// turned away.
func failing(s graph.VisitStats, turned float64) sample {
	n := float64(s.Visits) * (1 - turned)
	if n < 1 {
		return sample{}
	}
	p := max(0, float64(s.FailedOwn)-turned*float64(s.Visits)) / n
	return sample{p, math.Sqrt(max(p*(1-p), 1/n) / n), n}
}

// share is a share of n that has been seen.
func share(part, n float64) sample {
	if n < 1 {
		return sample{}
	}
	p := min(1, max(0, part/n))
	return sample{p, math.Sqrt(max(p*(1-p), 1/n) / n), n}
}

// lost is the share of the attempts at a service that never came there, and
// refused the share that was refused at once.
func lost(e *graph.EdgeStats) (lost, refused sample) {
	missing := float64(e.Expected - e.Paired)
	said := min(float64(e.Outcomes[graph.Refused]), missing)
	return share(min(float64(e.Outcomes[graph.TimedOut]+e.Outcomes[graph.Cancelled]), missing-said), float64(e.Attempts)), share(said, float64(e.Attempts))
}

// unanswered is the share of the attempts at a node without spans that timed out
// while those that were answered took no longer than usual.
func unanswered(base, w *graph.Window, id graph.EdgeID) sample {
	e, b := edgeOf(w, id), edgeOf(base, id)
	bad := e.Outcomes[graph.TimedOut]
	if ok := nodeOf(w, id.Callee).All.TimeOK; bad > 0 && (ok.N < 3 || ok.Mean() > felt*max(nodeOf(base, id.Callee).All.TimeOK.Mean(), 1) || e.Latency.Quantile(0.1) > 2*b.Latency.Quantile(0.5)) {
		bad = 0
	}
	return share(float64(bad), float64(e.Attempts))
}

// away is how long one way to a callee takes, in nanoseconds.
func away(e *graph.EdgeStats) sample {
	if e.Gap.N < 3 {
		return sample{}
	}
	cut := float64(e.Outcomes[graph.TimedOut]) / float64(max(e.Attempts, 1)) // of them one way was seen alone
	return sample{e.Gap.Mean() / (2 - min(1, cut)), e.Gap.StandardError() / 2, float64(e.Gap.N)}
}

// fan is how many more calls of an edge are made than by as many visits usually.
func (f *fitting) fan(w *graph.Window, id graph.EdgeID) sample {
	expected, visits, failed := 0.0, int64(0), int64(0)
	for _, o := range f.opsOf[id.Caller] {
		s := operationOf(w, o)
		often := 0.0
		for _, st := range f.steps[o] {
			if st.to.node == id.Callee {
				often += st.often
			}
		}
		made := float64(s.Visits - s.FailedOwn)
		expected += often * made
		if often > 0 {
			visits += s.Visits
			failed += s.Failed
		}
	}
	if expected < 1 || visits < fewVisits {
		return sample{}
	}
	v := float64(edgeOf(w, id).Calls) / expected
	if v < 1 && float64(failed) > sound*float64(visits) {
		v = 1
	}
	return sample{v, math.Sqrt(max(v, 0.3) / expected), expected}
}
