package analysis

import "headwater/graph"

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
		if id.Kind != graph.Service || !gone(before, now, w.scale) || w.base.Length == 0 {
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
	for e := range w.base.Edges {
		if e.Callee == id {
			return false
		}
	}
	return true
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
