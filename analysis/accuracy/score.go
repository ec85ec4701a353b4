package accuracy

import (
	"strings"
	"time"

	"headwater/analysis"
)

// Result is how one report did against the truth.
type Result struct {
	// Found is set where an incident was reported in the trigger's time (or,
	// for a healthy case, at all: a false alarm).
	Found bool
	// Rank is the place of the first right cause, 0 for none. Of two faults at
	// once the first counts.
	Rank int
	// Exact is set where the cause at Rank is the very entity: its kind and its
	// name, not the service that it is a part of.
	Exact bool
	// FalseAlarms counts the incidents that began before the trigger.
	FalseAlarms int
	// Onset is how much later than the trigger the incident began.
	Onset time.Duration
	// Confidence is that of the first cause.
	Confidence float64
	Retries    Retries
	// Shared is set where services were coupled by something that they share,
	// and Coupled where a cause in the first three names it.
	Shared, Coupled bool
	// Unshown is set where what was recorded shows nothing of the users' pain.
	Unshown bool
	Aspects Aspects
}

// early is by how much an incident may begin before its trigger and still be
// it: a window, whose start stands for all of it.
const early = 10 * time.Second

// Score compares a report with the truth.
func Score(t *Truth, r *analysis.Report) Result {
	var out Result
	if t.Healthy {
		out.FalseAlarms = len(r.Incidents)
		out.Found = len(r.Incidents) > 0
		return out
	}
	out.Unshown = t.Unshown
	for i := range r.Incidents {
		inc := &r.Incidents[i]
		onset := inc.Start.Sub(time.Unix(0, t.TriggerStart))
		if onset < -early && inc.End != nil && inc.End.UnixNano() < t.TriggerStart {
			out.FalseAlarms++
			continue
		}
		if out.Found {
			continue
		}
		out.Found, out.Onset = true, onset
		for k := range inc.Causes {
			if c := &inc.Causes[k]; t.Cause.Is(c) {
				out.Rank = c.Rank
				out.Exact = string(c.Kind) == t.Cause.Kind && c.Name == t.Cause.Name
				break
			}
		}
		out.Confidence = inc.Confidence
		out.Retries = retries(t, inc)
		out.Aspects = aspects(t, inc)
		if t.Shared != nil {
			out.Shared = true
			for k := range inc.Causes[:min(3, len(inc.Causes))] {
				out.Coupled = out.Coupled || t.Shared.Is(&inc.Causes[k])
			}
		}
	}
	return out
}

// Is reports whether a cause names the labelled entity, or a part of it.
func (l *Labelled) Is(c *analysis.Cause) bool {
	for _, name := range append([]string{l.Name}, l.Accept...) {
		if name == "" {
			continue
		}
		if c.Name == name {
			return true
		}
		part := c.Kind == analysis.CauseInstance || c.Kind == analysis.CauseOperation
		if part && (strings.HasSuffix(c.Parent, ":"+name) || strings.HasSuffix(c.Parent, "/"+name)) {
			return true
		}
	}
	return false
}
