package store

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/store/column"
)

// A block holds at most column.MaxSpans spans of at most blockBytes bytes, as
// they were sent, but for a single span, which may have maxSpanBytes.
const (
	blockBytes   = 16 << 20
	maxSpanBytes = 256 << 20
)

// submission is a part of a batch that fits into one block and waits to be
// written. done gets what became of it.
type submission struct {
	spans []trace.Span
	size  int
	done  chan error
}

var submissions = sync.Pool{New: func() any { return &submission{done: make(chan error, 1)} }}

// Write keeps the batch. Batches that are written at about the same time share
// a block and a commit. A batch of more than 4,096 spans or 16 MiB is written
// in several blocks; if that fails half way, writing it again does no harm.
//
// Below the reserve of disk space, and while more than Options.MaxPending bytes
// wait, the error wraps ingest.ErrBusy and nothing was written. When ctx ends
// while the batch waits, its error is returned and the batch may be written all
// the same.
func (s *Store) Write(ctx context.Context, b *ingest.Batch) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	s.countRefused(b.Refused)
	if len(b.Spans) == 0 {
		return nil
	}
	if err := s.checkReserve(); err != nil {
		s.countBusy(noSpace, len(b.Spans))
		return err
	}
	admitted, err := s.pending.enter(int64(b.Size))
	if err != nil {
		s.countBusy(noMemory, len(b.Spans))
		return err
	}
	defer admitted()
	if err := s.writeParts(ctx, b); err != nil {
		return err // what is read of it still is not known
	}
	if b.Free != nil {
		b.Free()
	}
	return nil
}

func (s *Store) writeParts(ctx context.Context, b *ingest.Batch) error {
	if len(b.Spans) <= column.MaxSpans && b.Size <= blockBytes {
		return s.write(ctx, b.Spans, b.Size)
	}
	for _, spans := range parts(b.Spans) {
		if err := s.write(ctx, spans, weigh(spans)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) write(ctx context.Context, spans []trace.Span, size int) error {
	if size > maxSpanBytes {
		return tooLarge(&spans[0], size)
	}
	r := submissions.Get().(*submission)
	r.spans, r.size = spans, size
	select {
	case s.queue <- r:
	case <-ctx.Done():
		submissions.Put(r)
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		r.spans = nil
		submissions.Put(r)
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func tooLarge(s *trace.Span, size int) error {
	return fmt.Errorf("span %s of trace %s is too large: %d bytes", s.SpanID, s.TraceID, size)
}

// parts cuts a large batch into pieces that fit into a block each.
func parts(spans []trace.Span) [][]trace.Span {
	var out [][]trace.Span
	first, size := 0, 0
	for i := range spans {
		n := weigh(spans[i : i+1])
		if i > first && (size+n > blockBytes || i-first == column.MaxSpans) {
			out = append(out, spans[first:i:i])
			first, size = i, 0
		}
		size += n
	}
	return append(out, spans[first:])
}

// weigh estimates the bytes that the spans have on the wire.
func weigh(spans []trace.Span) int {
	n := 0
	for i := range spans {
		s := &spans[i]
		n += 64 + len(s.Name) + len(s.StatusMessage) + len(s.TraceState) + weighAttrs(s.Attrs)
		for j := range s.Events {
			n += 16 + len(s.Events[j].Name) + weighAttrs(s.Events[j].Attrs)
		}
		for j := range s.Links {
			n += 40 + len(s.Links[j].TraceState) + weighAttrs(s.Links[j].Attrs)
		}
		if i == 0 || s.Resource != spans[i-1].Resource {
			if s.Resource != nil {
				n += weighAttrs(s.Resource.Attrs)
			}
		}
	}
	return n
}

func weighAttrs(attrs []trace.Attr) int {
	n := 0
	for i := range attrs {
		n += 8 + len(attrs[i].Key) + weighValue(attrs[i].Value)
	}
	return n
}

func weighValue(v trace.Value) int {
	n := 8 + len(v.Str()) + weighAttrs(v.Map())
	for _, e := range v.Array() {
		n += weighValue(e)
	}
	return n
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

// windowStarts gives the starts of the windows in which the spans start, each
// once.
func (w *windows) windowStarts(lists [][]trace.Span) []int64 {
	var out []int64
	last := int64(-1)
	for _, spans := range lists {
		for i := range spans {
			if !timely(spans[i].Start) {
				continue
			}
			if start := w.startOf(spans[i].Start); start != last {
				last = start
				out = append(out, start)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
