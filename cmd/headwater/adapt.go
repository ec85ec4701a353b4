package main

import (
	"context"

	"headwater/analysis/watch"
	"headwater/analysis/workflow"
	"headwater/graph/trace"
	"headwater/ingest/store"
	"headwater/web"
)

// spans is the store as searches and workflows want it.
type spans struct{ *store.Store }

// Each implements workflow.Store.
func (s spans) Each(ctx context.Context, q workflow.Selection, yield func(*trace.Trace) bool) error {
	return s.Store.Each(ctx, store.Selection{From: q.From, To: q.To, Share: q.Share, CoreFrom: q.CoreFrom, CoreTo: q.CoreTo}, yield)
}

// Newest implements web.Spans. The store's sieve follows the search's, which may
// grow finer.
func (s spans) Newest(ctx context.Context, from, to int64, by *web.Sieve, yield func(web.Piece) bool) error {
	sieve := store.Sieve(*by)
	return s.Store.Newest(ctx, from, to, &sieve, func(p store.Piece) bool {
		more := yield(web.Piece(p))
		sieve = store.Sieve(*by)
		return more
	})
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
