package whatif

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// ChangeError is a change that can't be made.
type ChangeError struct{ Err error }

// Error implements error.
func (e *ChangeError) Error() string { return e.Err.Error() }

// Unwrap gives what is wrong with it.
func (e *ChangeError) Unwrap() error { return e.Err }

// Unknown is the answer where nothing can be fitted.
func Unknown(why error) *WhatIf {
	text := why.Error()
	return &WhatIf{
		Why: strings.ToUpper(text[:1]) + text[1:] + ".", Happened: Outcome{Course: []Moment{}},
		Replayed: Effect{Changes: []Setting{}, Beyond: []string{}, Outcome: Outcome{Course: []Moment{}}}, Containment: []Effect{}, Notes: []string{},
	}
}

// Ask plays the incident again: without a change, to see whether the fit does what
// happened, and then with the changes, or with those that might have contained it
// where there are none. An error is a ChangeError, or the end of ctx.
func (f *Fit) Ask(ctx context.Context, changes []Setting, opt Options) (*WhatIf, error) {
	if _, err := f.With(changes...); err != nil {
		return nil, &ChangeError{err}
	}
	a := &WhatIf{Happened: f.Measure(f.measured), Containment: []Effect{}, Notes: []string{}}
	worst := f.worst()
	a.Route = strings.TrimSpace(worst.Node.Name + " " + worst.Operation)
	a.Happened.P95, a.Happened.Failed, a.Happened.Pain = round(a.Happened.P95, 4), round(a.Happened.Failed, 4), round(a.Happened.Pain, 1)
	r, err := f.replay(ctx, opt)
	if err != nil {
		return nil, err
	}
	a.Replayed = r.effect
	opt.tell(replayDone)
	if len(r.off) > 0 {
		a.Why = "The fit does not do what happened: " + strings.Join(r.off, "; ") + "."
		return a, nil
	}
	a.Known = true
	a.Notes = append(a.Notes, f.notes...)
	if f.cut {
		a.Notes = append(a.Notes, fmt.Sprintf("Only the first %s of the incident are played.", seconds(float64(f.to-f.from)*f.length.Seconds())))
	}
	if len(changes) > 0 {
		e, err := f.run(ctx, changes, r.seeds)
		if err != nil {
			return nil, err
		}
		f.tell(&e, a)
		a.Changed = &e
		a.Notes = append(a.Notes, f.beyond(changes)...)
		a.Notes = append(a.Notes, e.more("it")...)
		if e.Outcome.Failed > a.Replayed.Outcome.Failed+failingMany && f.unheard[worst] {
			a.Notes = append(a.Notes, fmt.Sprintf("More of %s fails with it. Too little of it failed to see whether users then try again; here they do not.", a.Route))
		}
		opt.tell(1)
		return a, nil
	}
	if a.Containment, err = f.contain(ctx, a, r.seeds, opt); err != nil {
		return nil, err
	}
	if len(a.Containment) > 0 {
		a.Notes = append(a.Notes, a.Containment[0].more("the first of these changes")...)
	}
	a.Ramp, err = f.ramp(ctx, a, r.seeds[0])
	opt.tell(1)
	return a, err
}

// more notes what gets more with changes than it was ever seen to get.
func (e *Effect) more(with string) []string {
	if len(e.Beyond) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("With %s, more comes than was ever seen: to %s as much. Whether that is borne is not known; here it is.", with, strings.Join(e.Beyond, ", "))}
}

// tell says in a sentence what a change does.
func (f *Fit) tell(e *Effect, a *WhatIf) {
	if pain := a.Replayed.Outcome.Pain; pain > 0 {
		e.Spared = round(1-e.Outcome.Pain/pain, 3)
	}
	var words, flags []string
	for i := range e.Changes {
		w := e.Changes[i].Words()
		if i > 0 {
			w = strings.ToLower(w[:1]) + w[1:]
		}
		words = append(words, w)
		flags = append(flags, e.Changes[i].Text())
	}
	e.Command = strings.Join(flags, " ")
	subject := strings.Join(words, " and ")
	was, now := a.Replayed.Outcome, e.Outcome
	users := fmt.Sprintf("%s: p95 %s instead of %s, %s failed instead of %s", a.Route, seconds(now.P95), seconds(was.P95), percent(now.Failed), percent(was.Failed))
	split := e.Well > 0 && e.Well < e.Runs
	most := "" // how sure an end is
	if split {
		most = fmt.Sprintf(" in %d of %d runs", max(e.Well, e.Runs-e.Well), e.Runs)
	}
	switch {
	case e.Spared < hardly && e.Spared > -hardly && now.Recovered == was.Recovered && !e.Open:
		e.Sentence = subject + " would have changed little."
		return
	case e.Open:
		e.Sentence = fmt.Sprintf("%s leaves to chance whether it ends: users were well again in %d of %d runs (in the middle, %s).", subject, e.Well, e.Runs, users)
	case now.Recovered && now.Seconds == 0:
		e.Sentence = fmt.Sprintf("%s would have spared users nearly all of it%s (%s).", subject, most, users)
	case now.Recovered && (!was.Recovered || now.Seconds < was.Seconds*sooner):
		e.Sentence = fmt.Sprintf("%s would have ended it after %s%s (%s).", subject, seconds(now.Seconds), most, users)
	case !now.Recovered && was.Recovered:
		e.Sentence = fmt.Sprintf("%s would have kept it from ending%s (%s).", subject, most, users)
	case e.Spared < 0:
		e.Sentence = fmt.Sprintf("%s would have made it worse (%s).", subject, users)
	default:
		e.Sentence = fmt.Sprintf("%s would have spared users %s of what they lost (%s).", subject, percent(e.Spared), users)
	}
}

const (
	// hardly is the share of the pain below which a change changes little, sooner
	// the share of the time below which it ends the incident.
	hardly = 0.05
	sooner = 0.7
	// rarely is how many times the usual p99 a timeout is that hardly any call runs
	// into, even where calls take longer.
	rarely = 5.0
)

func percent(v float64) string { return fmt.Sprintf("%.0f%%", 100*v) }

// beyond says which changes go beyond what was observed.
func (f *Fit) beyond(changes []Setting) (out []string) {
	for i := range changes {
		c := &changes[i]
		switch c.Kind {
		case SetPool, SetReplicas:
			if strings.Contains(c.Target, "->") {
				if e, err := f.edge(c.Target); err == nil && e.Connections == 0 {
					out = append(out, fmt.Sprintf("%s never ran out of connections: how many there are is not known.", c.Target))
				}
			} else if s, err := f.service(c.Target); err == nil && s.Workers == 0 {
				out = append(out, fmt.Sprintf("%s was never full: what it does at once is not known, and more of it changes nothing here.", c.Target))
			}
		case SetTimeout:
			if edges, err := f.edgesOf(c.Target); err == nil && c.Value < edges[0].longest/1e9*rarely && slices.ContainsFunc(edges, func(e *EdgeFit) bool { return e.unfailed }) {
				out = append(out, fmt.Sprintf("Hardly a call of %s failed: whether its caller tries again when it gives up was not seen.", c.Target))
			}
		case CapRetries, BudgetRetries:
			if edges, err := f.edgesOf(c.Target); err == nil && !slices.ContainsFunc(edges, func(e *EdgeFit) bool { return e.Attempts > 1 }) {
				out = append(out, fmt.Sprintf("No retries were seen on %s.", c.Target))
			}
		}
	}
	return out
}
