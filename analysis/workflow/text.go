package workflow

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// rowsShown is how many workflows of one sort the text names; CSV and JSON have
// them all.
const rowsShown = 10

// stateWords say what a state means, in the order in which they are told.
var stateWords = []struct {
	state WorkflowState
	words string
}{
	{HalfDone, "HALF DONE: a step was done, one that belongs to it never came, and nothing undid it"},
	{DoneTwice, "DONE TWICE: a step was done in more than one attempt"},
	{PerhapsTwice, "PERHAPS DONE TWICE: a caller gave up on a system that sends no spans, and asked again; ask the other side"},
	{Running, "NOT OVER: in work, or waiting in a queue"},
	{Undone, "UNDONE: what was done was taken back"},
}

// Text writes the report for a person. The error is the writer's.
func Text(w io.Writer, r *WorkflowReport) error {
	p := &printer{out: w}
	c := &r.Counts
	p.line("%d of %d workflows are half done, %d did a step twice, %d were undone, %d are not over.", c.HalfDone, c.Workflows, c.DoneTwice, c.Undone, c.Running)
	if c.PerhapsTwice > 0 {
		p.line("%d perhaps did a step twice at a system that sends no spans.", c.PerhapsTwice)
	}
	if c.Nothing > 0 {
		p.line("%d failed before they changed anything.", c.Nothing)
	}
	for _, s := range stateWords {
		var of []*Workflow
		for i := range r.Workflows {
			if r.Workflows[i].State == s.state {
				of = append(of, &r.Workflows[i])
			}
		}
		if len(of) == 0 {
			continue
		}
		p.line("")
		p.line("%s", s.words)
		p.sorts(of)
	}
	p.learned(r)
	for _, n := range r.Notes {
		p.line("Note: %s", n)
	}
	return p.err
}

type printer struct {
	out io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// sorts tells of workflows that look alike together, the most frequent first.
func (p *printer) sorts(of []*Workflow) {
	groups := map[string][]*Workflow{}
	for _, w := range of {
		k := shape(w)
		groups[k] = append(groups[k], w)
	}
	order := make([]string, 0, len(groups))
	for k := range groups {
		order = append(order, k)
	}
	slices.SortFunc(order, func(a, b string) int { return cmp.Or(cmp.Compare(len(groups[b]), len(groups[a])), cmp.Compare(a, b)) })
	for _, k := range order {
		list := groups[k]
		p.line("")
		p.line("  %d x %s", len(list), k)
		for _, w := range list[:min(len(list), rowsShown)] {
			p.line("    %s", row(w))
		}
		if n := len(list) - rowsShown; n > 0 {
			p.line("    and %d more (--format csv or json has all)", n)
		}
	}
}

// shape is what workflows that look alike have in common.
func shape(w *Workflow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", w.Service, w.Route)
	part := func(word, text string) {
		if text != "" {
			fmt.Fprintf(&b, "\n      %-8s %s", word, text)
		}
	}
	name := func(s Step) string { return s.StepID.String() }
	part("done", joined(w.Done, name))
	part("missing", joined(w.Missing, Gap.String))
	part("twice", joined(w.Twice, name))
	part("perhaps", joined(w.Perhaps, func(p Perhaps) string { return fmt.Sprintf("%s, asked for %d times", p.StepID, p.Attempts) }))
	part("undone", joined(w.Undone, name))
	if w.Waits != nil {
		part("waits", "in "+w.Waits.Queue.Name+" for "+w.Waits.Consumer)
	}
	return b.String()
}

func row(w *Workflow) string {
	text := w.Start.Format("15:04:05.000") + "  " + w.TraceID.String()
	for _, k := range w.Keys {
		text += "  " + k.Name + "=" + k.Value
	}
	for _, s := range w.Twice {
		text += fmt.Sprintf("  %d times", s.Times)
	}
	for _, k := range w.Perhaps {
		text += fmt.Sprintf("  perhaps twice: %.0f%%", 100*k.Likely)
	}
	if w.Waits != nil {
		text += fmt.Sprintf("  %d ahead", w.Waits.Ahead)
	}
	if w.LostSpans >= 0.01 {
		text += fmt.Sprintf("  (or lost spans: %.0f%%)", 100*w.LostSpans)
	}
	return text
}

func (p *printer) learned(r *WorkflowReport) {
	for _, route := range r.Routes {
		p.line("")
		p.line("Usual for %s %s, from %d workflows; a step is missing after %s (%s where a message leads to it):",
			route.Service, route.Operation, route.Workflows, seconds(route.Settled), seconds(route.Deadline))
		for _, s := range route.Steps {
			by := ""
			if s.Message {
				by = ", by a message"
			}
			p.line("  %s in %.4g%%, usually after %s%s", s.StepID, 100*s.Share, seconds(s.Delay), by)
		}
	}
	for _, u := range r.Undoing {
		p.line("%s takes back %s (seen %d times).", u.StepID, joined(u.Undoes, StepID.String), u.Seen)
	}
}

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	if d >= 10*time.Second {
		return d.Round(time.Second).String()
	}
	return d.Round(time.Millisecond).String()
}
