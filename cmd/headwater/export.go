package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"

	"headwater/graph/trace"
	"headwater/ingest/dump"
	"headwater/ingest/store"
)

type exportCmd struct {
	Data    string          `default:"headwater-data" env:"HEADWATER_DATA" type:"path" placeholder:"FOLDER" help:"The data folder, which no running Headwater may be using. Default: headwater-data (${env})."`
	Time    *interval       `placeholder:"FROM/TO" help:"Only traces with a span that starts in this time."`
	Service []string        `sep:"none" placeholder:"NAME" help:"Only traces in which this service takes part. May be given again."`
	Trace   []trace.TraceID `placeholder:"ID" help:"Only these traces."`
	target
}

// Help implements kong.HelpProvider.
func (exportCmd) Help() string {
	return `Traces are written whole.

Examples:
  headwater export --time 2026-03-02T14:00:00Z/2026-03-02T15:00:00Z --out hour.jsonl.zst
  headwater export --service checkout --to jaeger --out checkout.json
  headwater export --trace 0af7651916cd43dd8448eb211c80319c --to chrome --out trace.json`
}

func (c *exportCmd) Run(ctx context.Context, t *terminal) (err error) {
	if _, err := os.Stat(c.Data); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	s, err := store.Open(c.Data, store.Options{Log: t.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	wanted, err := c.choose(ctx, s)
	if err != nil {
		return err
	}
	var spans int64
	err = c.open(t, func(w *dump.Writer) error {
		return s.Spans(ctx, math.MinInt64, math.MaxInt64, func(block []trace.Span) error {
			if wanted != nil {
				block = slices.Clone(block)
				block = slices.DeleteFunc(block, func(s trace.Span) bool { return !wanted[s.TraceID] })
			}
			spans += int64(len(block))
			return w.WriteSpans(ctx, block)
		})
	})
	if err == nil {
		t.note("%s", spansText(spans))
	}
	return err
}

// choose finds the traces that are asked for; nil are all.
func (c *exportCmd) choose(ctx context.Context, s *store.Store) (map[trace.TraceID]bool, error) {
	if c.Time == nil && len(c.Service) == 0 && len(c.Trace) == 0 {
		return nil, nil
	}
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if c.Time != nil {
		from = c.Time.Start.UnixNano()
		if !c.Time.End.IsZero() {
			to = c.Time.End.UnixNano()
		}
	}
	wanted := map[trace.TraceID]bool{}
	err := s.Spans(ctx, from, to, func(block []trace.Span) error {
		for i := range block {
			b := &block[i]
			if (len(c.Service) == 0 || slices.Contains(c.Service, b.Resource.Service)) && (len(c.Trace) == 0 || slices.Contains(c.Trace, b.TraceID)) {
				wanted[b.TraceID] = true
			}
		}
		return nil
	})
	if err == nil && len(wanted) == 0 {
		err = errors.New("no stored span fits what was asked for")
	}
	return wanted, err
}
