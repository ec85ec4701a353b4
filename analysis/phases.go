package analysis

import (
	"time"

	"headwater/graph"
)

// PhaseName says what an incident is doing.
type PhaseName string

// The phases of an incident, in the order in which they come. Not every incident
// has all of them.
const (
	PhaseOnset         PhaseName = "onset"         // something left its baseline
	PhaseAmplification PhaseName = "amplification" // the pressure grows
	PhaseOutage        PhaseName = "outage"        // the pressure is at its height
	PhaseRecovery      PhaseName = "recovery"      // the cause is gone, the pressure is not
)

// Phase is a stretch of an incident.
type Phase struct {
	Name     PhaseName `json:"name"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Sentence string    `json:"sentence"`
}

const (
	// outageFrom is from what share of the highest pressure on it is an outage,
	// and feltFrom from what share on users feel it.
	outageFrom = 0.7
	feltFrom   = 0.1
	// lingering is for how many windows users must be hurt after its cause is gone
	// for something else to keep the pressure up, and how short a pause is none.
	lingering = 6
	// goneBelow is how little a cause may be above its baseline to be gone.
	goneBelow = 1.25
)

// course is how an incident went.
type course struct {
	pain    []float64 // of users, by window of the incident
	peak    float64
	removed int // first window without the cause, to the end; len(pain) if it stays
}

// course follows the pressure on users, and the first cause, window by window.
func (x *explainer) course(first place) course {
	c := course{pain: make([]float64, len(x.during)), removed: len(x.during)}
	for i := range c.pain {
		c.pain[i] = x.feltAt(i)
		c.peak = max(c.peak, c.pain[i])
	}
	struck := false
	for i := len(x.during) - 1; i >= 0; i-- {
		level, ok := x.struck(first, graph.Sum(x.only(first, x.during[max(0, i-1):min(len(x.during), i+2)])))
		if !ok {
			continue
		}
		if level > goneBelow {
			struck = true
			break
		}
		c.removed = i
	}
	if !struck {
		c.removed = len(x.during) // it can't be seen by itself
	}
	return c
}

// struck is by what factor a cause itself is above its baseline in a window; what
// waits for it or comes back to it is left out.
func (x *explainer) struck(p place, w *graph.Window) (float64, bool) {
	factor := func(of func(*graph.Window) (float64, bool)) (float64, bool) {
		usual, _ := of(x.whole.base)
		now, ok := of(w)
		if usual == 0 {
			return 0, false
		}
		return now / usual, ok
	}
	switch p.kind {
	case CauseLoad:
		return factor(func(w *graph.Window) (float64, bool) {
			return stands(route(w, graph.RouteID{Node: p.node, Operation: p.name})).rate(w), true
		})
	case CauseEdge:
		return factor(func(w *graph.Window) (float64, bool) {
			e := edge(w, graph.EdgeID{Caller: p.caller, Callee: p.node})
			if e.Gap.N == 0 {
				return meanOf(e.Time)
			}
			return meanOf(e.Gap)
		})
	case CauseHost:
		return factor(func(w *graph.Window) (float64, bool) { return meanOf(onHostSelf(w, p.name)) })
	case CauseRetryPolicy, CauseQueue:
		return 0, false
	}
	return factor(func(w *graph.Window) (float64, bool) {
		v := &node(w, p.node).All
		pace, ok := meanOf(v.SelfOK)
		failing := ratio(v.FailedOwn-x.turnedAway(w, p.node), v.Visits)
		if !ok && v.Visits == 0 {
			return 0, false
		}
		return max(pace, 1e-9) * (1 + 10*max(0, failing)), true
	})
}

// turnedAway is how many visits a node rejected: they tell of a crowd, not of
// the node.
func (x *explainer) turnedAway(w *graph.Window, n graph.NodeID) (rejected int64) {
	for _, e := range x.whole.callers[n] {
		rejected += edge(w, e).Outcomes[graph.Rejected]
	}
	return rejected
}

// phases cuts the incident into its phases.
func (x *explainer) phases(c course) []Phase {
	out := []Phase{}
	if c.peak == 0 {
		return out
	}
	felt, high := len(c.pain), len(c.pain)
	for i, p := range c.pain {
		if p >= feltFrom*c.peak && i < felt {
			felt = i
		}
		if p >= outageFrom*c.peak && i < high {
			high = i
		}
	}
	add := func(name PhaseName, from, to int, sentence string) {
		if from < to {
			last := x.during[to-1]
			out = append(out, Phase{name, utc(x.during[from].Start), utc(last.Start + last.Length), sentence})
		}
	}
	end := len(c.pain)
	gone := min(c.removed, end)
	add(PhaseOnset, 0, min(felt, gone), "Something left its baseline, users do not feel it yet.")
	add(PhaseAmplification, felt, min(high, gone), "The pressure on users grows.")
	add(PhaseOutage, min(high, gone), gone, "The pressure is at its height.")
	add(PhaseRecovery, gone, end, "What set it off is gone, its effects are not.")
	return out
}
