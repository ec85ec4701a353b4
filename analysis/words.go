package analysis

import (
	"fmt"
	"strings"
)

// Seconds writes a duration as a person does: 480 ms, 6.1 s.
func Seconds(s float64) string {
	switch {
	case s >= 100:
		return fmt.Sprintf("%.0f s", s)
	case s >= 1:
		return fmt.Sprintf("%.1f s", s)
	case s >= 0.01:
		return fmt.Sprintf("%.0f ms", s*1e3)
	case s >= 0.0001:
		return fmt.Sprintf("%.2g ms", s*1e3)
	case s > 0:
		return fmt.Sprintf("%.2g µs", s*1e6)
	}
	return "0 s"
}

// Percent writes a share of 1 as a percentage.
func Percent(share float64) string {
	if share > 0 && share < 0.01 {
		return fmt.Sprintf("%.1f%%", share*100)
	}
	return fmt.Sprintf("%.0f%%", share*100)
}

// sentence is the answer in words: what, when, how sure, what it did.
func sentence(inc *Incident) string {
	var b strings.Builder
	if len(inc.Causes) == 0 {
		fmt.Fprintf(&b, "Something left its baseline at %s, and no account explains it.", clock(inc.Start.UnixNano()))
	} else {
		c := &inc.Causes[0]
		when := inc.Start
		if c.Onset != nil {
			when = *c.Onset
		}
		fmt.Fprintf(&b, "%s %s at %s (confidence %.2f). It explains %s of the pressure.", c.Name, changed(c), clock(when.UnixNano()), c.Confidence, Percent(c.Trigger))
		if inc.Metastable {
			b.WriteString(" " + inc.Sustained)
		}
		for i := range inc.Causes {
			if inc.Metastable {
				break // said already
			}
			if r := &inc.Causes[i]; r.Kind == CauseRetryPolicy && len(r.Evidence) > 0 && r.Sustaining > 0.05 {
				fmt.Fprintf(&b, " Retries of %s (%.1f attempts per call) add %s.", r.Name, r.Evidence[0].Incident, Percent(r.Sustaining))
				break
			}
		}
	}
	if inc.Forecast != nil {
		b.WriteString(" " + inc.Forecast.Sentence)
	}
	if len(inc.Impact) > 0 {
		if i := &inc.Impact[0]; i.ExcessSeconds > 0 || i.Failed > 0 {
			fmt.Fprintf(&b, " Hurt most: %s, %s failed, p95 %s (before: %s).", i.Route, Percent(ratio(i.Failed, i.Requests)), Seconds(i.P95), Seconds(i.BaselineP95))
		}
	}
	return b.String()
}

// changed says in a verb what happened to a cause.
func changed(c *Cause) string {
	verb, _ := happened(c)
	return verb
}

// happened says in a verb what happened to a cause, and which of its evidence that is,
// by number.
func happened(c *Cause) (verb string, at int) {
	switch c.Kind {
	case CauseLoad:
		return "grew in demand", 0
	case CauseRetryPolicy:
		return "began to retry", 0
	case CauseEdge:
		switch c.Evidence[0].Metric {
		case "lost_attempts":
			return "began to lose what is sent", 0
		case "wait_before_call":
			return "ran short of connections", 0
		}
		return "slowed on the way", 0
	case CauseHost:
		return "slowed what runs on it", 0
	}
	if len(c.Evidence) > 0 {
		switch c.Evidence[0].Metric {
		case "rate":
			return "fell silent", 0
		case "taken":
			return "stopped taking messages", 0
		}
	}
	if len(c.Evidence) > 0 && c.Evidence[0].Metric == "self_time" && c.Evidence[0].Incident > 1.2*c.Evidence[0].Baseline {
		return "slowed", 0
	}
	for i, e := range c.Evidence {
		switch {
		case e.Metric == "own_failures" && e.Incident > e.Baseline+0.01:
			return "began to fail", i
		case e.Metric == "gap":
			return "became slow to reach", i
		case e.Metric == "shape":
			return "began to take other paths", i
		}
	}
	return "changed", 0
}

// explainCause sums a cause up.
func explainCause(c *Cause) string {
	verb, at := happened(c)
	parts := []string{fmt.Sprintf("%s %s: %s of what set it off.", c.Name, verb, Percent(c.Trigger))}
	if c.Kind == CauseRetryPolicy {
		parts[0] = fmt.Sprintf("Retries of %s keep %s of the pressure up.", c.Name, Percent(c.Sustaining))
	}
	if len(c.Evidence) > 0 {
		parts = append(parts, capital(c.Evidence[at].Sentence))
	}
	if len(c.Narrowed) > 0 {
		parts = append(parts, c.Narrowed[0].Sentence)
	}
	return strings.Join(parts, " ")
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
