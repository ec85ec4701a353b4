package main

import (
	"context"

	"headwater/analysis/watch"
	"headwater/graph/trace"
	"headwater/ingest/store"
)

// spans is the store as searches want it.
type spans struct{ *store.Store }

// Spans implements web.Spans.
func (s spans) Spans(ctx context.Context, from, to int64, yield func(*trace.Span) bool) error {
	return s.Store.Spans(ctx, store.Query{From: from, To: to}, yield)
}

// journal is the store as the live loop wants it.
type journal struct{ *store.Store }

// Incidents implements watch.Journal.
func (j journal) Incidents(ctx context.Context) ([]watch.Record, error) {
	stored, err := j.Store.Incidents(ctx)
	if err != nil {
		return nil, err
	}
	records := make([]watch.Record, len(stored))
	for i, r := range stored {
		records[i] = watch.Record(r)
	}
	return records, nil
}
