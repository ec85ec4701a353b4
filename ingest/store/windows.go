package store

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// windows are the settled windows and those that are still to be derived. All
// times are Unix nanoseconds; a window goes by its start. What windows say
// stands on disk and in the windowCache.
type windows struct {
	length  int64
	settle  int64 // wait after the end
	keep    int64 // how long windows are kept as they are
	minutes int64 // how long they are kept by the minute
	// dirty are those with spans that no derivation has seen; true for what
	// memory does not know.
	dirty map[int64]bool
	// settled gives the number of the first block that a window has not seen.
	settled map[int64]uint64
	outside int64
	dropped []int64 // no more settled, but still on disk
}

func newWindows(opt Options) windows {
	w := windows{
		length: int64(opt.Window), settle: int64(opt.Settle), keep: int64(opt.Keep), minutes: int64(opt.KeepMinutes),
		dirty: map[int64]bool{}, settled: map[int64]uint64{},
	}
	if w.minutes <= w.keep || minute%w.length != 0 || opt.Scratch {
		w.minutes = 0
	}
	return w
}

// startOf is the start of the window of a timely span.
func (w *windows) startOf(start int64) int64 { return start - start%w.length }

func (w *windows) touch(start int64) {
	if _, ok := w.dirty[start]; !ok {
		_, again := w.settled[start]
		w.dirty[start] = again
	}
}

// touchAgain is touch for a window that has to be derived from stored spans.
func (w *windows) touchAgain(start int64) { w.dirty[start] = true }

// due reports whether the window may be settled.
func (w *windows) due(start, mark int64) bool { return mark-w.settle >= start+w.length }

// takeDue takes the windows that may be settled out of the dirty ones. again are
// those that memory does not know.
func (w *windows) takeDue(mark int64) (due []int64, again map[int64]bool) {
	again = map[int64]bool{}
	for start, derive := range w.dirty {
		if w.due(start, mark) {
			due = append(due, start)
			if derive {
				again[start] = true
			}
			delete(w.dirty, start)
		}
	}
	return due, again
}

// newestEnd is the end of the newest settled window, 0 without any.
func (w *windows) newestEnd() int64 {
	newest := int64(0)
	for start := range w.settled {
		newest = max(newest, start+w.length)
	}
	return newest
}

// within lists the settled windows that start in [from, to), in order.
func (w *windows) within(from, to int64) []int64 {
	var out []int64
	for start := range w.settled {
		if start >= from && start < to {
			out = append(out, start)
		}
	}
	slices.Sort(out)
	return out
}

// forget drops what waits and lies before the time, and returns the settled
// windows before it, by start: they are to be made minutes and then removed. Of
// broken clocks and old files that would be no end.
func (w *windows) forget(before int64) []int64 {
	for start := range w.dirty {
		if start < before {
			delete(w.dirty, start)
			w.outside++
		}
	}
	if w.minutes > 0 { // whole ones
		before -= before % minute
	}
	return w.within(math.MinInt64, before)
}

// bound keeps only as many windows as make up the length of time that windows
// are kept for: those nearest to around. However mad the times are that spans
// tell, memory stays bounded.
func (w *windows) bound(around int64) {
	limit := int(min(w.keep/w.length, math.MaxInt32))
	if w.minutes > 0 {
		limit += int(minute / w.length) // until the minute is over
	}
	nearest := func(a, b int64) int {
		return cmp.Or(cmp.Compare(distance(a, around), distance(b, around)), cmp.Compare(a, b))
	}
	if len(w.dirty) > limit {
		for _, start := range slices.SortedFunc(maps.Keys(w.dirty), nearest)[limit:] {
			delete(w.dirty, start)
			w.outside++
		}
	}
	if len(w.settled) > limit {
		for _, start := range slices.SortedFunc(maps.Keys(w.settled), nearest)[limit:] {
			delete(w.settled, start)
			w.dropped = append(w.dropped, start)
		}
	}
}

// boundWhenLarge is bound at an amortised cost, between two settlings.
func (w *windows) boundWhenLarge(around int64) {
	if int64(len(w.dirty)) > 2*(w.keep/w.length) {
		w.bound(around)
	}
}

// distance is between two times that are not negative.
func distance(a, b int64) int64 { return max(a-b, b-a) }
