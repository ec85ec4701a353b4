package analysis

import "headwater/graph"

// standing is what recorded requests of a route stand for, where traces were sampled
// and say at what rate; else the requests themselves. What users suffered is told in
// these; what is tested goes by what was recorded.
type standing struct{ requests, failed, seconds float64 }

func standingFor(requests, failed, time, weight, failedWeight, weightedTime int64) standing {
	if weight == 0 { // none said
		return standing{float64(requests), float64(failed), float64(time) / 1e9}
	}
	return standing{float64(weight) / graph.Millionth, float64(failedWeight) / graph.Millionth, float64(weightedTime) / 1e9}
}

func stands(r *graph.RouteStats) standing {
	return standingFor(r.Requests, r.Failed, r.Time.Sum, r.Weight, r.FailedWeight, r.WeightedTime)
}

// mean is how long a request takes, in seconds.
func (s standing) mean() float64 {
	if s.requests == 0 {
		return 0
	}
	return s.seconds / s.requests
}

// failing is the share that fails.
func (s standing) failing() float64 {
	if s.requests == 0 {
		return 0
	}
	return s.failed / s.requests
}

// rate is requests a second.
func (s standing) rate(w *graph.Window) float64 {
	if w.Length == 0 {
		return 0
	}
	return s.requests / (float64(w.Length) / 1e9)
}

// each is how many requests a recorded one stands for.
func each(r *graph.RouteStats) float64 {
	if r.Requests == 0 {
		return 1
	}
	return stands(r).requests / float64(r.Requests)
}
