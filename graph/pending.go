package graph

import "headwater/graph/trace"

// pending is a trace that is waited for.
type pending struct {
	row    row
	last   int64 // when a span came last
	after  int64 // how many spans had come by then, of all traces
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
	for f.looked < len(f.waiting) && f.waiting[f.looked].at-f.hurry() <= f.now {
		q := f.waiting[f.looked]
		f.looked++
		p := f.pending[q.id]
		if p == nil {
			continue
		}
		if at := p.complete(); at-f.hurry() > f.now {
			f.waiting = append(f.waiting, queued{q.id, at})
			continue
		}
		if f.came-p.after < int64(f.Patience) {
			f.looked-- // nor are those behind it complete, or hardly any
			break
		}
		f.done(q.id, p)
	}
	if f.looked > len(f.waiting)/2 {
		f.waiting = f.waiting[:copy(f.waiting, f.waiting[f.looked:])]
		f.looked = 0
	}
}

// hurry is by how much, in ns, traces are held to be complete earlier than usual.
func (f *Folder) hurry() int64 {
	switch {
	case f.spans > packed:
		return quiet - quietPacked
	case f.spans > crowded:
		return quiet - quietCrowded
	}
	return 0
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
