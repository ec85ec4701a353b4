package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"headwater/analysis"
	"headwater/analysis/workflow"
	"headwater/graph/trace"
	"headwater/ingest/store"
)

type workflowsCmd struct {
	Files    []string  `arg:"" name:"file" help:"Files, folders, patterns, or - for standard input, as analyze reads them."`
	Baseline []string  `placeholder:"FILE|FROM/TO" sep:"none" help:"When the system was well, to learn from: another recording, or a stretch of time of this one. May be given again."`
	Incident *interval `placeholder:"FROM/TO" help:"Judge only workflows that began in this time, and learn from the others: times of RFC 3339 or Unix times. TO may be empty."`
	Key      []string  `sep:"none" placeholder:"NAME" help:"An attribute that is a business key, such as order.id. May be given again. Default: those that are found."`
	Format   string    `enum:"text,csv,json" default:"text" help:"text for people, csv for a job that puts things right, json for machines."`
	Out      string    `short:"o" type:"path" placeholder:"FILE" help:"Write the list to this file."`
}

// Help implements kong.HelpProvider.
func (workflowsCmd) Help() string {
	return `A workflow is what follows from one request: its calls, its messages, and what
their consumers did. Which steps belong together is learned from the workflows
that ended well, outside of incidents. docs/workflows.md says how.

Examples:
  headwater workflows spans.jsonl.zst                          which orders are half done
  headwater workflows --format csv -o repair.csv spans.jsonl   one a row, for a reconciliation job
  headwater workflows --key order.id --incident 2026-03-02T14:00:00Z/ --baseline monday.json tuesday.json`
}

func (c *workflowsCmd) Run(ctx context.Context, t *terminal) (err error) {
	r, err := record(ctx, t, c.Files)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	opt := workflow.Options{Keys: c.Key}
	if c.Incident != nil {
		opt.Incident = &c.Incident.Interval
	}
	opt.Trouble = trouble(analysis.Analyze(analysis.Input{Windows: r.windows, Incident: opt.Incident}, analysis.Options{}))
	reader := workflow.NewReader(opt)
	files, good := baselines(c.Baseline)
	if len(files) > 0 {
		known, err := record(ctx, t, files)
		if err != nil {
			return fmt.Errorf("baseline: %w", err)
		}
		if err := errors.Join(known.traces(ctx, reader.Baseline), known.close()); err != nil {
			return fmt.Errorf("baseline: %w", err)
		}
	}
	taught := 0
	if err := r.traces(ctx, func(tr *trace.Trace) {
		if len(tr.Spans) > 0 && slices.ContainsFunc(good, func(when interval) bool { return when.holds(tr.Spans[0].Start) }) {
			reader.Baseline(tr)
			taught++
			return
		}
		reader.Add(tr)
	}); err != nil {
		return err
	}
	if len(good) > 0 && taught == 0 {
		return fmt.Errorf("baseline: no trace began in %s", strings.Join(c.Baseline, " or "))
	}
	return c.print(t, reader.Report())
}

// trouble is when nothing is learned: in incidents.
func trouble(r *analysis.Report) (out []analysis.Interval) {
	for i := range r.Incidents {
		in := analysis.Interval{Start: r.Incidents[i].Start}
		if r.Incidents[i].End != nil {
			in.End = *r.Incidents[i].End
		}
		out = append(out, in)
	}
	return out
}

func (c *workflowsCmd) print(t *terminal, r *workflow.WorkflowReport) error {
	if c.Out == "" {
		return writeWorkflows(t.out, r, c.Format)
	}
	if err := writeFile(c.Out, func(w io.Writer) error { return writeWorkflows(w, r, c.Format) }); err != nil {
		return err
	}
	t.note("%d workflows are in %s", len(r.Workflows), c.Out)
	return nil
}

func writeWorkflows(w io.Writer, r *workflow.WorkflowReport, format string) error {
	switch format {
	case "json":
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		return out.Encode(r)
	case "csv":
		return workflow.CSV(w, r)
	}
	return workflow.Text(w, r)
}

// traces gives each trace of the recording to f, whole.
func (r *recording) traces(ctx context.Context, f func(*trace.Trace)) error {
	return r.store.Each(ctx, store.Selection{From: everything.From, To: everything.To}, func(t *trace.Trace) bool {
		f(t)
		return true
	})
}
