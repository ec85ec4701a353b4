package webtest

import (
	"fmt"
	"time"

	"headwater/graph"
)

// Grow adds so many services below the shop's gateway, each called by another:
// a city of them.
func (s *Source) Grow(services int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.services = services
}

// districts are the first words of the city's names.
var districts = []string{"billing", "catalogue", "delivery", "fraud", "identity", "loyalty", "media", "pricing", "reviews", "tax"}

// addCity adds services to a window. The i-th is called by the (i/3)-th; the
// last one fails.
func addCity(w *graph.Window, n int) {
	at := func(i int) graph.NodeID {
		return service(fmt.Sprintf("%s-%s-%d", districts[i%len(districts)], []string{"api", "worker", "store"}[i%3], i))
	}
	for i := range n {
		visits := int64(20 + (n-i)%7)
		s := &graph.NodeStats{}
		e := &graph.EdgeStats{Calls: visits, Attempts: visits}
		s.All.Visits = visits
		for k := range visits {
			d := spread(0.004+float64(i%50)/1000, k)
			s.All.Time.Add(d)
			s.All.Latency.Add(d)
			e.Time.Add(d)
			e.Latency.Add(d)
		}
		if i == n-1 {
			s.All.Failed, e.Failed = visits/2, visits/2
		}
		w.Nodes[at(i)] = s
		caller := gateway
		if i >= 3 {
			caller = at(i / 3)
		}
		w.Edges[graph.EdgeID{Caller: caller, Callee: at(i)}] = e
		w.Spans += 2 * visits
	}
}

// windowsIn makes the windows that start in [from, to), of which each holds a
// tenth of the traffic: quiet but between Onset and Now.
func windowsIn(from, to int64, services int) []*graph.Window {
	var out []*graph.Window
	step := int64(Window)
	for start := (from + step - 1) / step * step; start < to; start += step {
		w := window(start)
		addCity(w, services)
		out = append(out, w)
	}
	return out
}

// spread is the i-th of durations around a mean in seconds.
func spread(mean float64, i int64) int64 {
	return int64(mean * float64(time.Second) * (0.6 + 0.08*float64(i%11)))
}
