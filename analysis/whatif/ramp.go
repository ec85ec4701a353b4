package whatif

import (
	"context"
	"fmt"
	"time"

	"headwater/analysis/simulate"
)

// Ramp is how traffic could have been held back and come back, without anything
// else changed.
type Ramp struct {
	Share    float64 `json:"share"`        // of all requests, turned away at first
	At       float64 `json:"at"`           // seconds after the incident's begin
	Hold     float64 `json:"hold_seconds"` // with so much turned away
	Over     float64 `json:"over_seconds"` // in which it comes back, step by step
	Seconds  float64 `json:"well_after"`   // seconds after the begin, users are well
	Sentence string  `json:"sentence"`
}

// What is tried: the gentlest first.
var (
	rampShares = []float64{0.2, 0.4, 0.6, 0.8, 0.95}
	rampOvers  = []time.Duration{0, 30 * time.Second, time.Minute, 2 * time.Minute}
)

const rampHold = 30 * time.Second

// ramp looks for the least that must be turned away for the incident to end, and
// for how fast it may come back. It is nil for an incident that ends by itself.
func (f *Fit) ramp(ctx context.Context, a *WhatIf, seed uint64) (*Ramp, error) {
	if a.Replayed.Outcome.Recovered {
		return nil, nil
	}
	at := max(f.calm(), f.from)
	for _, share := range rampShares {
		for _, over := range rampOvers {
			until := time.Duration(at)*f.length + rampHold + over
			if until+2*f.length > time.Duration(len(f.measured))*f.length {
				continue
			}
			left := 1 - share
			sc, err := f.scenario.With(simulate.Fault{
				Remedy: true, Entry: AllRoutes, Traffic: &left, At: simulate.Duration(at) * simulate.Duration(f.length),
				For: simulate.Duration(rampHold + over), Fade: simulate.Duration(over),
			})
			if err != nil {
				return nil, err
			}
			windows, err := f.play(ctx, sc, seed)
			if err != nil {
				return nil, err
			}
			o := f.Measure(windows)
			if !o.Recovered {
				continue
			}
			r := &Ramp{Share: share, At: float64(at-f.from) * f.length.Seconds(), Hold: rampHold.Seconds(), Over: over.Seconds(), Seconds: o.Seconds}
			back := "at once"
			if over > 0 {
				back = "over " + seconds(r.Over)
			}
			r.Sentence = fmt.Sprintf("Turning away %s of all requests for %s, %s after its begin, and letting them back %s, would have ended it: users would have been well %s after its begin.",
				percent(share), seconds(r.Hold), seconds(r.At), back, seconds(r.Seconds))
			return r, nil
		}
	}
	return nil, nil
}

// calm is the window from which on nothing is out of order by itself any more.
func (f *Fit) calm() int {
	last := 0
	for i := range f.scenario.Faults {
		x := &f.scenario.Faults[i]
		if end := int((x.At + x.For) / simulate.Duration(f.length)); end < len(f.measured) {
			last = max(last, end)
		}
	}
	return last
}
