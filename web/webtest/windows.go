package webtest

import (
	"time"

	"headwater/graph"
	"headwater/graph/trace"
)

func window(start int64) *graph.Window {
	w := graph.NewWindow(start, int64(Window))
	at := time.Unix(0, start).UTC()
	for seed, a := range actors {
		s := &graph.NodeStats{Operations: map[string]*graph.VisitStats{}, Instances: map[graph.Instance]*graph.VisitStats{}}
		hurt := a.hurt(at)
		s.All.Visits = int64(a.rate)
		s.All.Failed = int64(a.failed * hurt * a.rate)
		mean := a.mean + (a.slow-a.mean)*hurt*ripple(at, seed, 0.1)
		for i := range s.All.Visits {
			d := spread(mean, i)
			s.All.Time.Add(d)
			s.All.Self.Add(d / 3)
			s.All.Latency.Add(d)
		}
		s.All.Examples.Worst = []graph.Example{{TraceID: FailedTrace, Start: start, Duration: spread(mean, 9)}}
		s.All.Examples.Typical = []graph.Example{{TraceID: CalmTrace, Start: start, Duration: spread(mean, 3)}}
		all := s.All
		s.Operations["work"] = &all
		s.Instances[graph.Instance{Name: a.id.Name + "-6f9c-1", Host: "node-1", Version: "2.14.1"}] = &all
		w.Spans += s.All.Visits
		w.Nodes[a.id] = s
	}
	for seed, l := range links {
		hurt := actorOf(l.caller).hurt(at)
		rate := int64(l.rate + (l.busy-l.rate)*hurt)
		s := &graph.EdgeStats{Calls: rate, Attempts: int64(float64(rate) * (1 + (l.attempts-1)*hurt))}
		s.Failed = int64(l.failed * hurt * float64(rate))
		s.Outcomes[trace.OK], s.Outcomes[trace.TimedOut] = s.Attempts-s.Failed, s.Failed
		s.Paired, s.Expected = s.Attempts, s.Attempts
		mean := l.mean + (l.slow-l.mean)*hurt*ripple(at, seed+20, 0.1)
		for i := range s.Attempts {
			d := spread(mean, i)
			s.Time.Add(d)
			s.Gap.Add(d / 20)
			s.Latency.Add(d)
		}
		w.Edges[graph.EdgeID{Caller: l.caller, Callee: l.callee, Async: l.async}] = s
	}
	w.Routes[graph.RouteID{Node: gateway, Operation: "POST /checkout"}] = &graph.RouteStats{Requests: 31}
	return w
}

// hurt is how much of the incident an actor feels at a time, from 0 to 1.
func (a actor) hurt(at time.Time) float64 {
	switch {
	case a.lag == 0 || !at.Before(Now):
		return 0
	case a.id == ordersDB:
		return height(at, Onset, Cured)
	}
	return height(at, Onset.Add(a.lag), Now)
}

func actorOf(id graph.NodeID) actor {
	for _, a := range actors {
		if a.id == id {
			return a
		}
	}
	return actor{}
}

// The traces of the shop.
var (
	CalmTrace   = trace.TraceID{0xc0, 0xff, 0xee, 15: 1}
	FailedTrace = trace.TraceID{0xde, 0xad, 0xbe, 0xef, 15: 2}
	LargeTrace  = trace.TraceID{0xab, 0xcd, 15: 3}
)
