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
// It returns them by start. Windows without spans are left out. On an error,
// which is that of ctx or ErrClosed, nothing is settled and a later call does
// it. The windows must not be changed.
//
// Windows more than Options.Keep older than the newest spans are not made any
// more, and forgotten.
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
	s.windows.forget(s.clock.event - int64(s.opt.Keep))
	s.mu.Unlock()
	return s.settle(ctx, mark)
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
// nanoseconds, by start. They must not be changed.
func (s *Store) Windows(ctx context.Context, from, to int64) ([]*graph.Window, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*graph.Window
	for _, start := range slices.Sorted(maps.Keys(s.windows.settled)) {
		if start >= from && start < to {
			out = append(out, s.windows.settled[start].window)
		}
	}
	return out, nil
}

// settle derives the windows that are due at the mark. It sees the blocks as
// they are when it begins; what is written meanwhile is for the next call.
func (s *Store) settle(ctx context.Context, mark int64) (changed []*graph.Window, err error) {
	s.mu.Lock()
	s.windows.bound(s.clock.event)
	view := s.index.view()
	todo := s.windows.takeDue(mark)
	s.mu.Unlock()

	done := map[int64]derived{}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil {
			for _, start := range slices.Concat(todo, slices.Collect(maps.Keys(done))) {
				s.windows.touch(start)
			}
			return
		}
		for start, d := range done {
			s.windows.put(start, d)
		}
		s.windows.bound(s.clock.event)
	}()
	for len(todo) > 0 {
		stale := map[int64]struct{}{}
		for _, start := range todo {
			traces, err := s.gather(ctx, view, start)
			if err != nil {
				return nil, err
			}
			for _, other := range s.outdated(traces, done) {
				stale[other] = struct{}{}
			}
			done[start] = derived{derive(start, s.windows.length, traces), view.end()}
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
func (s *Store) outdated(traces []*gathered, done map[int64]derived) []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []int64
	for _, g := range traces {
		for i := range g.spans {
			if !timely(g.spans[i].Start) {
				continue
			}
			w := s.windows.startOf(g.spans[i].Start)
			if _, ok := done[w]; ok {
				continue
			}
			if d, ok := s.windows.settled[w]; ok && d.seen <= g.newest {
				out = append(out, w)
			}
		}
	}
	return out
}
