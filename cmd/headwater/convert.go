package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"headwater/ingest/dump"
)

type convertCmd struct {
	Files []string `arg:"" name:"file" help:"Files, folders, patterns, or - for standard input, in any form that analyze reads."`
	target
}

// target is where spans are written, and how.
type target struct {
	To  dump.Format `enum:"otlp,protobuf,jaeger,zipkin,chrome" default:"otlp" placeholder:"FORMAT" help:"otlp (JSON, a request a line), protobuf (OTLP, each message with its length before it), jaeger (its page opens it), zipkin (v2) or chrome (trace events for ui.perfetto.dev). Default: otlp."`
	Out string      `short:"o" type:"path" placeholder:"FILE" help:"Write to this file, packed where its name ends in .gz or .zst. Default: standard output."`
}

// Help implements kong.HelpProvider.
func (convertCmd) Help() string {
	return `Examples:
  headwater convert --to jaeger --out incident.json spans.jsonl.zst
  headwater convert --out spans.jsonl.zst jaeger-1.json jaeger-2.json
  headwater convert --to chrome -o trace.json one-trace.json     then open it on ui.perfetto.dev`
}

func (c *convertCmd) Run(ctx context.Context, t *terminal) error {
	return c.open(t, func(w *dump.Writer) error {
		stats, err := readDumps(ctx, t, c.Files, w)
		if err == nil {
			t.note("%s", spansText(stats.Spans))
		}
		return err
	})
}

// open calls f with a writer to the target. A file is made whole or not at all.
func (g *target) open(t *terminal, f func(*dump.Writer) error) error {
	all := func(out io.Writer) error {
		packed, err := g.pack(out)
		if err != nil {
			return err
		}
		w, err := dump.NewWriter(packed, g.To)
		if err != nil {
			return err
		}
		return errors.Join(f(w), w.Close(), packed.Close())
	}
	if g.Out == "" {
		return all(t.out)
	}
	return writeFile(g.Out, all)
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// pack packs what is written as the file's name says.
func (g *target) pack(out io.Writer) (io.WriteCloser, error) {
	switch cmp.Or(strings.ToLower(filepath.Ext(g.Out)), "-") {
	case ".gz":
		return gzip.NewWriter(out), nil
	case ".zst", ".zstd":
		return zstd.NewWriter(out)
	}
	return nopCloser{out}, nil
}
