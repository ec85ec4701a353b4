package store

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"headwater/graph"
	"headwater/graph/trace"
)

// maxRevisions bounds how many windows one Settle derives from stored spans, so
// that new windows do not wait for old ones. The others are for the next call.
const maxRevisions = 32

// Settle makes the windows that may be settled at the time now and were not yet,
// and those into which spans came since, or whose traces got spans since. It
// returns them by start. Windows without spans are left out. On an error nothing
// is settled and a later call does it. The windows must not be changed.
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
	return s.settle(ctx, mark, maxRevisions)
}

// Finish is Settle at the end of a file: no more spans come, and every window
// is made that was not yet, however old.
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
	return s.settle(ctx, mark, math.MaxInt)
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

// settle makes the windows that are due at the mark. It sees the blocks as they
// are when it begins; what is written meanwhile is for the next call.
func (s *Store) settle(ctx context.Context, mark int64, revisions int) (changed []*graph.Window, err error) {
	taken, v, gone, asked := s.take(mark)
	defer v.release()
	done := map[int64]settled{}
	defer func() {
		if err == nil {
			err = s.log.save(done, gone)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil { // what was taken from memory is gone: it can be derived
			changed = nil
			s.windows.dropped = append(s.windows.dropped, gone...)
			for _, start := range slices.Concat(slices.Collect(maps.Keys(taken)), slices.Collect(maps.Keys(done))) {
				s.windows.touchAgain(start)
			}
			return
		}
		s.put(done)
	}()
	d := s.derivation(v)
	todo := slices.Sorted(maps.Keys(taken))
	for len(todo) > 0 {
		stale := map[int64]struct{}{}
		for _, start := range todo {
			w, err := s.make(ctx, d, start, taken[start], &revisions, func(traces []*gathered) {
				if taken[start] != nil && taken[start].Exact {
					traces = slices.DeleteFunc(slices.Clone(traces), func(g *gathered) bool {
						_, ok := asked[g.id]
						return !ok // of the others the Folder tells
					})
				}
				s.outdated(traces, &d.pile, done, stale)
			})
			if err != nil {
				return nil, err
			}
			if w == nil { // later
				continue
			}
			done[start] = settled{w, v.end()}
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

// take takes the windows that are due, as far as memory knows them; those that
// it does not know are there without one. asked are traces that the store has
// older spans of: the windows of these change too.
func (s *Store) take(mark int64) (taken map[int64]*graph.Taken, v view, gone []int64, asked map[trace.TraceID]struct{}) {
	f := &s.folding
	f.mu.Lock()
	defer f.mu.Unlock()
	s.mu.Lock()
	s.windows.bound(s.clock.event)
	v = s.look()
	due, again := s.windows.takeDue(mark)
	gone = s.windows.dropped
	s.windows.dropped = nil
	event := s.clock.event
	s.mu.Unlock()

	taken = map[int64]*graph.Taken{}
	wanted := map[int64]bool{}
	for _, start := range due {
		wanted[start], taken[start] = true, nil
	}
	if mark == math.MaxInt64 {
		f.folder.Finish()
	} else {
		f.folder.Advance(max(event, mark))
	}
	// The Folder is asked for all that is due, also where it has only traces that
	// are still under way: from then on it tells of what comes for them.
	starts := append(f.folder.Starts(), due...)
	slices.Sort(starts)
	for _, start := range slices.Compact(starts) {
		if !s.windows.due(start, mark) {
			break
		}
		t := f.folder.Take(start)
		known := t.Window.Spans > 0 || len(t.Missing) > 0
		if wanted[start] && known && !again[start] && !f.fromStore(start) {
			taken[start] = &t
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, start := range f.folder.Stale() {
		_, settled := s.windows.settled[start]
		if _, ok := taken[start]; ok || settled {
			taken[start] = nil
		}
	}
	return taken, v, gone, maps.Clone(f.old.asked)
}

// make gives a window as memory has it, with what it lacks, or derives it. It
// gives nil for one that is left to the next call.
func (s *Store) make(ctx context.Context, d *derivation, start int64, t *graph.Taken, revisions *int, stale func([]*gathered)) (*graph.Window, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t == nil || !t.Exact {
		if *revisions == 0 {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.windows.touchAgain(start)
			return nil, nil
		}
		*revisions--
		w, err := d.window(ctx, start, stale)
		s.count(func(c *counts) { c.derived++ })
		return w, err
	}
	for missing := range slices.Chunk(t.Missing, gatherTraces) {
		traces := make(map[trace.TraceID]*gathered, len(missing))
		for _, id := range missing {
			traces[id] = &gathered{id: id}
		}
		rest, err := d.traces(ctx, start, traces, part{}, stale)
		if err != nil {
			return nil, err
		}
		t.Window.Merge(rest)
	}
	s.count(func(c *counts) { c.folded++ })
	return t.Window, nil
}

func (s *Store) count(f func(*counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.counts)
}

// put keeps what was made; a window without spans is forgotten.
func (s *Store) put(done map[int64]settled) {
	for start, d := range done {
		if d.window.Spans == 0 {
			delete(s.windows.settled, start)
		} else {
			s.windows.settled[start] = d.seen
		}
	}
	s.windows.bound(s.clock.event)
}

// outdated adds the settled windows that a span of the traces runs in, and which
// were made when a block that the trace now draws on was not there.
func (s *Store) outdated(traces []*gathered, p *pile, done map[int64]settled, stale map[int64]struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	length := s.windows.length
	for _, g := range traces {
		for b := range p.of(g) {
			if !timely(b.Start) {
				continue
			}
			last := lastWindow(&trace.Span{Start: b.Start, End: b.End}, length)
			for w := s.windows.startOf(b.Start); w <= last; w += length {
				if _, ok := done[w]; ok {
					continue
				}
				if seen, ok := s.windows.settled[w]; ok && seen <= g.newest {
					stale[w] = struct{}{}
				}
			}
		}
	}
}
