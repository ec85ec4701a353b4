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
	// Rank is the place of the first right cause, 0 for none.
	Rank int
	// FalseAlarms counts the incidents that began before the trigger.
	FalseAlarms int
	// Onset is how much later than the trigger the incident began.
	Onset time.Duration
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
			if t.Cause.Is(&inc.Causes[k]) {
				out.Rank = inc.Causes[k].Rank
				break
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
