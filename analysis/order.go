package analysis

import (
	"cmp"
	"slices"
	"time"

	"headwater/graph"
)

// Hop is a node in the order in which the incident reached it.
type Hop struct {
	Node graph.NodeID `json:"node"`
	Name string       `json:"name"`
	At   time.Time    `json:"at"`
	// Own is set where the node's own part left its baseline no later than its
	// visits as a whole did; else it was pressed by what it calls.
	Own bool `json:"own"`
	// Lag is how many seconds after the first node that was.
	Lag float64 `json:"lag"`
}

// order lists the nodes by when they left their baseline; those that did not are
// left out. Times are those of windows.
func (x *explainer) order() []Hop {
	out := []Hop{}
	for _, id := range sortedNodes(x.whole.now.Nodes) {
		own := x.onsetOf(onsetOf{id, 'o'}, func(w *graph.Window) (float64, bool) {
			v := &node(w, id).All
			self, ok := meanOf(v.Self)
			return self * (1 + 10*ratio(v.FailedOwn, v.Visits)), ok
		})
		whole := x.onsetOf(onsetOf{id, 'w'}, func(w *graph.Window) (float64, bool) {
			v := &node(w, id).All
			time, ok := meanOf(v.Time)
			wait, _ := meanOf(v.GapIn)
			return (time + wait) * (1 + 10*ratio(v.Failed, v.Visits)), ok
		})
		at := whole
		if own != nil && (whole == nil || own.Before(*whole)) {
			at = own
		}
		if at == nil {
			continue
		}
		out = append(out, Hop{Node: id, Name: id.Name, At: *at, Own: own != nil && !own.After(*at)})
	}
	slices.SortStableFunc(out, func(a, b Hop) int {
		own := func(h *Hop) int {
			if h.Own {
				return 0
			}
			return 1
		}
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(own(&a), own(&b)))
	})
	for i := range out {
		out[i].Lag = out[i].At.Sub(out[0].At).Seconds()
	}
	return out
}
