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
		batch := make([]trace.Span, 0, exportBatch)
		write := func() error {
			spans += int64(len(batch))
			err := w.WriteSpans(ctx, batch)
			batch = batch[:0]
			return err
		}
		var failed error
		err := s.Spans(ctx, everything, func(span *trace.Span) bool {
			if wanted != nil && !wanted[span.TraceID] {
				return true
			}
			if batch = append(batch, *span); len(batch) == cap(batch) {
				failed = write()
			}
			return failed == nil
		})
		if err := errors.Join(err, failed); err != nil {
			return err
		}
		return write()
	})
	if err == nil {
		t.note("%s", spansText(spans))
	}
	return err
}

// exportBatch is how many spans are written at once.
const exportBatch = 4096

// everything asks for all stored spans.
var everything = store.Query{From: math.MinInt64, To: math.MaxInt64}

// choose finds the traces that are asked for; nil are all.
func (c *exportCmd) choose(ctx context.Context, s *store.Store) (map[trace.TraceID]bool, error) {
	if c.Time == nil && len(c.Service) == 0 && len(c.Trace) == 0 {
		return nil, nil
	}
	q := everything
	if c.Time != nil {
		q.From = c.Time.Start.UnixNano()
		if !c.Time.End.IsZero() {
			q.To = c.Time.End.UnixNano()
		}
	}
	wanted := map[trace.TraceID]bool{}
	err := s.Spans(ctx, q, func(b *trace.Span) bool {
		if (len(c.Service) == 0 || slices.Contains(c.Service, b.Resource.Service)) && (len(c.Trace) == 0 || slices.Contains(c.Trace, b.TraceID)) {
			wanted[b.TraceID] = true
		}
		return true
	})
	if err == nil && len(wanted) == 0 {
		err = errors.New("no stored span fits what was asked for")
	}
	return wanted, err
}
