package graph

import (
	"cmp"
	"slices"

	"headwater/graph/trace"
)

// fold adds traces to windows, one after the other.
type fold struct {
	origin, length int64 // windows start at origin plus a multiple of length
	// open gives the window that starts at a time; nil where it does not count.
	open func(start int64) *builder

	r      *Reading
	t      *trace.Trace
	pieces trace.Pieces
	// busy are, for each visit, the stretches in which a call was open, the waits
	// between its attempts included.
	busy    [][]stretch
	failing []bool
	book    book

	lastStart int64
	last      *builder
}

type stretch struct{ from, to int64 }

// reaches is in how many windows at most something in flight is counted.
const reaches = 360

func newFold(origin, length int64, lex *lexicon, senders Senders, open func(int64) *builder) *fold {
	f := &fold{origin: origin, length: length, open: open, r: &Reading{senders: senders}}
	f.book.fold = f
	f.renew(lex)
	return f
}

// renew takes another lexicon, to which the windows that open gives must belong.
func (f *fold) renew(lex *lexicon) {
	f.r.lex = lex
	f.last = nil
}

// at is the window that a time belongs to, nil where it does not count.
func (f *fold) at(time int64) *builder {
	if time < f.origin || time >= lastTime {
		return nil
	}
	start := f.startOf(time)
	if f.last == nil || f.lastStart != start {
		f.last, f.lastStart = f.open(start), start
	}
	return f.last
}

func (f *fold) startOf(time int64) int64 { return time - (time-f.origin)%f.length }

// lastTime bounds the times that windows are made for: from 1970 to this, in
// the year 2116.
const lastTime = int64(1) << 62

func (f *fold) add(t *trace.Trace) {
	f.t = t
	f.last = nil
	f.r.read(t)
	f.spans()
	f.attempts()
	f.visits()
	f.before()
	f.routes()
}

func (f *fold) spans() {
	for i := range f.t.Spans {
		if w := f.at(f.t.Spans[i].Start); w != nil {
			w.spans++
			if f.t.Nodes[i].Notes&trace.NoteOrphan != 0 {
				w.orphans++
			}
		}
	}
}

// began is when a call's first attempt started: raw, at the client or else at
// the server.
func (f *fold) began(c *Call) int64 {
	a := &c.Attempts[0]
	if a.Client >= 0 {
		return f.t.Spans[a.Client].Start
	}
	return f.t.Spans[a.Server].Start
}

// sides gives the stretch of an attempt as its caller sees it, and the callee's
// (empty where it was not seen), with skew undone and nothing clamped. next is
// the attempt after it, or nil.
func (f *fold) sides(a, next *Attempt) (client, server stretch) {
	if a.Server >= 0 {
		server = f.raw(a.Server)
	}
	if a.Client < 0 {
		return server, server
	}
	client = f.raw(a.Client)
	if !a.Part {
		return client, server
	}
	if f.r.VisitOf[a.Server] >= 0 && f.r.Visits[f.r.VisitOf[a.Server]].Attempt > 0 {
		client.from = min(max(client.from, server.from), client.to)
	}
	if next != nil {
		client.to = max(client.from, min(client.to, f.raw(next.Server).from))
	}
	return client, server
}

func (f *fold) raw(i int32) stretch {
	n := &f.t.Nodes[i]
	return stretch{n.RawEnd - min(f.t.Spans[i].Duration(), trace.MaxDuration), n.RawEnd}
}

// after is the attempt that follows attempt n of a call, or nil.
func (c *Call) after(n int) *Attempt {
	if n+1 < len(c.Attempts) {
		return &c.Attempts[n+1]
	}
	return nil
}

