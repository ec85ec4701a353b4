package graph

import (
	"cmp"
	"maps"
	"slices"

	"headwater/graph/trace"
)

// Folder makes windows of spans as they come, in any order, without reading them
// back from a store. A trace is folded into its windows when its root has ended
// and it was quiet for a while, and then leaves memory; what memory can't tell
// (traces that were still under way, spans that came after their trace was
// folded) it names, and the windows concerned are derived from stored spans.
// Either way a window is the one that Derive would make of all spans.
//
// A Folder keeps nothing of the spans that it is given. It is not safe for
// concurrent use.
type Folder struct {
	// Elsewhere, if not nil, is asked about each trace before it is folded: whether
	// the store has spans of it that the Folder was not given or has forgotten,
	// such as from before that time, in Unix nanoseconds. The trace is then left to
	// the store. It must not use the Folder.
	Elsewhere func(id trace.TraceID, before int64) bool

	length  int64
	classes *trace.Classes
	asm     trace.Assembler
	fold    *fold

	now     int64 // the latest that Advance was told
	taken   int64 // windows that start before this are taken
	pending map[trace.TraceID]*pending
	waiting []queued // pending traces, about by when they may be complete
	looked  int      // how many of them are done with
	spans   int      // that are pending
	shelf   shelf
	room    []trace.Brief // of the trace that is let go

	windows map[int64]*open
	stale   map[int64]struct{} // taken windows that have changed since
	folded  generations[trace.TraceID, reach]
	senders generations[trace.Ref, Sender]
	wanted  generations[trace.Ref, reach] // senders that were not known
}

// pending is a trace that is waited for.
type pending struct {
	row    row
	last   int64 // when a span came last
	rooted bool
	gaveUp bool
	// aside is set when the trace is left to the store: it was given to a window
	// as missing. Only its reach is kept.
	aside bool
	reach reach
}

// reach is from the start of the first window to that of the last in which a
// trace was seen.
type reach struct{ from, to int64 }

type queued struct {
	id trace.TraceID
	at int64
}

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

const (
	// quiet is how long, in ns, nothing must have come of a trace before it is held
	// to be complete. The SDKs' batch processors send what has ended every five
	// seconds, each process in its own time, so that a trace comes over as many. A
	// trace whose root is not here is waited for longer: it may be on its way, or
	// its sender may send no spans.
	quiet         = int64(7e9)
	quietUnrooted = int64(15e9)
	// quietGivenUp is the same for a trace in which a caller gave up: its callee may
	// still be working.
	quietGivenUp = int64(18e9)
	// maxPending bounds the spans that are waited for; of more, the traces that
	// have been waited for longest are left to the store.
	maxPending = 2_000_000
	// remembered bounds the traces that are known to have been folded, and
	// maxSenders the spans that links may find in memory.
	remembered = 1 << 18
	maxSenders = 1 << 17
)

// NewFolder makes a Folder for windows of the given length in nanoseconds.
func NewFolder(length int64) *Folder {
	f := &Folder{
		length: length, classes: trace.NewClasses(),
		pending: map[trace.TraceID]*pending{}, windows: map[int64]*open{}, stale: map[int64]struct{}{},
		folded:  generations[trace.TraceID, reach]{limit: remembered},
		senders: generations[trace.Ref, Sender]{limit: maxSenders},
		wanted:  generations[trace.Ref, reach]{limit: maxSenders},
	}
	f.fold = newFold(0, length, newLexicon(), f, f.open)
	return f
}

// Add takes spans in.
func (f *Folder) Add(spans []trace.Span) {
	var p *pending
	var id trace.TraceID
	for i := range spans {
		s := &spans[i]
		if p == nil || s.TraceID != id {
			id = s.TraceID
			p = f.wait(id)
		}
		b := f.classes.Brief(s)
		if s.Kind == trace.KindProducer {
			f.sent(trace.Ref{TraceID: s.TraceID, SpanID: s.SpanID}, Sender{Start: s.Start, Class: b.Class})
		}
		p.last = f.now
		f.extend(p, s)
		if p.aside {
			f.knows(id, &b, p.reach)
			f.miss(id, p.reach)
			continue
		}
		f.shelf.add(&p.row, &b)
		p.rooted = p.rooted || s.Parent.IsZero()
		p.gaveUp = p.gaveUp || b.Outcome != trace.OK && s.Kind == trace.KindClient
		f.spans++
	}
	if f.spans > maxPending {
		f.shed()
	}
}

// Leave leaves a trace to the store: it has spans that the Folder was not given.
func (f *Folder) Leave(id trace.TraceID) {
	p := f.wait(id)
	p.last = f.now
	f.leave(id)
}

// sent notes a sender. One that was looked for before it came changes the windows
// that were taken without it.
func (f *Folder) sent(ref trace.Ref, s Sender) {
	f.senders.put(ref, s)
	if r, ok := f.wanted.get(ref); ok {
		f.each(r, func(int64) {}) // those that are not taken will look again
	}
}

