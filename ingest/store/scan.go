package store

import (
	"context"

	"headwater/graph/trace"
)

// Spans calls f with the stored spans that start in [from, to), in Unix
// nanoseconds, a block at a time in the order in which they were written,
// duplicates included. The spans must not be changed. f's error ends it.
func (s *Store) Spans(ctx context.Context, from, to int64, f func([]trace.Span) error) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	s.mu.Lock()
	blocks := s.index.view().blocks
	s.mu.Unlock()
	for _, b := range blocks {
		if !b.startsWithin(from, to) {
			continue
		}
		spans, err := s.load(ctx, b)
		if err != nil {
			return err
		}
		var within []trace.Span
		for i := range spans {
			if spans[i].Start >= from && spans[i].Start < to {
				within = append(within, spans[i])
			}
		}
		if len(within) == 0 {
			continue
		}
		if err := f(within); err != nil {
			return err
		}
	}
	return nil
}