// attempts books edges, inferred nodes and addresses, and notes when each visit
// had a call open.
func (f *fold) attempts() {
	for len(f.busy) < len(f.r.Visits) {
		f.busy = append(f.busy, nil)
	}
	for v := range f.r.Visits {
		f.busy[v] = f.busy[v][:0]
	}
	for ci := range f.r.Calls {
		c := &f.r.Calls[ci]
		w := f.at(f.began(c))
		var e *EdgeStats
		if w != nil {
			e = w.edge(c)
			e.Calls++
			e.Attempts += int64(len(c.Attempts))
			e.Unseen += int64(c.Unseen)
			if c.Outcome() != OK {
				e.Failed++
			}
		}
		var before stretch
		for ai := range c.Attempts {
			a := &c.Attempts[ai]
			client, server := f.sides(a, c.after(ai))
			open := client
			if ai > 0 { // between attempts the caller waits: no time of its own
				open.from = min(before.to, client.from)
				if e != nil {
					e.Backoff += client.from - open.from
				}
			}
			before = client
			if v := f.callerVisit(a); v >= 0 && !c.Async {
				f.busy[v] = append(f.busy[v], open)
			}
			if e != nil {
				f.attempt(w, e, c, a, client, server)
			}
			f.inFlight(client, func(in *builder, ns int64) {
				if in == w {
					e.Occupancy += ns
				} else {
					in.edge(c).Occupancy += ns
				}
				if a.Server < 0 {
					s, _ := in.visits(c.Callee, c.Operation, none)
					s.Occupancy += ns
				}
			})
		}
	}
	for v := range f.r.Visits {
		if len(f.busy[v]) > 1 {
			slices.SortFunc(f.busy[v], func(a, b stretch) int {
				return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
			})
		}
	}
}

// inFlight does something for each window that a stretch reaches into, with how
// much of it lies there.
func (f *fold) inFlight(at stretch, do func(w *builder, ns int64)) {
	if at.from < f.origin || at.to <= at.from || at.to >= lastTime {
		return
	}
	start := f.startOf(at.from)
	for range reaches {
		if w := f.at(start); w != nil {
			do(w, min(at.to, start+f.length)-max(at.from, start))
		}
		if start += f.length; start >= at.to {
			return
		}
	}
}

// callerVisit is the visit from which an attempt was made, or -1.
func (f *fold) callerVisit(a *Attempt) int32 {
	switch {
	case a.Client >= 0:
		return f.r.VisitOf[a.Client]
	case a.Parent >= 0:
		return f.r.VisitOf[a.Parent]
	}
	return -1
}

func (f *fold) attempt(w *builder, e *EdgeStats, c *Call, a *Attempt, client, server stretch) {
	took := client.to - client.from
	e.Outcomes[a.Outcome]++
	e.Time.Add(took)
	e.Latency.addBin(binOf(took))
	switch {
	case a.Server >= 0 && a.Client >= 0:
		e.Paired++
		e.Expected++
		e.Gap.Add(f.gap(a, client, server))
		if left := server.to - max(client.to, server.from); left > 0 && !c.Async {
			e.Abandoned++
			e.Orphan += left
			if f.t.Spans[a.Server].Outcome == OK {
				e.InVain++
			}
		}
		if where := f.r.facts[a.Client]; where.address.Host != "" && f.r.Node(c.Callee).Kind == Service && !c.Async {
			w.learned[learned{where, c.Callee}] = struct{}{}
		}
	case a.Server >= 0 && a.Parent < 0: // a message
		if age := f.r.age(a); age >= 0 {
			e.Paired++
			e.Expected++
			e.Wait.Add(age)
		} else if len(f.t.Spans[a.Server].Links) > 0 {
			e.Expected++
		}
	case a.Server >= 0: // called directly, without a client span
		e.Paired++
		e.Expected++
	case f.r.Node(c.Callee).Kind == Service: // which never saw it: no visit
		e.Expected++
	default:
		f.inferredVisit(w, c, a, took)
	}
}

// gap is an attempt's time at the caller that the callee did not see. A caller
// that left early cut the callee's side off: then only the time before the
// callee began is known.
func (f *fold) gap(a *Attempt, client, server stretch) int64 {
	if a.Outcome == TimedOut || a.Outcome == Cancelled || server.to > client.to {
		return max(0, min(server.from, client.to)-client.from)
	}
	return max(0, (client.to-client.from)-(server.to-server.from))
}

// inferredVisit books an attempt at a node that has no spans of its own.
func (f *fold) inferredVisit(w *builder, c *Call, a *Attempt, took int64) {
	s, _ := w.visits(c.Callee, c.Operation, none)
	failed := a.Outcome != OK
	s.Visits++
	if failed {
		s.Failed++
		s.FailedOwn++
	} else {
		s.TimeOK.Add(took)
		s.SelfOK.Add(took)
	}
	s.Time.Add(took)
	s.Self.Add(took)
	s.Latency.addBin(binOf(took))
	s.Examples.add(Example{TraceID: f.t.ID, Start: f.t.Spans[a.Client].Start, Duration: took}, failed)
}
