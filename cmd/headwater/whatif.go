package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"headwater/analysis"
	"headwater/analysis/whatif"
)

type whatifCmd struct {
	Incident string   `arg:"" help:"An incident: its id, its number in the report, or 'worst'."`
	Files    []string `arg:"" optional:"" name:"file" help:"A recording, as analyze reads it. Without one a running Headwater is asked."`
	server
	changes
	At   *float64 `placeholder:"SECONDS" help:"When the change comes into force, in seconds after the incident's begin. Default: before it."`
	Runs int      `default:"5" help:"Random seeds that each answer is made from."`
	JSON bool     `name:"json" help:"Print the answer as JSON."`
}

// changes are what may be changed.
type changes struct {
	CapRetries    []string `sep:"none" placeholder:"CALLER->CALLEE=N" help:"Retry a call at most N times."`
	BudgetRetries []string `sep:"none" placeholder:"CALLER->CALLEE=SHARE" help:"Retry this share of the calls at most."`
	Breaker       []string `sep:"none" placeholder:"CALLER->CALLEE" help:"Stop calling for 10 s where half of the last 20 calls failed."`
	Timeout       []string `sep:"none" placeholder:"CALLER->CALLEE=TIME" help:"Give up on an attempt after this time."`
	Pool          []string `sep:"none" placeholder:"NAME=N" help:"What an instance of a service, or a database, does at once; for CALLER->CALLEE=N the caller's connections."`
	Replicas      []string `sep:"none" placeholder:"SERVICE=N" help:"Instances of a service."`
	Optional      []string `sep:"none" placeholder:"CALLER->CALLEE" help:"Go on where the call fails."`
	Shed          []string `sep:"none" placeholder:"ROUTE=SHARE" help:"Turn this share of a route's requests away while the incident lasts; 'all' for all routes."`
}

// Help implements kong.HelpProvider.
func (whatifCmd) Help() string {
	return `The measured system is fitted to the scenario engine, and the incident is played
again with a change. Without a change, those that would have contained it are
looked for. docs/whatif.md says how, and how often it is right.

Examples:
  headwater whatif worst spans.jsonl.zst                        what would have contained it?
  headwater whatif worst spans.jsonl.zst --cap-retries 'checkout->orders=1'
  headwater whatif 1767225600-3fa2 --timeout 'web->search=500ms' --shed 'GET /search=0.3'`
}

func (c *whatifCmd) Run(ctx context.Context, t *terminal) error {
	all, err := c.read()
	if err != nil {
		return err
	}
	var a *whatif.WhatIf
	if len(c.Files) == 0 {
		if _, err := os.Stat(c.Incident); err == nil {
			c.Files, c.Incident = []string{c.Incident}, "worst"
		}
	}
	if len(c.Files) > 0 {
		a, err = c.ofRecording(ctx, t, all)
	} else {
		a, err = c.whatif(ctx, c.Incident, all, c.Runs)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(t.out)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		return out.Encode(a)
	}
	return whatif.Text(t.out, a, width(t.out))
}

// read reads the changes that were asked for.
func (c *whatifCmd) read() (out []whatif.Setting, err error) {
	if c.Runs < 1 || c.Runs > mostRuns {
		return nil, fmt.Errorf("--runs %d: from 1 to %d", c.Runs, mostRuns)
	}
	for _, k := range []struct {
		kind  whatif.SettingKind
		texts []string
	}{
		{whatif.CapRetries, c.CapRetries}, {whatif.BudgetRetries, c.BudgetRetries}, {whatif.AddBreaker, c.Breaker}, {whatif.SetTimeout, c.Timeout},
		{whatif.SetPool, c.Pool}, {whatif.SetReplicas, c.Replicas}, {whatif.MakeOptional, c.Optional}, {whatif.Shed, c.Shed},
	} {
		for _, text := range k.texts {
			change, err := whatif.ParseChange(k.kind, text)
			if err != nil {
				return nil, err
			}
			change.At = c.At
			out = append(out, change)
		}
	}
	return out, nil
}

// mostRuns bounds how long an answer takes.
const mostRuns = 100

// ofRecording answers from files.
func (c *whatifCmd) ofRecording(ctx context.Context, t *terminal, all []whatif.Setting) (a *whatif.WhatIf, err error) {
	r, err := record(ctx, t, c.Files)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	in, err := incidentIn(analysis.Analyze(analysis.Input{Windows: r.windows}, analysis.Options{}), c.Incident)
	if err != nil {
		return nil, err
	}
	fit, err := whatif.New(whatif.Input{Windows: r.windows, Incident: timeOf(in)})
	if err != nil {
		return whatif.Unknown(err), nil
	}
	const parts = 1000
	bar := newProgress(os.Stderr, parts)
	if t.quiet {
		bar.out = nil
	}
	defer bar.end()
	return fit.Ask(ctx, all, whatif.Options{Runs: c.Runs, Tell: func(done float64) {
		for bar.done < int(done*parts) {
			bar.step()
		}
	}})
}

// timeOf is when an incident was.
func timeOf(in *analysis.Incident) analysis.Interval {
	when := analysis.Interval{Start: in.Start}
	if in.End != nil {
		when.End = *in.End
	}
	return when
}

// hurt is how much users lost in an incident, in seconds.
func hurt(in *analysis.Incident) float64 {
	return in.Balance.ExcessSeconds + 10*in.Balance.ExcessFailures
}

// incidentIn finds an incident by its id or number.
func incidentIn(r *analysis.Report, which string) (*analysis.Incident, error) {
	var worst *analysis.Incident
	most := -1.0
	var ids []string
	for i := range r.Incidents {
		in := &r.Incidents[i]
		ids = append(ids, fmt.Sprintf("%d (%s)", i+1, in.ID))
		if n, err := strconv.Atoi(which); in.ID == which || err == nil && n == i+1 {
			return in, nil
		}
		if hurt := hurt(in); hurt > most {
			worst, most = in, hurt
		}
	}
	switch {
	case len(ids) == 0:
		return nil, errors.New("there is no incident in this recording")
	case which == "worst":
		return worst, nil
	}
	return nil, fmt.Errorf("no incident %q; this recording has %s", which, strings.Join(ids, ", "))
}
