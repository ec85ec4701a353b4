package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"headwater/graph/trace"
)

// Trace returns all stored spans of the trace in the order in which they were
// written, duplicates included, and nil if there are none. Of a trace of more
// than 100,000 spans it gives the first of them.
func (s *Store) Trace(ctx context.Context, id trace.TraceID) ([]trace.Span, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	s.mu.Lock()
	blocks := s.index.view().blocks
	s.mu.Unlock()
	print := fingerprint(id)
	var out []trace.Span
	for _, b := range blocks {
		if !b.holds(print) {
			continue
		}
		spans, err := s.load(ctx, b)
		if err != nil {
			return nil, err
		}
		for i := range spans {
			if spans[i].TraceID == id && len(out) < maxTraceSpans {
				out = append(out, spans[i])
			}
		}
	}
	return out, nil
}

// load gives the spans of a block, which must not be changed. A block that
// can't be read has none: it is named in the log the first time.
func (s *Store) load(ctx context.Context, b *block) ([]trace.Span, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if b.damaged.Load() || b.dropped.Load() {
		return nil, nil
	}
	if spans, ok := s.cache.get(b.number); ok {
		return spans, nil
	}
	var spans []trace.Span
	err := s.db.View(func(txn *badger.Txn) error {
		item, err := txn.Get(blockKey(blockPrefix, b.number))
		if err != nil {
			return err
		}
		return item.Value(func(v []byte) (err error) {
			if spans, err = s.codec.decode(v); err == nil && len(spans) != int(b.Spans) {
				err = fmt.Errorf("%d spans instead of %d", len(spans), b.Spans)
			}
			return err
		})
	})
	switch {
	case err == nil:
		s.cache.put(b.number, spans)
		return spans, nil
	case errors.Is(err, badger.ErrKeyNotFound) && b.dropped.Load():
		return nil, nil
	}
	if b.damaged.CompareAndSwap(false, true) {
		s.mu.Lock()
		s.damaged++
		s.mu.Unlock()
		s.opt.Log.Error("block passed over", "folder", s.dir, "block", b.number, "spans", b.Spans, "error", err)
	}
	return nil, nil
}
