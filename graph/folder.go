package graph

import (
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
	// Patience is how many spans must have come since the last of a trace before
	// it is held to be complete, whatever the time: in a recording that is read in
	// large pieces time goes by in leaps, and a trace lies on both sides of one.
	Patience int

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
	came    int64    // spans, since the beginning
	shelf   shelf
	room    []trace.Brief // of the trace that is let go

	windows map[int64]*open
	stale   map[int64]struct{} // taken windows that have changed since
	folded  generations[trace.TraceID, reach]
	senders generations[trace.Ref, Sender]
	wanted  generations[trace.Ref, reach] // senders that were not known
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
	// quietCrowded is the least of them where more than crowded spans are waited
	// for: at such rates memory counts more than a window that is derived.
	quietCrowded = int64(2e9)
	crowded      = 800_000
	// quietPacked is what is left of that where more than packed spans are waited
	// for, so that there need not be so many that traces are left to the store.
	quietPacked = int64(1e9)
	packed      = 1_100_000
	// maxPending bounds the spans that are waited for; of more, the traces that
	// have been waited for longest are left to the store.
	maxPending = 1_500_000
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
		f.came++
		p.last, p.after = f.now, f.came
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