// wait gives the entry of a trace. One that was folded before comes back: what
// it was folded into is no longer exact, and the store has to make up for it.
func (f *Folder) wait(id trace.TraceID) *pending {
	if p := f.pending[id]; p != nil {
		return p
	}
	p := &pending{reach: reach{1, 0}}
	if r, again := f.folded.get(id); again {
		p.aside, p.reach = true, r
		f.spoil(r)
	}
	f.pending[id] = p
	f.waiting = append(f.waiting, queued{id, f.now + quiet})
	return p
}

// extend widens the reach of a trace by a span.
func (f *Folder) extend(p *pending, s *trace.Span) {
	if s.Start < 0 || s.Start >= lastTime {
		return
	}
	from, to := s.Start-s.Start%f.length, s.Start
	if end := min(s.End, s.Start+reaches*f.length, lastTime-1); end > to {
		to = end
	}
	to -= to % f.length
	if p.reach.to < p.reach.from {
		p.reach = reach{from, to}
		return
	}
	p.reach = reach{min(p.reach.from, from), max(p.reach.to, to)}
}

// Advance folds the traces that are complete at a time, in Unix nanoseconds: the
// time up to which spans have come.
func (f *Folder) Advance(now int64) {
	f.now = max(f.now, now)
	for f.looked < len(f.waiting) && f.waiting[f.looked].at <= f.now {
		q := f.waiting[f.looked]
		f.looked++
		if p := f.pending[q.id]; p == nil {
			continue
		} else if at := p.complete(); at > f.now {
			f.waiting = append(f.waiting, queued{q.id, at})
		} else {
			f.done(q.id, p)
		}
	}
	if f.looked > len(f.waiting)/2 {
		f.waiting = f.waiting[:copy(f.waiting, f.waiting[f.looked:])]
		f.looked = 0
	}
}

// complete is when the trace is held to be complete if nothing more comes.
func (p *pending) complete() int64 {
	switch {
	case p.aside:
		return p.last + quiet
	case p.gaveUp:
		return p.last + quietGivenUp
	case p.rooted:
		return p.last + quiet
	}
	return p.last + quietUnrooted
}

// Finish folds all that is pending: no more spans will come.
func (f *Folder) Finish() {
	for _, q := range f.waiting[f.looked:] {
		if p := f.pending[q.id]; p != nil {
			f.done(q.id, p)
		}
	}
	f.waiting, f.looked = nil, 0
}

// done lets a trace go that is complete.
func (f *Folder) done(id trace.TraceID, p *pending) {
	if p.aside {
		f.folded.put(id, p.reach)
		delete(f.pending, id)
		return
	}
	f.add(id, p)
}

// add folds a trace.
func (f *Folder) add(id trace.TraceID, p *pending) {
	delete(f.pending, id)
	briefs := f.clear(p)
	if !f.known(id, p, briefs) || f.Elsewhere != nil && f.Elsewhere(id, p.reach.from) {
		f.miss(id, p.reach)
	} else {
		if f.fold.r.lex.full() {
			f.renew()
		}
		f.fold.add(f.asm.Assemble(id, briefs))
	}
	f.folded.put(id, p.reach)
}

// clear gives the spans of a trace that is let go. They are good until the next
// call.
func (f *Folder) clear(p *pending) []trace.Brief {
	f.spans -= p.row.n
	clear(f.room)
	f.room = f.shelf.clear(&p.row, f.room[:0])
	return f.room
}

// known reports whether all that the trace's links point at is in memory, and
// notes what is not.
func (f *Folder) known(id trace.TraceID, p *pending, briefs []trace.Brief) bool {
	all := true
	for i := range briefs {
		all = f.knows(id, &briefs[i], p.reach) && all
	}
	return all
}

func (f *Folder) knows(id trace.TraceID, b *trace.Brief, r reach) bool {
	if !takes(b) {
		return true
	}
	all := true
	for _, link := range b.Links {
		if link.TraceID != id && f.Sender(link) == nil {
			f.wanted.put(link, r)
			all = false
		}
	}
	return all
}

// Sender implements Senders from what came lately.
func (f *Folder) Sender(link trace.Ref) *Sender {
	if s, ok := f.senders.get(link); ok {
		return &s
	}
	return nil
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

// shed leaves the traces to the store that have been waited for longest.
func (f *Folder) shed() {
	for _, q := range f.waiting[f.looked:] {
		if f.spans <= maxPending/2 {
			break
		}
		f.leave(q.id)
	}
}

// leave gives a trace that is still under way to the store.
func (f *Folder) leave(id trace.TraceID) {
	p := f.pending[id]
	if p == nil || p.aside {
		return
	}
	f.known(id, p, f.clear(p))
	p.aside = true
	f.miss(id, p.reach)
}

// Take gives the window that starts at start. It and all before it are the
// caller's from then on: of spans that come later for them, Stale tells.
func (f *Folder) Take(start int64) Taken {
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

// generations is a map of what came lately: at least limit entries, at most
// twice as many.
type generations[K comparable, V any] struct {
	limit    int
	now, was map[K]V
}

func (g *generations[K, V]) get(k K) (V, bool) {
	if v, ok := g.now[k]; ok {
		return v, true
	}
	v, ok := g.was[k]
	return v, ok
}

func (g *generations[K, V]) put(k K, v V) {
	if len(g.now) >= g.limit {
		g.was, g.now = g.now, nil
	}
	if g.now == nil {
		g.now = map[K]V{}
	}
	g.now[k] = v
}
