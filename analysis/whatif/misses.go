package whatif

import (
	"fmt"
	"math"
)

// The fit must come near what happened: in p95 by this factor, in the failed
// share by this much (before the incident, too), in users' pain by this factor, and in
// whether it ended.
const (
	nearBefore = 0.1
	nearP95    = 1.6
	nearFailed = 0.2
	nearPain   = 1.8
)

// offBy is how far a replay is from what happened, each number by how much it may be.
type offBy struct{ p95, failed, pain float64 }

func (f *Fit) offBy(o, was Outcome) offBy {
	floor := 0.02 * float64(f.requests()) // what noise alone costs
	return offBy{slowerBy(o.P95, was.P95), (o.Failed - was.Failed) / nearFailed, math.Log((o.Pain+floor)/(was.Pain+floor)) / math.Log(nearPain)}
}

// slowerBy compares two times, in seconds.
func slowerBy(p95, was float64) float64 {
	const little = 0.05
	return math.Log((p95+little)/(was+little)) / math.Log(nearP95)
}

// misses says where a replay is off what happened; empty where it is near.
func (f *Fit) misses(replayed Outcome) (out []string) {
	was := f.Measure(f.measured)
	off := f.offBy(replayed, was)
	if math.Abs(off.p95) > 1 {
		out = append(out, fmt.Sprintf("the p95 was %s, the fit has %s", seconds(was.P95), seconds(replayed.P95)))
	}
	if math.Abs(off.failed) > 1 {
		out = append(out, fmt.Sprintf("%.0f%% failed, the fit has %.0f%%", 100*was.Failed, 100*replayed.Failed))
	}
	if math.Abs(off.pain) > 1 {
		out = append(out, fmt.Sprintf("users lost %.0f s, in the fit %.0f s", was.Pain, replayed.Pain))
	}
	if now, then := f.before(replayed), f.before(was); now > then+nearBefore {
		out = append(out, fmt.Sprintf("%.0f%% failed before it began, in the fit %.0f%%", 100*then, 100*now))
	}
	switch {
	case was.Recovered && !replayed.Recovered:
		out = append(out, "it ended, and in the fit it does not")
	case !was.Recovered && replayed.Recovered:
		out = append(out, "it did not end, and in the fit it does")
	}
	return out
}

// before is the share of the requests that failed of the route hurt most, in what is
// played before the incident.
func (f *Fit) before(o Outcome) float64 {
	n, failed := 0.0, 0.0
	for _, m := range o.Course[:min(f.from, len(o.Course))] {
		n += float64(m.Requests)
		failed += m.Failed * float64(m.Requests)
	}
	return failed / max(n, 1)
}

func (f *Fit) requests() (n int64) {
	for _, id := range f.routes {
		for _, w := range f.measured[f.from:f.to] {
			n += routeOf(w, id).Requests
		}
	}
	return n
}
