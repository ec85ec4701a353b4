package store

import (
	"context"

	"headwater/graph"
)

// Windows returns the settled windows that start in [from, to), Unix
// nanoseconds, by start. They must not be changed. Windows that are older than
// Options.Keep have the length of a minute.
func (s *Store) Windows(ctx context.Context, from, to int64) ([]*graph.Window, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	s.mu.Lock()
	starts, minutes := s.windows.within(from, to), s.windows.minutes > 0
	s.mu.Unlock()
	var out []*graph.Window
	if minutes {
		end := to
		if len(starts) > 0 {
			end = starts[0]
		}
		if out, err = s.log.minutesWithin(ctx, from, end); err != nil {
			return nil, err
		}
	}
	for _, start := range starts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w, err := s.log.window(start)
		if err != nil {
			s.rederive(start, err)
			continue
		}
		out = append(out, w)
	}
	return out, nil
}

// Settled lists the starts of the settled windows that start in [from, to), Unix
// nanoseconds, in order: those that are not kept by the minute.
func (s *Store) Settled(from, to int64) []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.windows.within(from, to)
}

// rederive has a window made again that can't be read.
func (s *Store) rederive(start int64, reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.windows.settled[start]; !ok {
		return // it was removed meanwhile
	}
	s.opt.Log.Error("window is made again", "folder", s.dir, "error", reason)
	delete(s.windows.settled, start)
	s.windows.touchAgain(start)
}

// loadWindows finds the windows that were settled before the store was closed.
func (s *Store) loadWindows() error {
	if s.opt.Scratch {
		return nil
	}
	starts, err := s.log.starts(s.windows.length)
	if err == nil {
		s.windows.settled = starts
	}
	return err
}

// findDue marks the windows with blocks that they have not seen.
func (s *Store) findDue() {
	oldest := s.clock.event - int64(s.opt.Keep)
	for _, b := range s.index.blocks {
		for _, slot := range b.slots {
			from := int64(slot) * slotLength
			for w := s.windows.startOf(from); w < from+slotLength; w += s.windows.length {
				if seen, ok := s.windows.settled[w]; w+s.windows.length > oldest && (!ok || seen <= b.number) {
					s.windows.touchAgain(w)
				}
			}
		}
	}
	s.windows.bound(s.clock.event)
}
