package render

import (
	"fmt"
	"io"
	"strings"

	"headwater/analysis"
)

// TextOptions say how the text is laid out.
type TextOptions struct {
	Width int  // columns; 0 is DefaultWidth, less than MinWidth is MinWidth
	Color bool // with ANSI colours
}

// The widths, in columns.
const (
	DefaultWidth = 100
	MinWidth     = 60
)

// detailed is up to which rank causes are shown with their evidence, partsShown
// how many parts of one are named. JSON has them all.
const (
	detailed   = 3
	partsShown = 2
	hopsShown  = 8
)

// Text writes the report. The error is the writer's.
func Text(w io.Writer, r *analysis.Report, opt TextOptions) error {
	p := newPage(w, opt)
	if len(r.Incidents) == 0 {
		p.nothing(r)
	}
	for i := range r.Incidents {
		if i > 0 {
			p.line("%s", strings.Repeat("=", p.width))
		}
		p.incident(&r.Incidents[i], fmt.Sprintf("%d of %d", i+1, len(r.Incidents)))
	}
	p.data(r)
	return p.err
}

func (p *page) nothing(r *analysis.Report) {
	if r.Data.Windows == 0 {
		p.strong("There is nothing to look at: no spans.")
		return
	}
	p.strong("No incident: nothing left its baseline from %s to %s.", moment(r.Range.Start), clockOr(r.Range.Start, r.Range.End))
}

func (p *page) incident(in *analysis.Incident, which string) {
	p.strong("%s", in.Sentence)
	p.blank()
	p.text("", "Incident %s (%s), %s, %s, confidence %.2f", in.ID, which, in.State, lasted(in), in.Confidence)
	p.text("", "%s", baseline(&in.Baseline))
	p.impact(in.Impact)
	p.phases(in)
	p.toDo(in)
	p.left(in)
	p.causes(in)
	p.cascade(in)
	p.timeline(in)
	p.notes(in.Notes)
}

func baseline(b *analysis.BaselineOf) string {
	of := map[string]string{
		"before":   "the time before",
		"file":     "a known-good recording",
		"contrast": "the good requests of the same minutes",

		"yesterday": "the same time yesterday",
		"week-ago":  "the same time a week ago",
	}[b.Source]
	if of == "" {
		of = b.Source
	}
	why := ""
	if b.Why != "" {
		why = ": " + b.Why
	}
	if b.Range.Start.IsZero() {
		return "Compared with " + of + why
	}
	return fmt.Sprintf("Compared with %s, %s - %s (%s)%s", of, moment(b.Range.Start), clockOr(b.Range.Start, b.Range.End), count(int64(b.Windows), "window"), why)
}

func (p *page) impact(impact []analysis.Impact) {
	p.heading("Who is hurt")
	if len(impact) == 0 {
		p.text("  ", "No entry route: users see nothing yet.")
		return
	}
	t := table{{"route", "requests", "failed", "p50", "p95", "added waiting"}}
	for i := range impact {
		m := &impact[i]
		t = append(t, []string{
			m.Route + " (" + m.Service + ")",
			fmt.Sprint(m.Requests),
			change(share(m.BaselineFailed), share(ratio(m.Failed, m.Requests))),
			change(seconds(m.BaselineP50), seconds(m.P50)),
			change(seconds(m.BaselineP95), seconds(m.P95)),
			seconds(m.ExcessSeconds),
		})
	}
	p.table(t)
}

func (p *page) phases(in *analysis.Incident) {
	if len(in.Phases) == 0 {
		return
	}
	p.heading("How it went")
	for i := range in.Phases {
		f := &in.Phases[i]
		p.text("  ", "%s - %s  %s %s", f.Start.UTC().Format("15:04:05"), f.End.UTC().Format("15:04:05"), pad(string(f.Name), len(analysis.PhaseAmplification)), f.Sentence)
	}
	if in.Metastable {
		p.text("  ", "%s", in.Sustained)
	}
	if len(in.Order) > 1 {
		hops := make([]string, 0, hopsShown)
		for _, h := range in.Order[:min(len(in.Order), hopsShown)] {
			hops = append(hops, fmt.Sprintf("%s +%s", h.Name, seconds(h.Lag)))
		}
		p.text("  ", "It reached, after the first: %s.", strings.Join(hops, ", "))
	}
}

// toDo says where to cut the cascade, and when it is over by itself.
func (p *page) toDo(in *analysis.Incident) {
	endless := in.Recovery != nil && in.Recovery.Endless
	if in.Containment == nil && in.Forecast == nil && !endless {
		return
	}
	p.heading("What would stop it")
	if in.Containment != nil {
		p.text("  ", "%s", in.Containment.Sentence)
	}
	if in.Forecast != nil {
		p.text("  ", "%s", in.Forecast.Sentence)
	}
	if endless {
		p.text("  ", "%s", in.Recovery.Sentence)
	}
}

