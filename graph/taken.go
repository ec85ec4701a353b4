package graph

import (
	"cmp"
	"maps"
	"slices"

	"headwater/graph/trace"
)

// open is a window that spans are being folded into.
type open struct {
	*builder
	// parts are what was counted with earlier lexicons.
	parts   *Window
	inexact bool
	missing map[trace.TraceID]struct{}
}

// Taken is a window as the Folder knows it.
type Taken struct {
	Window *Window
	// Missing are traces of the window that are not in it; what Derive makes of
	// them, with all their stored spans, is to be merged into it. They are in
	// order.
	Missing []trace.TraceID
	// Exact is unset where spans came after their trace was folded: the window is
	// to be derived from stored spans altogether.
	Exact bool
}

// open gives the window that starts at a time, and notes that taken ones change.
func (f *Folder) open(start int64) *builder {
	if start < f.taken {
		f.stale[start] = struct{}{}
		return nil
	}
	return f.at(start).builder
}

func (f *Folder) at(start int64) *open {
	w := f.windows[start]
	if w == nil {
		w = &open{builder: newBuilder(start, f.length, f.fold.r.lex)}
		f.windows[start] = w
	}
	return w
}

// renew begins a new lexicon: what was counted with the old one is put away.
func (f *Folder) renew() {
	lex := newLexicon()
	for start, w := range f.windows {
		w.parts = w.sum()
		w.builder = newBuilder(start, f.length, lex)
	}
	f.fold.renew(lex)
}

// sum is all that was counted in the window, whatever the lexicon.
func (w *open) sum() *Window {
	now := w.window()
	if w.parts == nil {
		return now
	}
	w.parts.Merge(now)
	w.parts.limit()
	w.parts.pack()
	return w.parts
}

// miss leaves a trace to the store, in all windows that it reaches.
func (f *Folder) miss(id trace.TraceID, r reach) {
	f.each(r, func(start int64) {
		w := f.at(start)
		if w.missing == nil {
			w.missing = map[trace.TraceID]struct{}{}
		}
		w.missing[id] = struct{}{}
	})
}

// spoil notes that windows are no longer exact.
func (f *Folder) spoil(r reach) {
	f.each(r, func(start int64) { f.at(start).inexact = true })
}

// each does something for the windows of a reach; those that were taken are
// stale.
func (f *Folder) each(r reach, do func(start int64)) {
	for start, n := r.from, 0; start <= r.to && n < 2*reaches; start, n = start+f.length, n+1 {
		if start < f.taken {
			f.stale[start] = struct{}{}
			continue
		}
		do(start)
	}
}

// Take gives the window that starts at start. It and all before it are the
// caller's from then on: of spans that come later for them, Stale tells. One that
// is the caller's already is not exact.
func (f *Folder) Take(start int64) Taken {
	if start < f.taken { // gone from here: only the store knows
		return Taken{Window: NewWindow(start, f.length)}
	}
	for _, id := range f.under(start) {
		if p := f.pending[id]; f.now-p.last >= quiet {
			f.add(id, p) // more may come, but hardly
		} else {
			f.leave(id)
		}
	}
	f.taken = max(f.taken, start+f.length)
	w := f.windows[start]
	if w == nil {
		w = &open{builder: newBuilder(start, f.length, f.fold.r.lex)}
	}
	delete(f.windows, start)
	return Taken{
		Window: w.sum(), Exact: !w.inexact,
		Missing: slices.SortedFunc(maps.Keys(w.missing), func(a, b trace.TraceID) int { return slices.Compare(a[:], b[:]) }),
	}
}

// under lists the traces that are pending and reach into the window.
func (f *Folder) under(start int64) []trace.TraceID {
	var out []trace.TraceID
	for id, p := range f.pending {
		if !p.aside && p.reach.from <= start {
			out = append(out, id)
		}
	}
	return out
}

// Stale lists the windows that were taken and that later spans belong to, in
// order, once: they are to be derived from stored spans.
func (f *Folder) Stale() []int64 {
	out := slices.Sorted(maps.Keys(f.stale))
	clear(f.stale)
	return out
}

// Starts lists the windows that something was counted in and that are not taken,
// in order.
func (f *Folder) Starts() []int64 { return slices.SortedFunc(maps.Keys(f.windows), cmp.Compare[int64]) }
