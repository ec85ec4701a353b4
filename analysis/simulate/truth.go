package simulate

import "headwater/analysis/accuracy"

// truth writes down what really happened.
func (e *engine) truth() *accuracy.Truth {
	t := &accuracy.Truth{Source: "simulated", System: e.scenario.SystemName, Fault: e.scenario.Fault, Healthy: e.scenario.Healthy}
	t.HalfDone = e.halfDone
	if e.scenario.Healthy {
		return t
	}
	if causes := e.causes(); len(causes) > 0 {
		t.Cause, t.More = causes[0], causes[1:]
	}
	t.TriggerStart, t.TriggerEnd = e.triggerRange()
	return t
}

// triggerRange is when the first fault began and the last one ended.
func (e *engine) triggerRange() (from, to int64) {
	from = e.trigger()
	for _, f := range e.faults {
		if !f.spec.Remedy {
			to = max(to, min(f.until, e.end))
		}
	}
	return from, to
}
