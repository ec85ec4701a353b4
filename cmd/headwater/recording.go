package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"headwater/analysis"
	"headwater/graph"
	"headwater/ingest"
	"headwater/ingest/dump"
	"headwater/ingest/store"
)

// recording is a dump that was read: its spans in a store, as live ones would
// be, in a temporary folder that close removes.
type recording struct {
	folder  string
	store   *store.Store
	windows []*graph.Window
	stats   dump.Stats
	// interrupted is set where reading was ended by the user: the rest is what
	// was read until then.
	interrupted bool
}

// record reads the spans of dumps into a store and takes the windows from it.
func record(ctx context.Context, t *terminal, paths []string) (_ *recording, err error) {
	r := &recording{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.folder, err = os.MkdirTemp("", "headwater-"); err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	if r.store, err = store.Open(filepath.Join(r.folder, "store"), store.Options{Log: t.log, Scratch: true}); err != nil {
		return nil, err
	}
	sorter := dump.NewSorter(r.store)
	r.stats, err = readDumps(ctx, t, paths, sorter)
	err = errors.Join(err, sorter.Close(context.WithoutCancel(ctx)))
	if err != nil && ctx.Err() != nil && r.stats.Spans > 0 {
		r.interrupted, err = true, nil
		t.log.Warn("interrupted: what follows is made from what was read so far; a second Ctrl-C ends it", "spans", r.stats.Spans)
		ctx = context.WithoutCancel(ctx)
	}
	if err != nil {
		return nil, err
	}
	if r.windows, err = r.store.Finish(ctx); err != nil {
		return nil, err
	}
	if n := r.store.Stats().Outside; n > 0 {
		t.log.Warn("left out windows that lie too far in time from the others", "count", n)
	}
	return r, nil
}

// windowsOf reads dumps for their windows alone, without a word on how far it is.
func windowsOf(ctx context.Context, t *terminal, paths []string) ([]*graph.Window, error) {
	silent := *t
	silent.quiet = true
	r, err := record(ctx, &silent, paths)
	if err != nil {
		return nil, err
	}
	if err = r.close(); err == nil && r.interrupted {
		err = ctx.Err()
	}
	return r.windows, err
}

func (r *recording) close() error {
	var errs []error
	if r.store != nil {
		errs = append(errs, r.store.Close())
	}
	if r.folder != "" {
		errs = append(errs, os.RemoveAll(r.folder))
	}
	return errors.Join(errs...)
}

// readDumps reads what the user named, shows how far it is, and tells what could
// not be read.
func readDumps(ctx context.Context, t *terminal, paths []string, sink ingest.Sink) (dump.Stats, error) {
	stdin := t.in
	if slices.Contains(paths, "-") {
		stdin = interruptible(ctx, stdin)
	}
	inputs, err := dump.Paths(paths, stdin)
	if err != nil {
		return dump.Stats{}, err
	}
	began := time.Now()
	m := newMeter(t, inputs)
	stats, err := dump.Read(ctx, inputs, sink, dump.Options{Progress: m.tell})
	m.end()
	for _, skipped := range stats.Skipped {
		t.log.Info("passed over", "file", skipped)
	}
	for _, x := range stats.Malformed {
		t.log.Warn("not read", "what", x.What, "count", x.Count, "first", x.First, "detail", x.Detail)
	}
	for _, x := range stats.Mended {
		t.log.Info("mended", "what", x.What, "count", x.Count, "first", x.First)
	}
	t.log.Debug("read", "files", stats.Files, "bytes", stats.Bytes, "spans", stats.Spans, "took", time.Since(began).Round(time.Millisecond))
	return stats, err
}

// account brings what could not be read, or was mended, into a report.
func (r *recording) account(report *analysis.Report) {
	for _, x := range r.stats.Malformed {
		report.Data.Malformed = append(report.Data.Malformed, analysis.Malformed{What: x.What, Count: x.Count, First: x.First})
	}
	for _, x := range r.stats.Mended {
		report.Data.Mended = append(report.Data.Mended, analysis.Malformed{What: x.What, Count: x.Count, First: x.First})
	}
	if r.interrupted {
		report.Notes = append(report.Notes, fmt.Sprintf("Reading was interrupted after %d spans: the report is made from those.", report.Data.Spans))
	}
}
