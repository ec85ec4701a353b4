package analysis

import (
	"fmt"
	"slices"

	"headwater/graph"
)

// queued is why messages wait longer in a queue until they are taken: who takes
// them is slow or has too many, or took none for a while. Only a slow way delays
// all of them by about the same.
func (w *walker) queued(e graph.EdgeID) shares {
	n := e.Callee
	return w.once(question{what: 'q', edge: e}, func() shares {
		switch {
		case w.slowed(n):
			return w.visit(n)
		case w.congestion(n) > 0.3:
			return w.node(n)
		case !steady(edge(w.base, e).Wait, edge(w.now, e).Wait):
			return shares{at(n): 1}
		case w.elsewhereTaken(e):
			return shares{{kind: CauseEdge, caller: e.Caller, node: n}: 1}
		}
		return shares{at(e.Caller): 0.7, at(n): 0.3}
	})
}

// elsewhereTaken reports whether the queue's messages wait no longer than before
// for another who takes them.
func (w *walker) elsewhereTaken(e graph.EdgeID) bool {
	for _, o := range sortedEdges(w.now.Edges) {
		b, a := edge(w.base, o).Wait, edge(w.now, o).Wait
		if o.Caller == e.Caller && o != e && b.N >= fewRequests && a.N >= fewRequests && a.Mean() < 1.2*b.Mean()+2*a.StandardError() {
			return true
		}
	}
	return false
}

// stall is a time in which a service took hardly any messages from a queue though
// they came.
type stall struct {
	queue       graph.NodeID
	windows     int
	seconds     float64
	came, taken int64
}

// stalled is the share of the messages that came below which those that were taken
// are hardly any.
const stalled = 0.1

// stallOf finds the longest stall of a service in the incident; nil where it has
// none, or took as little before.
func (x *explainer) stallOf(n graph.NodeID) *stall {
	var worst *stall
	for _, e := range sortedEdges(x.whole.base.Edges) {
		if e.Callee != n || !e.Async || e.Caller.Kind != graph.Queue {
			continue
		}
		if edge(x.whole.base, e).Calls < x.whole.sent(x.whole.base, e.Caller)/2 {
			continue
		}
		run := stall{queue: e.Caller}
		for _, w := range x.during {
			came, taken := x.whole.sent(w, e.Caller), edge(w, e).Calls
			if came == 0 || float64(taken) >= stalled*float64(came) {
				run = stall{queue: e.Caller}
				continue
			}
			run.windows++
			run.seconds += float64(w.Length) / 1e9
			run.came += came
			run.taken += taken
			if run.came >= enough && run.windows > 1 && (worst == nil || run.came > worst.came) {
				longest := run
				worst = &longest
			}
		}
	}
	return worst
}

// stallEvidence shows the messages that were not taken.
func (x *explainer) stallEvidence(c *Cause, n graph.NodeID) {
	s := x.stallOf(n)
	if s == nil {
		return
	}
	id := graph.EdgeID{Caller: s.queue, Callee: n, Async: true}
	e := Evidence{Metric: "taken", Subject: s.queue.Name + " -> " + n.Name, Unit: "1/s",
		Baseline: round(perSecond(edge(x.whole.base, id).Calls, x.whole.base), 3), Incident: round(float64(s.taken)/s.seconds, 3),
		Series: x.series(func(w *graph.Window) (float64, bool) { return perSecond(edge(w, id).Calls, w), true })}
	e.Sentence = fmt.Sprintf("%s took %d messages of %s in %s, in which %d came; before, it took %.1f a second.",
		n.Name, s.taken, s.queue.Name, Seconds(s.seconds), s.came, e.Baseline)
	if own := c.Evidence[0]; own.Incident > 1.3*own.Baseline { // it works, but slowly
		c.Evidence = append(c.Evidence, e)
		return
	}
	c.Evidence = slices.Insert(c.Evidence, 0, e)
}
