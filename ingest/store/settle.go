package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"headwater/graph"
)

// Settle derives the windows that may be settled at the time now and were not
// yet, and those into which spans came since, or whose traces got spans since.
// It returns them by start. Windows without spans are left out. On an error
// nothing is settled and a later call does it. The windows must not be changed.
//
// Windows more than Options.Keep older than the newest spans are not made any
// more, and those that there are are joined to minutes.
func (s *Store) Settle(ctx context.Context, now time.Time) ([]*graph.Window, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	s.settling.Lock()
	defer s.settling.Unlock()
	s.mu.Lock()
	mark := s.clock.settle(now)
	event := s.clock.event
	old := s.windows.forget(event - int64(s.opt.Keep))
	s.mu.Unlock()
	if err := s.retire(old, event); err != nil {
		return nil, err
	}
	return s.settle(ctx, mark)
}

// retire joins old windows to minutes, where these are kept.
func (s *Store) retire(old []int64, event int64) error {
	if len(old) == 0 {
		return nil
	}
	var err error
	if s.windows.minutes > 0 {
		err = s.log.archive(old, event-s.windows.minutes)
	} else {
		err = s.log.save(nil, old)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, start := range old {
		delete(s.windows.settled, start)
	}
	return nil
}

// Finish is Settle at the end of a file: no more spans come, and every window
// is derived that was not yet, however old.
func (s *Store) Finish(ctx context.Context) ([]*graph.Window, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	s.settling.Lock()
	defer s.settling.Unlock()
	s.mu.Lock()
	s.clock.finish()
	mark := s.clock.mark
	s.mu.Unlock()
	return s.settle(ctx, mark)
}

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

// rederive has a window made again that can't be read.
func (s *Store) rederive(start int64, reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.windows.settled[start]; !ok {
		return // it was removed meanwhile
	}
	s.opt.Log.Error("window is made again", "folder", s.dir, "error", reason)
	delete(s.windows.settled, start)
	s.windows.touch(start)
}

// settle derives the windows that are due at the mark. It sees the blocks as
// they are when it begins; what is written meanwhile is for the next call.
func (s *Store) settle(ctx context.Context, mark int64) (changed []*graph.Window, err error) {
	s.mu.Lock()
	s.windows.bound(s.clock.event)
	view := s.index.view()
	todo := s.windows.takeDue(mark)
	gone := s.windows.dropped
	s.windows.dropped = nil
	s.mu.Unlock()

	done := map[int64]settled{}
	defer func() {
		if err == nil {
			err = s.log.save(done, gone)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil {
			changed = nil
			s.windows.dropped = append(s.windows.dropped, gone...)
			for _, start := range slices.Concat(todo, slices.Collect(maps.Keys(done))) {
				s.windows.touch(start)
			}
			return
		}
		for start, d := range done {
			if d.window.Spans == 0 {
				delete(s.windows.settled, start)
			} else {
				s.windows.settled[start] = d.seen
			}
		}
		s.windows.bound(s.clock.event)
	}()
	for len(todo) > 0 {
		stale := map[int64]struct{}{}
		for _, start := range todo {
			w, others, err := s.derive(ctx, view, start, done)
			if err != nil {
				return nil, err
			}
			for _, other := range others {
				stale[other] = struct{}{}
			}
			done[start] = settled{w, view.end()}
			delete(stale, start)
		}
		todo = slices.Sorted(maps.Keys(stale))
	}
	for _, start := range slices.Sorted(maps.Keys(done)) {
		if w := done[start].window; w.Spans > 0 {
			changed = append(changed, w)
		}
	}
	return changed, nil
}

// outdated lists the settled windows in which a span of the traces starts, and
// which were derived when a block that the trace now draws on was not there.
func (s *Store) outdated(traces []*gathered, start int64, done map[int64]settled) []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []int64
	for _, g := range traces {
		for i := range g.spans {
			if !timely(g.spans[i].Start) {
				continue
			}
			w := s.windows.startOf(g.spans[i].Start)
			if _, ok := done[w]; ok || w == start {
				continue
			}
			if seen, ok := s.windows.settled[w]; ok && seen <= g.newest {
				out = append(out, w)
			}
		}
	}
	return out
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
					s.windows.touch(w)
				}
			}
		}
	}
	s.windows.bound(s.clock.event)
}
