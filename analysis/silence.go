package analysis

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"headwater/graph"
)

// longestSilence is how many windows without a span at most belong to the time
// between others.
const longestSilence = 60

// withSilence puts an empty window where none was made though requests had come in
// each of the last ones: then nobody was answered, or nobody told of it.
func withSilence(windows []*graph.Window) []*graph.Window {
	out := make([]*graph.Window, 0, len(windows))
	for i, w := range windows {
		if i >= pooled {
			last := windows[i-1]
			n := (w.Start - last.Start - last.Length) / last.Length
			if n <= longestSilence && busy(windows[i-pooled:i]) {
				for k := range n {
					out = append(out, graph.NewWindow(last.Start+(k+1)*last.Length, last.Length))
				}
			}
		}
		out = append(out, w)
	}
	return out
}

// busy reports whether there were so many requests in each of the windows that one
// without any is no accident.
func busy(windows []*graph.Window) bool {
	for _, w := range windows {
		requests := int64(0)
		for _, r := range w.Routes {
			requests += r.Requests
		}
		if requests < enough/2 {
			return false
		}
	}
	return true
}

// silence is a service that shows hardly any visits any more though it is asked
// as before: it hangs, or it died. What nobody asks is not silent but idle.
type silence struct {
	node    graph.NodeID
	missing float64 // visits that should have been
}

// silences lists the services that fell silent.
func (w *walker) silences() []silence {
	if w.relative {
		return nil
	}
	var out []silence
	for _, id := range sortedNodes(w.base.Nodes) {
		before, now := node(w.base, id).All.Visits, node(w.now, id).All.Visits
		if id.Kind != graph.Service || w.base.Length == 0 {
			continue
		}
		if !gone(before, now, w.scale) {
			if n := w.turnedAway(id); n > 0 {
				out = append(out, silence{id, n})
			}
			continue
		}
		if w.entered(id) {
			out = append(out, silence{id, float64(before)*w.scale - float64(now)})
			continue
		}
		asked0, asked1 := asked(w.base, w.base, id), asked(w.base, w.now, id)
		if float64(asked1) > 0.5*w.scale*float64(asked0) && asked1 >= enough {
			out = append(out, silence{id, float64(before)*w.scale - float64(now)})
		}
	}
	return out
}

// entered reports whether users come in at a node and nobody else: they send no
// spans.
func (w *walker) entered(id graph.NodeID) bool {
	if w.called == nil {
		w.called = make(map[graph.NodeID]bool, len(w.base.Nodes))
		for e := range w.base.Edges {
			w.called[e.Callee] = true
		}
	}
	return !w.called[id]
}

// asked counts in a window the attempts at a node, and the messages sent to the
// queues that it normally takes them from.
func asked(base, w *graph.Window, id graph.NodeID) int64 {
	at := map[graph.NodeID]bool{id: true}
	for e := range base.Edges {
		if e.Callee == id && e.Async && e.Caller.Kind == graph.Queue {
			at[e.Caller] = true
		}
	}
	n := int64(0)
	for e, s := range w.Edges {
		if at[e.Callee] && e.Caller.Kind != graph.Queue {
			n += s.Attempts
		}
	}
	return n
}

// turnedAway is how many visits of users are missing at a node of which a copy is
// gone while the others have no more to do than before.
func (w *walker) turnedAway(id graph.NodeID) float64 {
	if !w.entered(id) {
		return 0
	}
	missing := 0.0
	for _, in := range w.lost(id) {
		missing += float64(node(w.base, id).Instances[in].Visits) * w.scale
	}
	expected := float64(node(w.base, id).All.Visits) * w.scale
	if lost := expected - float64(node(w.now, id).All.Visits); lost < missing/2 {
		return 0
	}
	return missing
}

// takenOver is how much more likely it must be, by its logarithm, that nobody does
// the work of a copy that is gone than that the others do it.
const takenOver = 7.0

// copyLost is an entry of which a copy shows no more visits, and since how many
// windows, while the others have no more to do than before: the users whom it
// served are turned away, and send no spans. Where a copy went away on purpose the
// others take over.
func (d *detector) copyLost(recent []*graph.Window) (graph.NodeID, int) {
	last := d.history[max(0, len(d.history)-longest):]
	for _, id := range sortedNodes(d.base.Nodes) {
		if id.Kind != graph.Service || len(node(d.base, id).Instances) < 2 || !d.entry(id) {
			continue
		}
		before := sumNode(last, id)
		for _, k := range []int{briefly, pooled} {
			if len(recent) < k {
				break
			}
			now := sumNode(recent[len(recent)-k:], id)
			scale := float64(lengthOf(recent[len(recent)-k:])) / float64(lengthOf(last))
			gone := 0.0
			for in, s := range before.Instances {
				expected := float64(s.Visits) * scale
				left := int64(0)
				if a := now.Instances[in]; a != nil {
					left = a.Visits
				}
				if expected >= enough/2 && float64(left) < 0.1*expected {
					gone += expected
				}
			}
			expected := float64(before.All.Visits) * scale
			if gone == 0 || gone > 0.95*expected {
				continue
			}
			certain := (float64(now.All.Visits)*math.Log(1-gone/expected) + gone) / (dispersion(last, id) * (1 + scale))
			if certain > takenOver {
				return id, k
			}
		}
	}
	return graph.NodeID{}, 0
}

// dispersion is by what factor the visits to a node vary more from window to
// window than chance makes them.
func dispersion(windows []*graph.Window, id graph.NodeID) float64 {
	var visits []float64
	for _, w := range windows {
		visits = append(visits, float64(node(w, id).All.Visits))
	}
	mean, variance := stat.MeanVariance(visits, nil)
	if len(visits) < 2 || mean == 0 {
		return 1
	}
	return max(1, variance/mean)
}

// sumNode counts the visits to a node and to its copies.
func sumNode(windows []*graph.Window, id graph.NodeID) *graph.NodeStats {
	out := &graph.NodeStats{Instances: map[graph.Instance]*graph.VisitStats{}}
	for _, w := range windows {
		s := node(w, id)
		out.All.Visits += s.All.Visits
		for in, v := range s.Instances {
			if out.Instances[in] == nil {
				out.Instances[in] = &graph.VisitStats{}
			}
			out.Instances[in].Visits += v.Visits
		}
	}
	return out
}

// lengthOf is the time that windows cover, in nanoseconds.
func lengthOf(windows []*graph.Window) (ns int64) {
	for _, w := range windows {
		ns += w.Length
	}
	return ns
}
