package whatif

import (
	"fmt"
	"io"
	"strings"
)

// Text writes an answer for people, at most width characters wide.
func Text(w io.Writer, a *WhatIf, width int) error {
	if width <= 0 {
		width = usualWidth
	}
	t := &text{width: max(width, 40)}
	t.line("%s, as measured: p95 %s, %s failed, %s.", a.Route, seconds(a.Happened.P95), percent(a.Happened.Failed), ending(a.Happened))
	if !a.Known {
		t.line("")
		t.line("What a change would have done is unknown. %s", a.Why)
		_, err := io.WriteString(w, t.String())
		return err
	}
	r := a.Replayed
	t.line("Played again (%d runs): p95 %s, %s failed, %s.", r.Runs, seconds(r.Outcome.P95), percent(r.Outcome.Failed), ending(r.Outcome))
	if a.Changed != nil {
		t.effect(a, a.Changed)
	} else {
		t.ranked(a)
	}
	if a.Ramp != nil {
		t.line("")
		t.line("%s", a.Ramp.Sentence)
	}
	for _, n := range a.Notes {
		t.line("")
		t.line("Note: %s", n)
	}
	_, err := io.WriteString(w, t.String())
	return err
}

func ending(o Outcome) string {
	switch {
	case !o.Recovered:
		return "not over"
	case o.Seconds == 0:
		return "users hardly hurt"
	}
	return "over after " + seconds(o.Seconds)
}

type text struct {
	strings.Builder
	width int
}

// line writes a line, broken between words.
func (t *text) line(format string, args ...any) {
	at := 0
	for i, word := range strings.Fields(fmt.Sprintf(format, args...)) {
		switch n := len([]rune(word)); {
		case i == 0:
			at = n
		case at+1+n > t.width:
			t.WriteByte('\n')
			at = n
		default:
			t.WriteByte(' ')
			at += 1 + n
		}
		t.WriteString(word)
	}
	t.WriteByte('\n')
}

func (t *text) ranked(a *WhatIf) {
	t.line("")
	if len(a.Containment) == 0 {
		t.line("None of the small changes that were tried would have changed much.")
		return
	}
	t.line("What would have contained it, the best first:")
	for i := range a.Containment {
		e := &a.Containment[i]
		t.line("")
		t.line("%d. %s", i+1, e.Sentence)
		t.WriteString("   headwater whatif ... " + e.Command + "\n")
	}
	t.line("")
	t.charts(a, &a.Containment[0])
}

func (t *text) effect(a *WhatIf, e *Effect) {
	t.line("")
	t.line("%s", e.Sentence)
	t.line("")
	row := func(what, was, now, between string) {
		fmt.Fprintf(t, "  %-12s %10s %10s   %s\n", what, was, now, between)
	}
	o, n := a.Replayed.Outcome, e.Outcome
	row("", "as it was", "changed", fmt.Sprintf("in %d runs", e.Runs))
	row("p95", seconds(o.P95), seconds(n.P95), seconds(e.P95Low)+" to "+seconds(e.P95High))
	row("failed", percent(o.Failed), percent(n.Failed), percent(e.FailedLow)+" to "+percent(e.FailedHigh))
	row("over after", over(o), over(n), seconds(e.SecondsLow)+" to "+seconds(e.SecondsHigh))
	row("ends", often(&a.Replayed), often(e), map[bool]string{true: "chance decides"}[e.Open])
	t.line("")
	t.charts(a, e)
}

// often says in how many runs it ended.
func often(e *Effect) string { return fmt.Sprintf("%d of %d", e.Well, e.Runs) }

func over(o Outcome) string {
	if !o.Recovered {
		return "not over"
	}
	return seconds(o.Seconds)
}

// charts draw p95 and failures along time, as measured and as changed.
func (t *text) charts(a *WhatIf, e *Effect) {
	most := 0.0
	for i := range a.Happened.Course {
		most = max(most, a.Happened.Course[i].P95, e.Outcome.Course[i].P95)
	}
	p95 := func(p Moment) float64 { return p.P95 / max(most, 1e-9) }
	failed := func(p Moment) float64 { return p.Failed }
	room := t.width - 20
	fmt.Fprintf(t, "  %-16s %s\n", "p95, measured", sparks(a.Happened.Course, room, p95))
	fmt.Fprintf(t, "  %-16s %s  (full: %s)\n", "changed", sparks(e.Outcome.Course, room, p95), seconds(most))
	fmt.Fprintf(t, "  %-16s %s\n", "failed, measured", sparks(a.Happened.Course, room, failed))
	fmt.Fprintf(t, "  %-16s %s\n", "changed", sparks(e.Outcome.Course, room, failed))
}

var bars = []rune(" ▁▂▃▄▅▆▇█")

// sparks draws a course in at most room characters; where it is longer, each
// stands for the greatest of several windows.
func sparks(course []Moment, room int, of func(Moment) float64) string {
	each := (len(course) + room - 1) / max(room, 1)
	var out []rune
	for i := 0; i < len(course); i += max(each, 1) {
		v := 0.0
		for _, p := range course[i:min(i+max(each, 1), len(course))] {
			v = max(v, of(p))
		}
		out = append(out, bars[min(len(bars)-1, int(v*float64(len(bars)-1)+0.5))])
	}
	return string(out)
}

// usualWidth is that of a terminal, where it is not known.
const usualWidth = 100