// left says what somebody must put right, and how to list it.
func (p *page) left(in *analysis.Incident) {
	if in.Left == nil || in.Left.Workflows == 0 {
		return
	}
	p.heading("What is half done")
	p.text("  ", "%s", in.Left.Sentence)
	if in.Left.Any() {
		p.text("  ", "List them: %s", in.Left.Command)
	}
}

func (p *page) causes(in *analysis.Incident) {
	p.heading("Causes, best first")
	if len(in.Causes) == 0 {
		p.text("  ", "None found.")
	}
	for i := range in.Causes {
		if i > 0 && i <= detailed {
			p.blank()
		}
		p.cause(&in.Causes[i])
	}
	if b := &in.Balance; b.ExcessSeconds != 0 || b.ExcessFailures != 0 {
		p.blank()
		p.text("  ", "Of %s added waiting and %.0f more failures, %s is explained; no account explains %s.",
			seconds(b.ExcessSeconds), b.ExcessFailures, share(b.Explained), share(b.Unattributed))
	}
}

func (p *page) cause(c *analysis.Cause) {
	p.colored(causeColor(c.Rank), "%3d. %s (%s)   set off %s, keeps up %s, confidence %.2f",
		c.Rank, c.Name, c.Kind, share(c.Trigger), share(c.Sustaining), c.Confidence)
	const in = "     "
	if c.Sentence != "" {
		p.text(in, "%s", c.Sentence)
	}
	if c.Rank > detailed {
		return
	}
	if c.Onset != nil {
		p.text(in, "began  %s", moment(*c.Onset))
	}
	if len(c.Path) > 1 {
		names := make([]string, len(c.Path))
		for i, n := range c.Path {
			names[i] = n.Name
		}
		p.text(in, "path   %s", strings.Join(names, " => "))
	}
	for i := range c.Evidence {
		p.text(in, "- %s", evidence(&c.Evidence[i]))
	}
	for i := range c.Narrowed[:min(len(c.Narrowed), partsShown)] {
		p.text(in, "within it: %s", narrowed(&c.Narrowed[i]))
	}
	if c.Without != nil {
		p.text(in, "without it: %s", without(c.Without))
	}
	shown := map[string]bool{}
	for _, x := range c.Examples {
		if !shown[x.Role] {
			p.text(in, "trace  %s  %s, %s", x.TraceID, x.Role, seconds(x.Duration))
		}
		shown[x.Role] = true
	}
}

func evidence(e *analysis.Evidence) string {
	if e.Sentence != "" {
		return e.Sentence
	}
	return fmt.Sprintf("%s of %s: %s", strings.ReplaceAll(e.Metric, "_", " "), e.Subject,
		change(quantity(e.Baseline, e.Unit), quantity(e.Incident, e.Unit)))
}

func narrowed(n *analysis.Narrowed) string {
	if n.Sentence != "" {
		return n.Sentence
	}
	return fmt.Sprintf("%s %s: %s of the excess", n.Dimension, n.Value, share(n.Share))
}

func without(c *analysis.Counterfact) string {
	if c.Sentence != "" {
		return c.Sentence
	}
	return fmt.Sprintf("%s would have taken %s instead of %s on average, and %s would have failed",
		c.Route, seconds(c.Mean), seconds(c.Incident), share(c.Failed))
}

func (p *page) notes(notes []string) {
	if len(notes) == 0 {
		return
	}
	p.heading("Keep in mind")
	for _, n := range notes {
		p.text("  ", "- %s", n)
	}
}

func (p *page) data(r *analysis.Report) {
	d := &r.Data
	p.heading("Data")
	p.text("  ", "%s in %s, of %s and %s; %s of %.0f seconds with data",
		count(d.Spans, "span"), count(d.Requests, "request"), count(int64(d.Services), "service"),
		count(int64(d.Edges), "edge"), count(int64(d.Windows), "window"), r.WindowSec)
	if d.Spans > 0 {
		p.text("  ", "%s of the calls between services were seen from both sides; %s had a parent that never came",
			share(d.Paired), count(d.Orphans, "span"))
	}
	for _, m := range d.Malformed {
		p.text("  ", "not read: %s, %s, first at %s", m.What, count(m.Count, "time"), m.First)
	}
	for _, m := range d.Mended {
		p.text("  ", "mended: %s, %s, first at %s", m.What, count(m.Count, "time"), m.First)
	}
	for _, n := range r.Notes {
		p.text("  ", "- %s", n)
	}
}
