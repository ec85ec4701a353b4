package store

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"headwater/graph"
)

// windows are the settled windows and those that are still to be derived. All
// times are Unix nanoseconds; a window goes by its start.
type windows struct {
	length  int64
	settle  int64 // wait after the end
	keep    int64
	dirty   map[int64]struct{} // with spans that no derivation has seen
	settled map[int64]derived
	outside int64
}

// derived is a window and the ordinal of the first block that it has not seen.
type derived struct {
	window *graph.Window
	seen   int
}

func newWindows(opt Options) windows {
	return windows{
		length: int64(opt.Window), settle: int64(opt.Settle), keep: int64(opt.Keep),
		dirty: map[int64]struct{}{}, settled: map[int64]derived{},
	}
}

// startOf is the start of the window of a timely span.
func (w *windows) startOf(start int64) int64 { return start - start%w.length }

func (w *windows) touch(start int64) { w.dirty[start] = struct{}{} }

// due reports whether the window may be settled.
func (w *windows) due(start, mark int64) bool { return mark-w.settle >= start+w.length }

// takeDue takes the windows that may be settled out of the dirty ones, by
// start.
func (w *windows) takeDue(mark int64) []int64 {
	var out []int64
	for start := range w.dirty {
		if w.due(start, mark) {
			out = append(out, start)
			delete(w.dirty, start)
		}
	}
	slices.Sort(out)
	return out
}

// put keeps a derived window; one without spans is forgotten.
func (w *windows) put(start int64, d derived) {
	if d.window.Spans == 0 {
		delete(w.settled, start)
		return
	}
	w.settled[start] = d
}

// forget drops everything that lies before the time. Of broken clocks and old
// files that would be no end.
func (w *windows) forget(before int64) {
	for start := range w.dirty {
		if start < before {
			delete(w.dirty, start)
			w.outside++
		}
	}
	for start := range w.settled {
		if start < before {
			delete(w.settled, start)
		}
	}
}

// bound keeps only as many windows as make up the length of time that windows
// are kept for: those nearest to around. However mad the times are that spans
// tell, memory stays bounded.
func (w *windows) bound(around int64) {
	limit := int(min(w.keep/w.length, math.MaxInt32))
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
