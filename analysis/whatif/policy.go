package whatif

import (
	"math"
	"time"

	"headwater/graph"
)

// policy is how the calls of an edge are made, as far as it showed.
type policy struct {
	timeout  time.Duration // 0: none was seen
	attempts int           // of a call at most; 1 where no retry was seen
	budget   float64       // retries per call that are allowed over time; 0: no limit
	backoff  time.Duration // before the second attempt
	optional bool          // its caller goes on without it
	// seen is set where failures showed what the policy is; else it is a guess
	// that fits healthy traffic.
	seen bool
}

const (
	// fewTimeouts and fewFailures are how many must have been seen to say something
	// of a policy.
	fewTimeouts = 3
	fewFailures = 10
	// pileWidth is how far durations that pile up at a timeout may lie apart.
	pileWidth = 1.12
	// genuine is the share of the timeouts of an edge at which the callee worked on
	// or never began; else they are its answers.
	genuine = 0.3
	// spared is the share of the failed calls below which retries are kept back:
	// without a budget each of them was tried again at least once.
	spared = 0.7
	// mostAttempts bounds what is looked for.
	mostAttempts = 10
	// jitter is what is taken for the random share of a backoff.
	jitter = 0.5
)

// timeoutOf finds the timeout of an edge from where durations pile up.
func timeoutOf(windows []*graph.Window, id graph.EdgeID) time.Duration {
	var all graph.Sketch
	var total, timedOut, left int64
	for _, w := range windows {
		e := edgeOf(w, id)
		n := e.Outcomes[graph.TimedOut]
		if n == 0 {
			continue
		}
		all.Merge(&e.Latency)
		total += e.Attempts
		timedOut += n
		left += e.Abandoned + e.Expected - e.Paired
	}
	if timedOut < fewTimeouts || id.Callee.Kind == graph.Service && float64(left) < genuine*float64(timedOut) {
		return 0
	}
	// The longest attempts are those that timed out.
	share := float64(timedOut) / float64(total)
	low, middle, high := all.Quantile(1-0.6*share), all.Quantile(1-0.4*share), all.Quantile(1-0.1*share)
	if low <= 0 || high/low > pileWidth {
		return 0
	}
	return neat(middle)
}

// neat rounds a timeout to as few digits as come near enough: people set round ones.
func neat(ns float64) time.Duration {
	unit := math.Pow(10, math.Floor(math.Log10(ns)))
	for _, part := range []float64{1, 0.5, 0.1} {
		if r := math.Round(ns/unit/part) * unit * part; math.Abs(r-ns) < nearEnough*ns {
			return time.Duration(math.Round(r))
		}
	}
	return time.Duration(ns)
}

// nearEnough is a little more than the error of a sketch.
const nearEnough = 0.012

// retries are the retries of an edge's calls: how many attempts, under what
// budget, after what wait.
func retries(windows []*graph.Window, id graph.EdgeID) (attempts int, budget float64, backoff time.Duration, seen bool) {
	var calls, tries, failures, fails, waits int64
	lower := 1.0
	marks := marksOf(windows, id)
	for _, m := range marks {
		calls += m.edge.Calls
		tries += m.edge.Attempts
		failures += m.edge.Attempts - m.edge.Outcomes[graph.OK]
		fails += m.edge.Failed
		waits += m.edge.Backoff
		if m.calls >= fewFailures {
			lower = max(lower, m.tries/m.calls)
		}
	}
	if failures < fewFailures || tries == calls {
		return 1, 0, 0, failures >= fewFailures
	}
	best := math.Inf(1)
	for n := int(math.Ceil(lower - 0.1)); n <= mostAttempts; n++ {
		if off := miss(marks, n); off < best {
			best, attempts = off, n
		}
	}
	if float64(tries-calls) < spared*float64(fails) { // many failed, and were not tried again
		for _, m := range marks {
			if m.calls >= fewFailures {
				budget = max(budget, m.tries/m.calls-1)
			}
		}
		attempts = max(attempts, 3)
	}
	p := float64(failures) / float64(tries)
	weight, doubled := 0.0, 0.0
	for k := 1; k < attempts; k++ {
		weight += math.Pow(p, float64(k))
		doubled += math.Pow(p, float64(k)) * float64(int64(1)<<(k-1))
	}
	mean := float64(waits) / float64(tries-calls)
	return attempts, min(budget, 1), time.Duration(mean * weight / max(doubled, 1e-9) / (1 - jitter/2)), true
}

// mark is what one window says of retries.
type mark struct {
	edge                      *graph.EdgeStats
	calls, tries, failed, bad float64
}

// marksOf are the windows in which attempts of an edge failed.
func marksOf(windows []*graph.Window, id graph.EdgeID) (out []mark) {
	for _, w := range windows {
		e := edgeOf(w, id)
		if bad := e.Attempts - e.Outcomes[graph.OK]; e.Calls > 0 && bad > 0 {
			out = append(out, mark{e, float64(e.Calls), float64(e.Attempts), float64(e.Failed), float64(bad) / float64(e.Attempts)})
		}
	}
	return out
}

// due is how many attempts calls make of which n are made at most.
func (m *mark) due(n int) float64 {
	if m.bad >= 1 {
		return m.calls * float64(n)
	}
	return m.calls * (1 - math.Pow(m.bad, float64(n))) / (1 - m.bad)
}

// miss is how far calls of at most n attempts are from what was seen.
func miss(marks []mark, n int) (off float64) {
	for _, m := range marks {
		failed := m.calls * math.Pow(m.bad, float64(n))
		off += (sq(m.due(n)-m.tries) + sq(failed-m.failed)) / m.calls
	}
	return off
}

func sq(x float64) float64 { return x * x }

// optionalEdge reports whether calls of an edge failed and their callers went on.
func optionalEdge(windows []*graph.Window, id graph.EdgeID) bool {
	var failed, hurt int64
	for _, w := range windows {
		failed += edgeOf(w, id).Failed
		n := nodeOf(w, id.Caller).All
		hurt += n.Failed - n.FailedOwn
	}
	return failed >= fewFailures && float64(hurt) < 0.5*float64(failed)
}

// policyOf is how the calls of an edge are made.
func policyOf(windows []*graph.Window, id graph.EdgeID) policy {
	p := policy{timeout: timeoutOf(windows, id), optional: optionalEdge(windows, id)}
	p.attempts, p.budget, p.backoff, p.seen = retries(windows, id)
	return p
}
