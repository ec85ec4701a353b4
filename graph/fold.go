package graph

import (
	"cmp"
	"slices"

	"headwater/graph/trace"
)

// Derive makes the window that starts at start (Unix nanoseconds) and lasts
// length from the traces that have a span in it. A call belongs to the window
// in which its first attempt started at the client, or else at the server; what
// started elsewhere does not count.
func Derive(start, length int64, traces []*trace.Trace) *Window {
	w := NewWindow(start, length)
	for _, t := range traces {
		f := folder{w: w, r: Read(t), t: t}
		f.spans()
		f.attempts()
		f.visits()
		f.routes()
	}
	return w
}

// folder adds one trace to a window.
type folder struct {
	w *Window
	r *Reading
	t *trace.Trace
	// busy are, for each visit, the stretches in which a call was open, the waits
	// between its attempts included.
	busy [][]stretch
}

type stretch struct{ from, to int64 }

func (f *folder) within(start int64) bool {
	return start >= f.w.Start && start-f.w.Start < f.w.Length
}

func (f *folder) spans() {
	for i := range f.t.Spans {
		if f.within(f.t.Spans[i].Start) {
			f.w.Spans++
			if f.t.Nodes[i].Notes&trace.NoteOrphan != 0 {
				f.w.Orphans++
			}
		}
	}
}

// began is when a call's first attempt started: raw, at the client or else at
// the server.
func (f *folder) began(c *Call) int64 {
	a := &c.Attempts[0]
	if a.Client >= 0 {
		return f.t.Spans[a.Client].Start
	}
	return f.t.Spans[a.Server].Start
}

// sides gives the stretch of an attempt as its caller sees it, and the callee's
// (empty where it was not seen), with skew undone and nothing clamped.
func (f *folder) sides(a *Attempt) (client, server stretch) {
	if a.Server >= 0 {
		server = f.raw(a.Server)
	}
	if a.Client >= 0 {
		client = f.raw(a.Client)
	} else {
		client = server
	}
	return client, server
}

func (f *folder) raw(i int32) stretch {
	n := &f.t.Nodes[i]
	return stretch{n.RawEnd - min(f.t.Spans[i].Duration(), trace.MaxDuration), n.RawEnd}
}

// attempts books edges, inferred nodes and addresses, and notes when each visit
// had a call open.
func (f *folder) attempts() {
	f.busy = make([][]stretch, len(f.r.Visits))
	for ci := range f.r.Calls {
		c := &f.r.Calls[ci]
		counted := f.within(f.began(c))
		var e *EdgeStats
		if counted {
			e = entry(f.w.Edges, EdgeID{c.Caller, c.Callee, c.Async})
			e.Calls++
			e.Attempts += int64(len(c.Attempts))
			if c.Outcome() != OK {
				e.Failed++
			}
		}
		for ai := range c.Attempts {
			a := &c.Attempts[ai]
			client, server := f.sides(a)
			open := client
			if ai > 0 { // between attempts the caller waits: no time of its own
				before, _ := f.sides(&c.Attempts[ai-1])
				open.from = min(before.to, client.from)
				if counted {
					e.Backoff += client.from - open.from
				}
			}
			if v := f.callerVisit(a); v >= 0 && !c.Async {
				f.busy[v] = append(f.busy[v], open)
			}
			if counted {
				f.attempt(e, c, a, client, server)
			}
		}
	}
	for v := range f.busy {
		slices.SortFunc(f.busy[v], func(a, b stretch) int {
			return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
		})
	}
}

// callerVisit is the visit from which an attempt was made, or -1.
func (f *folder) callerVisit(a *Attempt) int32 {
	switch {
	case a.Client >= 0:
		return f.r.VisitOf[a.Client]
	case a.Parent >= 0:
		return f.r.VisitOf[a.Parent]
	}
	return -1
}

func (f *folder) attempt(e *EdgeStats, c *Call, a *Attempt, client, server stretch) {
	took := client.to - client.from
	e.Outcomes[a.Outcome]++
	e.Time.Add(took)
	e.Latency.Add(took)
	switch {
	case a.Server >= 0 && a.Client >= 0:
		e.Paired++
		e.Expected++
		e.Gap.Add(f.gap(a, client, server))
		if host, port := AddressOf(&f.t.Spans[a.Client]); host != "" && c.Callee.Kind == Service && !c.Async {
			f.w.learn(Address{host, port}, c.Callee)
		}
	case a.Server >= 0: // called directly, without a client span
		e.Paired++
		e.Expected++
	default:
		if c.Callee.Kind == Service {
			e.Expected++
		}
		f.inferredVisit(c, a, took)
	}
}

// gap is an attempt's time at the caller that the callee did not see. A caller
// that left early cut the callee's side off: then only the time before the
// callee began is known.
func (f *folder) gap(a *Attempt, client, server stretch) int64 {
	if a.Outcome == TimedOut || a.Outcome == Cancelled || server.to > client.to {
		return max(0, min(server.from, client.to)-client.from)
	}
	return max(0, (client.to-client.from)-(server.to-server.from))
}

