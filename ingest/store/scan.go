package store

import (
	"context"
	"slices"

	"headwater/graph/trace"
)

// Spans gives the spans of all blocks that hold some which start in [from, to),
// in Unix nanoseconds, block by block, the last written first, until yield
// returns false. Others that stand in the same blocks come with them, and a span
// that was sent twice comes twice. The spans must not be changed.
func (s *Store) Spans(ctx context.Context, from, to int64, yield func([]trace.Span) bool) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	s.mu.Lock()
	blocks := s.index.view().blocks
	s.mu.Unlock()
	for _, b := range slices.Backward(blocks) {
		if !b.startsWithin(from, to) {
			continue
		}
		spans, err := s.load(ctx, b)
		if err != nil {
			return err
		}
		if !yield(spans) {
			return nil
		}
	}
	return nil
}
