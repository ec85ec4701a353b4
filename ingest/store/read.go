package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"headwater/graph/trace"
	"headwater/ingest/store/column"
)

// Trace returns the stored spans of the trace by start, each once, and nil if
// there are none. Of differing copies of a span the later end wins. Of a trace
// of more than 100,000 spans it gives the first that were written.
func (s *Store) Trace(ctx context.Context, id trace.TraceID) ([]trace.Span, error) {
	v, leave, err := s.reading(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	print := fingerprint(id)
	var out []trace.Span
	for _, b := range v.blocks {
		if !b.holds(print) {
			continue
		}
		spans, err := s.decode(ctx, b, func(t trace.TraceID) bool { return t == id }, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, spans[:min(len(spans), maxTraceSpans-len(out))]...)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return trace.Assemble(out).Full, nil
}

// Query asks for spans.
type Query struct {
	From, To int64  // their start lies in [From, To), Unix nanoseconds
	Service  string // of this service; any if empty
}

// Spans calls yield with the stored spans that the query asks for, in the order
// in which they were written, copies included, until it returns false. The
// spans must not be changed.
func (s *Store) Spans(ctx context.Context, q Query, yield func(*trace.Span) bool) error {
	v, leave, err := s.reading(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for _, b := range v.blocks {
		if b.MaxStart < q.From || b.MinStart >= q.To || q.Service != "" && !b.of(namePrint(q.Service)) {
			continue
		}
		spans, err := s.load(ctx, b, whole)
		if err != nil {
			return err
		}
		for i := range spans {
			sp := &spans[i]
			if sp.Start < q.From || sp.Start >= q.To || q.Service != "" && (sp.Resource == nil || sp.Resource.Service != q.Service) {
				continue
			}
			if !yield(sp) {
				return nil
			}
		}
	}
	return nil
}

// load gives the spans of a block, or at least those of a part of all traces.
// They must not be changed. Whole blocks are cached.
func (s *Store) load(ctx context.Context, b *block, p part) ([]trace.Span, error) {
	if p != whole {
		return s.some(ctx, b, p.has, nil)
	}
	if spans, ok := s.cache.get(b); ok {
		return spans, ctx.Err()
	}
	spans, err := s.decode(ctx, b, nil, nil)
	if err == nil && spans != nil {
		s.cache.put(b, spans)
	}
	return spans, err
}

// some gives at least the spans of a block that are wanted. With a room they
// stand there, until the next call.
func (s *Store) some(ctx context.Context, b *block, want func(trace.TraceID) bool, room *column.Room) ([]trace.Span, error) {
	if spans, ok := s.cache.get(b); ok {
		return spans, ctx.Err()
	}
	return s.decode(ctx, b, want, room)
}

// decode reads the spans of a block, of the traces that are wanted. A block
// that can't be read has none: it is named in the log and in meta the first
// time, and not read again.
func (s *Store) decode(ctx context.Context, b *block, want func(trace.TraceID) bool, room *column.Room) ([]trace.Span, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if b.damaged.Load() {
		return nil, nil
	}
	var spans []trace.Span
	err := s.read(b, func(v []byte) (err error) {
		spans, err = s.decoder.DecodeIn(room, v, want)
		if err == nil && want == nil && len(spans) != int(b.Spans) {
			err = fmt.Errorf("%d spans instead of %d", len(spans), b.Spans)
		}
		return err
	})
	switch {
	case err == nil:
		return spans, nil
	case errors.Is(err, errGone):
		return nil, nil
	}
	if b.damaged.CompareAndSwap(false, true) {
		s.quarantine(b.number, b.Spans, err)
	}
	return nil, nil
}

// read calls f with the bytes of a block, which are valid until it returns.
func (s *Store) read(b *block, f func(v []byte) error) error {
	return s.pool.use(b.bucket, func(db *badger.DB) error {
		return db.View(func(txn *badger.Txn) error {
			item, err := txn.Get(numberKey(blockPrefix, b.number))
			if err != nil {
				return err
			}
			return item.Value(f)
		})
	})
}

// quarantine notes that a block is damaged, so that nobody reads it again.
func (s *Store) quarantine(number uint64, spans uint32, reason error) {
	s.mu.Lock()
	s.counts.damaged++
	s.mu.Unlock()
	s.opt.Log.Error("block passed over", "folder", s.dir, "block", number, "spans", spans, "error", reason)
	note := binary.LittleEndian.AppendUint32(nil, spans)
	note = append(note, reason.Error()...)
	err := s.meta.Update(func(txn *badger.Txn) error { return txn.Set(numberKey(damagedPrefix, number), note) })
	if err != nil {
		s.opt.Log.Error("damaged block is not noted", "folder", s.dir, "block", number, "error", err)
	}
}

// loadDamaged gives the numbers of the blocks that are known to be damaged.
func (s *Store) loadDamaged() (map[uint64]bool, error) {
	known := map[uint64]bool{}
	err := s.meta.View(func(txn *badger.Txn) error {
		opt := badger.DefaultIteratorOptions
		opt.Prefix, opt.PrefetchValues = []byte{damagedPrefix}, false
		it := txn.NewIterator(opt)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			if number, ok := keyNumber(it.Item().Key()); ok {
				known[number] = true
			}
		}
		return nil
	})
	s.counts.damaged = int64(len(known))
	return known, err
}