// inferredVisit books an attempt at a node that has no spans of its own.
func (f *folder) inferredVisit(c *Call, a *Attempt, took int64) {
	n := entry(f.w.Nodes, c.Callee)
	x := Example{TraceID: f.t.ID, Start: f.t.Spans[a.Client].Start, Duration: took}
	f.each(n, c.Operation, nil, func(s *VisitStats) {
		s.Visits++
		if a.Outcome != OK {
			s.Failed++
			s.FailedOwn++
		} else {
			s.TimeOK.Add(took)
			s.SelfOK.Add(took)
		}
		s.Time.Add(took)
		s.Self.Add(took)
		s.Latency.Add(took)
		s.Examples.add(x, a.Outcome != OK)
	})
}

// each calls do for the node as a whole, its operation and its instance.
func (f *folder) each(n *NodeStats, operation string, r *trace.Resource, do func(*VisitStats)) {
	if n.Operations == nil {
		n.Operations = map[string]*VisitStats{}
		n.Instances = map[Instance]*VisitStats{}
	}
	do(&n.All)
	do(entry(n.Operations, operation))
	if r != nil && (r.Instance != "" || r.Host != "" || r.Version != "") {
		do(entry(n.Instances, Instance{Name: r.Instance, Host: r.Host, Zone: r.Zone, Version: r.Version}))
	}
}

// visits books the visits to services, and the stretches before their calls.
func (f *folder) visits() {
	failing := make([]bool, len(f.r.Visits)) // a call made there failed
	for ci := range f.r.Calls {
		c := &f.r.Calls[ci]
		if v := f.callerVisit(&c.Attempts[len(c.Attempts)-1]); v >= 0 && c.Outcome() != OK && !c.Async {
			failing[v] = true
		}
	}
	for vi := range f.r.Visits {
		v := &f.r.Visits[vi]
		if !f.within(f.visitBegan(v)) {
			continue
		}
		entrySpan := &f.t.Spans[v.Entry]
		at := f.raw(v.Entry)
		self, first := own(at, f.busy[vi])
		failed := OutcomeOf(entrySpan) != OK
		x := Example{TraceID: f.t.ID, Start: entrySpan.Start, Duration: at.to - at.from}
		gap, orphan := int64(-1), int64(0)
		if v.Call >= 0 && !f.r.Calls[v.Call].Async {
			if a := &f.r.Calls[v.Call].Attempts[v.Attempt]; a.Client >= 0 {
				client, server := f.sides(a)
				gap = f.gap(a, client, server)
				orphan = max(0, server.to-max(client.to, server.from))
			}
		}
		f.each(entry(f.w.Nodes, v.Node), v.Operation, entrySpan.Resource, func(s *VisitStats) {
			s.Visits++
			if failed {
				s.Failed++
				if !failing[vi] {
					s.FailedOwn++
				}
			} else {
				s.TimeOK.Add(at.to - at.from)
				s.SelfOK.Add(self)
			}
			s.Time.Add(at.to - at.from)
			s.Self.Add(self)
			if first >= 0 {
				s.First.Add(first)
			}
			if gap >= 0 {
				s.GapIn.Add(gap)
			}
			s.Orphan += orphan
			s.Latency.Add(at.to - at.from)
			s.Examples.add(x, failed)
		})
	}
	f.before()
}

func (f *folder) visitBegan(v *Visit) int64 {
	if v.Call >= 0 {
		return f.began(&f.r.Calls[v.Call])
	}
	return f.t.Spans[v.Entry].Start
}

// own is the time of a visit in which no call was open, and of it the part
// before the first call (-1 where there is none). busy is ordered by start.
func own(at stretch, busy []stretch) (self, first int64) {
	first = -1
	covered, until := int64(0), at.from
	for _, b := range busy {
		if first < 0 {
			first = max(0, min(b.from, at.to)-at.from)
		}
		from, to := max(b.from, until), min(b.to, at.to)
		if to > from {
			covered += to - from
			until = to
		}
	}
	return at.to - at.from - covered, first
}

// before books, for each call, the caller's own time right before it.
func (f *folder) before() {
	for ci := range f.r.Calls {
		c := &f.r.Calls[ci]
		a := &c.Attempts[0]
		v := f.callerVisit(a)
		if v < 0 || c.Async || !f.within(f.began(c)) {
			continue
		}
		client, _ := f.sides(a)
		since := f.raw(f.r.Visits[v].Entry).from
		for _, b := range f.busy[v] {
			if b.from >= client.from {
				break
			}
			since = max(since, min(b.to, client.from))
		}
		f.w.Edges[EdgeID{c.Caller, c.Callee, c.Async}].Before.Add(max(0, client.from-since))
	}
}
