package webtest

import (
	"headwater/graph"
	"headwater/graph/trace"
)

// windowsIn makes the windows that start in [from, to): quiet traffic, of which
// each window holds a tenth.
func windowsIn(from, to int64) []*graph.Window {
	var out []*graph.Window
	step := int64(Window)
	for start := (from + step - 1) / step * step; start < to; start += step {
		out = append(out, quiet(start))
	}
	return out
}

func quiet(start int64) *graph.Window {
	w := graph.NewWindow(start, int64(Window))
	for _, a := range actors {
		s := &graph.NodeStats{}
		s.All.Visits = int64(a.rate)
		for i := range s.All.Visits {
			d := spread(a.mean, i)
			s.All.Time.Add(d)
			s.All.Latency.Add(d)
		}
		w.Spans += s.All.Visits
		w.Nodes[a.id] = s
	}
	for _, l := range links {
		s := &graph.EdgeStats{Calls: int64(l.rate), Attempts: int64(l.rate)}
		for i := range s.Calls {
			d := spread(l.mean, i)
			s.Time.Add(d)
			s.Latency.Add(d)
		}
		w.Edges[graph.EdgeID{Caller: l.caller, Callee: l.callee, Async: l.async}] = s
	}
	w.Routes[graph.RouteID{Node: gateway, Operation: "POST /checkout"}] = &graph.RouteStats{Requests: 31}
	return w
}

// spread is the i-th of durations around a mean in seconds.
func spread(mean float64, i int64) int64 {
	return int64(mean * 1e9 * (0.6 + 0.08*float64(i%11)))
}

// The traces of the shop.
var (
	CalmTrace   = trace.TraceID{0xc0, 0xff, 0xee, 15: 1}
	FailedTrace = trace.TraceID{0xde, 0xad, 0xbe, 0xef, 15: 2}
	LargeTrace  = trace.TraceID{0xab, 0xcd, 15: 3}
)
