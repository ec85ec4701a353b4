package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"headwater/analysis"
)

// Explain writes the arithmetic behind one cause of an incident: what users
// lost, by which accounts it came here and why each grew, what was measured at
// the cause, and the traces in which it can be seen. The error is the writer's.
func Explain(w io.Writer, in *analysis.Incident, c *analysis.Cause, opt TextOptions) error {
	p := newPage(w, opt)
	p.strong("%s (%s): cause %d of incident %s", c.Name, c.Kind, c.Rank, in.ID)
	if c.Sentence != "" {
		p.text("", "%s", c.Sentence)
	}
	p.shares(in, c)
	p.ledger(in, c)
	p.measured(c)
	p.instead(c)
	p.traces(c)
	return p.err
}

// shares says of what a share is one.
func (p *page) shares(in *analysis.Incident, c *analysis.Cause) {
	b := &in.Balance
	p.heading("The share")
	p.text("  ", "users lost: %s of added waiting and %.0f more failures, against %s", seconds(b.ExcessSeconds), b.ExcessFailures, strings.TrimPrefix(baseline(&in.Baseline), "Compared with "))
	p.text("  ", "set off:    %s of it rests here when retries are passed through to what made them: %s", share(c.Trigger), seconds(c.Trigger*b.ExcessSeconds))
	p.text("  ", "keeps up:   %s of it rests here when retries are held to be their own cause: %s", share(c.Sustaining), seconds(c.Sustaining*b.ExcessSeconds))
	var others float64
	for i := range in.Causes {
		if in.Causes[i].Rank != c.Rank {
			others += in.Causes[i].Trigger
		}
	}
	p.text("  ", "the others: %s set off by other causes, %s by what is not listed or not explained", share(others), share(max(0, 1-others-c.Trigger)))
	p.text("  ", "confidence: %.2f, which is how far it stands out, lowered where little was seen", c.Confidence)
}

// ledger lists the accounts by which the loss came to the cause.
func (p *page) ledger(in *analysis.Incident, c *analysis.Cause) {
	if len(c.Ledger) == 0 {
		return
	}
	p.heading("The ledger: seconds by which each account grew, and why")
	t := table{{"account, route", "slower", "retries", "more calls", "requests", "sum", "of all"}}
	var total float64
	for i := range c.Ledger {
		l := &c.Ledger[i]
		sum := l.Time + l.Retries + l.FanOut + l.Demand
		total += sum
		t = append(t, []string{l.Account + ", " + l.Route, signed(l.Time), signed(l.Retries), signed(l.FanOut), signed(l.Demand), signed(sum), portion(sum, in.Balance.ExcessSeconds)})
	}
	t = append(t, []string{"these together", "", "", "", "", signed(total), portion(total, in.Balance.ExcessSeconds)})
	p.table(t)
	p.text("  ", "Each row led here, in whole or in part; what it passed on to other causes is in their shares.")
}

func portion(part, whole float64) string {
	if whole == 0 {
		return "-"
	}
	return share(part / whole)
}

// measured lists the numbers behind the cause with their differences.
func (p *page) measured(c *analysis.Cause) {
	if len(c.Evidence) == 0 {
		return
	}
	p.heading("What was measured")
	t := table{{"metric", "before", "in the incident", "difference", "windows"}}
	for i := range c.Evidence {
		e := &c.Evidence[i]
		t = append(t, []string{e.Metric + " of " + e.Subject, quantity(e.Baseline, e.Unit), quantity(e.Incident, e.Unit), quantity(e.Incident-e.Baseline, e.Unit), fmt.Sprint(len(e.Series))})
	}
	p.table(t)
	for i := range c.Narrowed {
		p.text("  ", "within it: %s", narrowed(&c.Narrowed[i]))
	}
}

// instead says what would have been with the cause as it was before.
func (p *page) instead(c *analysis.Cause) {
	if c.Without == nil {
		return
	}
	p.heading("Without it")
	p.text("  ", "%s", without(c.Without))
	if c.Without.Incident > 0 {
		p.text("  ", "%s a request as it was, less %s that rests here, is %s", seconds(c.Without.Incident), seconds(c.Without.Incident-c.Without.Mean), seconds(c.Without.Mean))
	}
}

func (p *page) traces(c *analysis.Cause) {
	if len(c.Examples) == 0 {
		return
	}
	p.heading("Traces to look at")
	for i := range c.Examples {
		x := &c.Examples[i]
		p.line("  %s  %s  %-8s  %s", x.TraceID, x.Start.UTC().Format(time.RFC3339), x.Role, seconds(x.Duration))
	}
}
