package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/wire"
)

// Write keeps the batch. Concurrent writes share Badger's commits. A batch of
// more than 4,096 spans or 16 MiB is written in several blocks; if that fails
// half way, writing it again does no harm. Below the reserve of disk space the
// error wraps ingest.ErrBusy and nothing was written.
func (s *Store) Write(ctx context.Context, b *ingest.Batch) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if len(b.Spans) == 0 {
		return nil
	}
	if err := s.checkReserve(); err != nil {
		return err
	}
	s.mu.Lock()
	s.clock.observe(b.Spans, s.opt.now())
	s.mu.Unlock()
	if len(b.Spans) <= blockSpans && len(b.Request) <= blockBytes {
		return s.commit([]part{{b.Request, b.Spans}})
	}
	for spans := range slices.Chunk(b.Spans, blockSpans) {
		parts, err := split(spans)
		if err != nil {
			return err
		}
		if err := s.commit(parts); err != nil {
			return err
		}
	}
	return nil
}

// checkReserve refuses when the disk is nearly full: Badger writes into a
// mapped file, and when the disk has no page left for it the process is killed.
func (s *Store) checkReserve() error {
	free, err := s.opt.free(s.dir)
	if err != nil {
		return fmt.Errorf("free disk space of %q: %w", s.dir, err)
	}
	if free < uint64(s.opt.Reserve) {
		return fmt.Errorf("disk of %q nearly full: %d MiB free, %d MiB are kept in reserve: %w", s.dir, free>>20, s.opt.Reserve>>20, ingest.ErrBusy)
	}
	return nil
}

// part is a request that fits into one block.
type part struct {
	request []byte
	spans   []trace.Span
}

// split encodes spans anew in as few halves as fit into a block each.
func split(spans []trace.Span) ([]part, error) {
	request, err := wire.Encode(spans)
	if err != nil {
		return nil, fmt.Errorf("split a large batch: %w", err)
	}
	if len(request) <= blockBytes || len(spans) == 1 {
		return []part{{request, spans}}, nil
	}
	left, err := split(spans[:len(spans)/2])
	if err != nil {
		return nil, err
	}
	right, err := split(spans[len(spans)/2:])
	return append(left, right...), err
}

// commit writes the parts, one block each, in one transaction. When it returns
// nil they are safe and can be read.
func (s *Store) commit(parts []part) error {
	blocks, values := make([]*block, len(parts)), make([][]byte, len(parts))
	for i, p := range parts {
		if len(p.request) <= maxSpanBytes {
			values[i] = s.codec.encode(p.request)
		}
		if size := len(values[i]); size == 0 || size > maxValue {
			return fmt.Errorf("span %s of trace %s is too large: %d bytes", p.spans[0].SpanID, p.spans[0].TraceID, len(p.request))
		}
		blocks[i] = &block{header: summarize(p.spans)}
		blocks[i].Size = uint32(len(values[i]))
	}
	s.mu.Lock()
	for _, b := range blocks {
		b.number, b.Written, b.Mark = s.next, s.opt.now().UnixNano(), s.clock.event
		s.next++
	}
	s.mu.Unlock()
	err := s.db.Update(func(txn *badger.Txn) error {
		for i, b := range blocks {
			head, err := encodeHeader(&b.header)
			if err != nil {
				return err
			}
			if err := txn.Set(blockKey(blockPrefix, b.number), values[i]); err != nil {
				return err
			}
			if err := txn.Set(blockKey(headerPrefix, b.number), head); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write to data folder %q: %w", s.dir, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, b := range blocks {
		s.index.add(b)
		s.note(parts[i].spans)
	}
	s.windows.boundWhenLarge(s.clock.event)
	return nil
}

// note marks the windows in which the spans start as not yet derived, and
// counts the late ones.
func (s *Store) note(spans []trace.Span) {
	for i := range spans {
		if !timely(spans[i].Start) {
			continue
		}
		w := s.windows.startOf(spans[i].Start)
		s.windows.touch(w)
		if s.windows.due(w, s.clock.mark) {
			s.late++
		}
	}
}
