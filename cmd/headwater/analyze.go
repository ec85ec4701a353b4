package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"headwater/analysis"
	"headwater/analysis/render"
	"headwater/graph"
	"headwater/ingest/dump"
	"headwater/ingest/store"
)

type analyzeCmd struct {
	Files    []string  `arg:"" name:"file" help:"Files of OTLP JSON lines, plain or packed with gzip or zstd; folders of them; - for standard input."`
	Format   string    `enum:"text,json" default:"text" help:"Print text for people or json for machines. Default: text."`
	Baseline []string  `placeholder:"FILE" sep:"none" help:"A recording of the same system when it was well. May be given again."`
	Incident *interval `placeholder:"FROM/TO" help:"When the incident was, if it is known: times of RFC 3339 or Unix times. TO may be empty."`
}

func (c *analyzeCmd) Run(ctx context.Context, t *terminal) error {
	windows, malformed, err := c.read(ctx, t, c.Files)
	if err != nil {
		return err
	}
	in := analysis.Input{Windows: windows}
	if len(c.Baseline) > 0 {
		known, alsoMalformed, err := c.read(ctx, t, c.Baseline)
		if err != nil {
			return fmt.Errorf("baseline: %w", err)
		}
		in.Known, malformed = known, append(malformed, alsoMalformed...)
	}
	if c.Incident != nil {
		in.Incident = &c.Incident.Interval
	}
	report := analysis.Analyze(in, analysis.Options{})
	report.Data.Malformed = append(report.Data.Malformed, malformed...)
	return c.print(t, report)
}

func (c *analyzeCmd) print(t *terminal, r *analysis.Report) error {
	if c.Format == "json" {
		out := json.NewEncoder(t.out)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		return out.Encode(r)
	}
	width, _ := strconv.Atoi(os.Getenv("COLUMNS"))
	return render.Text(t.out, r, render.TextOptions{Width: max(0, width), Color: colored(t.out)})
}

// read brings the spans of a dump into a store, as live ones would come, and
// takes the windows from it. The store stands in a temporary folder that is
// gone when read returns.
func (c *analyzeCmd) read(ctx context.Context, t *terminal, paths []string) (_ []*graph.Window, _ []analysis.Malformed, err error) {
	stdin := t.in
	if slices.Contains(paths, "-") {
		stdin = interruptible(ctx, stdin)
	}
	inputs, err := dump.Paths(paths, stdin)
	if err != nil {
		return nil, nil, err
	}
	folder, err := os.MkdirTemp("", "headwater-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s, err := store.Open(filepath.Join(folder, "store"), store.Options{Log: t.log, Scratch: true})
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	stats, err := dump.Read(ctx, inputs, s, dump.Options{})
	if err != nil {
		return nil, nil, err
	}
	windows, err := s.Finish(ctx)
	if n := s.Stats().Outside; n > 0 {
		t.log.Warn("left out windows that lie too far in time from the others", "count", n)
	}
	return windows, c.unread(t, &stats), err
}

// unread tells what could not be read, and lists it for the report.
func (c *analyzeCmd) unread(t *terminal, stats *dump.Stats) []analysis.Malformed {
	var list []analysis.Malformed
	for _, skipped := range stats.Skipped {
		t.log.Info("passed over", "file", skipped)
	}
	for _, m := range stats.Malformed {
		t.log.Warn("not read", "what", m.What, "count", m.Count, "first", m.First, "detail", m.Detail)
		list = append(list, analysis.Malformed{What: m.What, Count: m.Count, First: m.First})
	}
	return list
}
