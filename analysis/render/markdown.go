package render

import (
	"fmt"
	"io"
	"strings"

	"headwater/analysis"
)

// Markdown writes the report as the draft of a post-mortem: what is known is
// filled in, what only people know is left to them. The error is the writer's.
func Markdown(w io.Writer, r *analysis.Report) error {
	m := &markdown{out: w}
	switch {
	case len(r.Incidents) == 0 && r.Data.Windows == 0:
		m.line("# Nothing to look at: no spans")
	case len(r.Incidents) == 0:
		m.line("# No incident from %s to %s", moment(r.Range.Start), clockOr(r.Range.Start, r.Range.End))
	}
	for i := range r.Incidents {
		if i > 0 {
			m.line("\n---\n")
		}
		m.incident(&r.Incidents[i])
	}
	m.data(r)
	return m.err
}

// markdown writes lines, and keeps the first error.
type markdown struct {
	out io.Writer
	err error
}

func (m *markdown) line(format string, args ...any) {
	if m.err == nil {
		_, m.err = fmt.Fprintf(m.out, format+"\n", args...)
	}
}

func (m *markdown) heading(title string) { m.line("\n## %s\n", title) }

// plain takes the power from what markup would read into a text.
func plain(s string) string {
	var b strings.Builder
	for _, r := range clean(s) {
		if strings.ContainsRune("\\`*_[]<>|#&~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// named is a name as code.
func named(s string) string { return "`" + strings.ReplaceAll(clean(s), "`", "'") + "`" }

func (m *markdown) incident(in *analysis.Incident) {
	m.line("# Incident of %s\n", moment(in.Start))
	m.line("Status: draft, made from traces alone. Authors: _to be filled in_.")
	m.heading("Summary")
	m.line("%s\n", plain(in.Sentence))
	m.line("- Incident: %s, %s, %s", named(in.ID), in.State, lasted(in))
	m.line("- Confidence in the first cause: %.2f", in.Confidence)
	m.line("- %s", baseline(&in.Baseline))
	m.impact(in)
	m.heading("Timeline (UTC)")
	m.line("| time | what happened |\n|---|---|")
	for _, e := range events(in) {
		m.line("| %s | %s |", e.Time.UTC().Format("15:04:05"), plain(e.Text))
	}
	m.causes(in)
	m.evidence(in)
	m.contained(in)
	if in.Left != nil && in.Left.Workflows > 0 {
		m.heading("What is half done")
		m.line("%s\n", plain(in.Left.Sentence))
		if in.Left.Any() {
			m.line("List them: %s", named(in.Left.Command))
		}
	}
	if len(in.Notes) > 0 {
		m.heading("Keep in mind")
		for _, n := range in.Notes {
			m.line("- %s", plain(n))
		}
	}
	m.heading("Actions")
	m.line("- [ ] _to be filled in_")
}

func (m *markdown) impact(in *analysis.Incident) {
	m.heading("Impact")
	if len(in.Impact) == 0 {
		m.line("No entry route left its baseline: users saw nothing.")
		return
	}
	m.line("| route | requests | failed | p50 | p95 | added waiting |\n|---|--:|--:|--:|--:|--:|")
	for i := range in.Impact {
		e := &in.Impact[i]
		m.line("| %s (%s) | %d | %s | %s | %s | %s |", plain(e.Route), plain(e.Service), e.Requests,
			change(share(e.BaselineFailed), share(ratio(e.Failed, e.Requests))), change(seconds(e.BaselineP50), seconds(e.P50)),
			change(seconds(e.BaselineP95), seconds(e.P95)), seconds(e.ExcessSeconds))
	}
}

func (m *markdown) causes(in *analysis.Incident) {
	m.heading("Cause")
	if len(in.Causes) == 0 {
		m.line("None found.")
		return
	}
	first := &in.Causes[0]
	m.line("**%s** (%s): set off %s, keeps up %s, confidence %.2f.", plain(first.Name), first.Kind, share(first.Trigger), share(first.Sustaining), first.Confidence)
	if first.Sentence != "" {
		m.line("\n%s", plain(first.Sentence))
	}
	if len(first.Path) > 1 {
		m.line("\nThe way from where users enter: %s", plain(pathOf(first)))
	}
	if in.Metastable {
		m.line("\n%s", plain(in.Sustained))
	}
	m.heading("Contributing factors")
	if len(in.Causes) == 1 {
		m.line("None found.")
	}
	for i := range in.Causes[1:] {
		c := &in.Causes[i+1]
		m.line("- **%s** (%s): set off %s, keeps up %s, confidence %.2f. %s", plain(c.Name), c.Kind, share(c.Trigger), share(c.Sustaining), c.Confidence, plain(c.Sentence))
	}
	if b := &in.Balance; b.ExcessSeconds != 0 || b.ExcessFailures != 0 {
		m.line("\nOf %s added waiting and %.0f more failures, %s is explained; no account explains %s.",
			seconds(b.ExcessSeconds), b.ExcessFailures, share(b.Explained), share(b.Unattributed))
	}
}

func (m *markdown) evidence(in *analysis.Incident) {
	m.heading("Evidence")
	for i := range in.Causes[:min(len(in.Causes), detailed)] {
		c := &in.Causes[i]
		m.line("- %s", plain(c.Name))
		for j := range c.Evidence {
			m.line("  - %s", plain(evidence(&c.Evidence[j])))
		}
		for j := range c.Narrowed[:min(len(c.Narrowed), partsShown)] {
			m.line("  - within it: %s", plain(narrowed(&c.Narrowed[j])))
		}
		shown := map[string]bool{}
		for _, x := range c.Examples {
			if !shown[x.Role] {
				m.line("  - trace %s: %s, %s", named(x.TraceID.String()), x.Role, seconds(x.Duration))
			}
			shown[x.Role] = true
		}
	}
}

// contained says what would have held the incident: each cause at its baseline.
func (m *markdown) contained(in *analysis.Incident) {
	m.heading("What would have contained it")
	said := false
	for i := range in.Causes {
		if c := &in.Causes[i]; c.Without != nil {
			m.line("- %s", plain(without(c.Without)))
			said = true
		}
	}
	for i := range in.Causes {
		c := &in.Causes[i]
		if c.Kind == analysis.CauseRetryPolicy && c.Sustaining >= 0.05 {
			m.line("- A cap on the retries of %s: they keep up %s of the pressure.", plain(c.Name), share(c.Sustaining))
			said = true
		}
	}
	if !said {
		m.line("_Can't be said from these traces._")
	}
}

func (m *markdown) data(r *analysis.Report) {
	d := &r.Data
	m.heading("Data")
	m.line("- %s in %s, of %s and %s; %s of %.0f seconds with data", count(d.Spans, "span"), count(d.Requests, "request"),
		count(int64(d.Services), "service"), count(int64(d.Edges), "edge"), count(int64(d.Windows), "window"), r.WindowSec)
	for _, x := range d.Malformed {
		m.line("- Not read: %s, %s, first at %s", plain(x.What), count(x.Count, "time"), named(x.First))
	}
	for _, x := range d.Mended {
		m.line("- Mended: %s, %s, first at %s", plain(x.What), count(x.Count, "time"), named(x.First))
	}
	for _, n := range r.Notes {
		m.line("- %s", plain(n))
	}
}
