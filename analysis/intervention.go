package analysis

import "fmt"

// intervention is the smallest that would end what does not end by itself.
func (x *explainer) intervention(list []*pressed, causes []Cause) string {
	if worst := x.cappable(list); worst != nil {
		s := fmt.Sprintf("Cap the retries of %s, to one attempt until %s keeps up: without them %s of what comes to it would not.",
			worst.Subject, worst.node.Name, Percent(1-worst.Usual/worst.Now))
		for _, p := range list {
			if p != worst && p.Kind == PressingRetries && p.Now > p.limit && p.node == worst.node {
				return s + " Its other callers retry, too: cap them all."
			}
		}
		return s
	}
	for _, p := range list {
		if p.Kind == PressingUsers && p.Now > p.limit {
			return fmt.Sprintf("Turn away at once what is too much of %s at %s (%s of it), until those that are let in are served in time.", p.Subject, p.node.Name, Percent(1-p.Usual/p.Now))
		}
	}
	for _, p := range list {
		if p.Kind == PressingColdCache && p.Now > p.limit {
			return fmt.Sprintf("Let fewer requests reach %s until %s is warm again, or warm it beforehand.", p.caller.Name, p.Subject)
		}
	}
	if len(causes) > 0 {
		return fmt.Sprintf("Let less come to %s until what waits there is done: shed requests, or add places.", causes[0].Name)
	}
	return "Let less in until what waits is done."
}

// cappable are the retries that are to be capped: those at which the cascade is cut,
// if they still press, else those that grew most; nil where none press.
func (x *explainer) cappable(list []*pressed) (worst *pressed) {
	cut := x.storm()
	for _, p := range list {
		if p.Kind != PressingRetries || p.Now <= p.limit {
			continue
		}
		if cut != nil && p.caller == cut.Caller && p.node == cut.Callee {
			return p
		}
		if worst == nil || p.Now-p.Usual > worst.Now-worst.Usual {
			worst = p
		}
	}
	return worst
}
