package main

import (
	"context"

	"headwater/graph/trace"
	"headwater/ingest/store"
)

// spans is the store as searches want it.
type spans struct{ *store.Store }

// Spans implements web.Spans.
func (s spans) Spans(ctx context.Context, from, to int64, yield func(*trace.Span) bool) error {
	return s.Store.Spans(ctx, store.Query{From: from, To: to}, yield)
}
