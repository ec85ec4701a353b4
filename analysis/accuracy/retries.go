package accuracy

import (
	"math"

	"headwater/analysis"
)

// Retries compares the edges that a report says are retried with those that
// really are, as far as spans can show it.
type Retries struct {
	Right, Missed, Wrong int
	// Errors are, for each right edge, by what share its amplification is off.
	Errors []float64
}

const (
	// retried is from how many attempts per call on, above the usual, an edge
	// counts as retried; between half of that and that either answer is right.
	retried = 0.2
	// fewCalls that were recorded on an edge say nothing.
	fewCalls = 30
)

func retries(t *Truth, inc *analysis.Incident) Retries {
	type names struct{ caller, callee string }
	said := map[names]float64{}
	usual := map[names]float64{}
	for i := range inc.Edges {
		e := &inc.Edges[i]
		k := names{e.Caller.Name, e.Callee.Name}
		said[k] = math.Max(said[k], e.Amplification)
		usual[k] = math.Max(usual[k], e.BaselineAmplified)
	}
	var out Retries
	for i := range t.Edges {
		e := &t.Edges[i]
		if e.Recorded < fewCalls {
			continue
		}
		k := names{e.Caller, e.Callee}
		before := 1.0
		if e.BaselineCalls > 0 {
			before = math.Max(1, float64(e.BaselineAttempts)/float64(e.BaselineCalls))
		}
		really := float64(e.Observable) / float64(e.Tried)
		named := said[k] >= math.Max(1, usual[k])+retried*0.75
		switch {
		case really >= before+retried && named:
			out.Right++
			out.Errors = append(out.Errors, math.Abs(said[k]-really)/really)
		case really >= before+retried:
			out.Missed++
		case really < before+retried/2 && named:
			out.Wrong++
		}
	}
	return out
}

func (r *Retries) add(o Retries) {
	r.Right += o.Right
	r.Missed += o.Missed
	r.Wrong += o.Wrong
	r.Errors = append(r.Errors, o.Errors...)
}
