package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"headwater/graph/trace"
	"headwater/ingest/store/column"
)

// Sieve tells stored spans apart before they are read in full.
type Sieve = column.Sieve

// Piece is a part of what a search reads.
type Piece struct {
	// Spans start in the search's range and pass its sieve. They must not be
	// changed.
	Spans []trace.Span
	// Looked is how many spans were told apart for it.
	Looked int64
	// Before is the time up to which the search has yet to look: of what starts
	// then or later, all was given.
	Before int64
}

// Newest calls yield with the spans that start in [from, to), Unix nanoseconds,
// and pass the sieve, from the newest back, until it returns false. Within a
// piece they come in any order, and one that was sent twice may come twice. The
// sieve may be made finer between pieces.
func (s *Store) Newest(ctx context.Context, from, to int64, by *Sieve, yield func(Piece) bool) error {
	v, leave, err := s.reading(ctx)
	if err != nil {
		return err
	}
	defer leave()
	var blocks []*block
	for _, b := range v.blocks {
		if b.MaxStart >= from && b.MinStart < to {
			blocks = append(blocks, b)
		}
	}
	slices.SortFunc(blocks, func(a, b *block) int {
		return cmp.Or(cmp.Compare(b.MaxStart, a.MaxStart), cmp.Compare(b.number, a.number))
	})
	p := Piece{Before: to}
	for i, b := range blocks {
		spans, err := s.sift(ctx, b, by)
		if err != nil {
			return err
		}
		p.Spans = slices.DeleteFunc(spans, func(s trace.Span) bool { return s.Start < from || s.Start >= to })
		p.Looked += int64(b.Spans)
		p.Before = from
		if i+1 < len(blocks) {
			p.Before = max(from, min(to, blocks[i+1].MaxStart+1))
		}
		// Blocks with nothing in them go with the next one.
		if len(p.Spans) == 0 && i+1 < len(blocks) && p.Looked < pieceSpans {
			continue
		}
		if !yield(p) {
			return nil
		}
		p.Looked = 0
	}
	if len(blocks) == 0 {
		yield(Piece{Before: from})
	}
	return nil
}

// pieceSpans bounds the spans that are looked at for a piece with nothing in it.
const pieceSpans = 16 * column.MaxSpans

// sift gives the spans of a block that pass the sieve.
func (s *Store) sift(ctx context.Context, b *block, by *Sieve) (spans []trace.Span, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	longest := b.longest.Load() // 1 more than it is, and 0 while it is not known
	if b.damaged.Load() || longest > 0 && longest <= by.Least || by.Service != "" && !b.of(namePrint(by.Service)) {
		return nil, nil
	}
	err = s.read(b, func(v []byte) (err error) {
		spans, longest, err = s.decoder.Select(v, by)
		return err
	})
	switch {
	case err == nil:
		b.longest.Store(longest + 1)
		return spans, nil
	case errors.Is(err, errGone):
	case b.damaged.CompareAndSwap(false, true):
		s.quarantine(b.number, b.Spans, err)
	}
	return nil, nil
}

// OfTraces calls yield with the stored spans of the traces, copies included, in
// the order in which they were written, until it returns false. The spans must
// not be changed.
func (s *Store) OfTraces(ctx context.Context, ids []trace.TraceID, yield func(*trace.Span) bool) error {
	v, leave, err := s.reading(ctx)
	if err != nil {
		return err
	}
	defer leave()
	wanted := make(map[trace.TraceID]bool, len(ids))
	prints := make([]uint32, len(ids))
	for i, id := range ids {
		wanted[id], prints[i] = true, fingerprint(id)
	}
	prints = ascending(prints)
	for _, b := range v.blocks {
		if !b.holdsSome(prints) {
			continue
		}
		spans, err := s.decode(ctx, b, func(id trace.TraceID) bool { return wanted[id] }, nil)
		if err != nil {
			return err
		}
		for i := range spans {
			if !yield(&spans[i]) {
				return nil
			}
		}
	}
	return nil
}

// holdsSome is holdsAny for far fewer fingerprints than the block has.
func (h *header) holdsSome(prints []uint32) bool {
	return slices.ContainsFunc(prints, h.holds)
}
