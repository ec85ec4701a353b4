package graph

import "headwater/graph/trace"

// Call is one logical invocation of a callee, in one or more attempts.
type Call struct {
	Caller, Callee NodeID
	// Operation is what the callee was asked for, as the callee names it where
	// it was seen, else as the caller does.
	Operation string
	// Async is set where the caller does not wait for the callee.
	Async    bool
	Attempts []Attempt // in order of start; at least one
}

// Attempt is one try of a call. Client and Server index the trace's spans; -1
// where that side was not seen.
type Attempt struct {
	// Parent is the span of the caller in which the attempt was made, -1 if the
	// client span is a root.
	Parent  int32
	Client  int32
	Server  int32
	Outcome Outcome
}

// Outcome is how the call ended: as its last attempt did.
func (c *Call) Outcome() Outcome { return c.Attempts[len(c.Attempts)-1].Outcome }

// Visit is the stay of a request at one service: the span by which it entered
// and the spans below it of the same service.
type Visit struct {
	Node      NodeID
	Operation string
	Entry     int32 // span
	// Parent is the visit from which this one was called, or -1.
	Parent int32
	// Call and Attempt say by which call it came; -1 for roots.
	Call, Attempt int32
	// Logical is this visit's share of one visit, were no call repeated: 1
	// divided by the attempts of every call on the way here.
	Logical float64
}

// Reading is what a trace says when read as calls between nodes.
type Reading struct {
	Trace  *trace.Trace
	Visits []Visit
	Calls  []Call
	// VisitOf gives each span's visit.
	VisitOf []int32
	// CallOf and AttemptOf give the call whose client span this is, or -1.
	CallOf, AttemptOf []int32
	// wrapper marks client spans around the attempts of one call (a gRPC call
	// span, a database call over HTTP).
	wrapper []bool
}

// Read finds the visits, calls and attempts of a trace.
func Read(t *trace.Trace) *Reading {
	n := len(t.Spans)
	r := &Reading{Trace: t, VisitOf: make([]int32, n), CallOf: make([]int32, n), AttemptOf: make([]int32, n), wrapper: make([]bool, n)}
	services := make([]NodeID, n)
	known := map[*trace.Resource]NodeID{}
	for i := range t.Spans {
		res := t.Spans[i].Resource
		id, ok := known[res]
		if !ok {
			id = ServiceOf(res)
			known[res] = id
		}
		services[i] = id
		r.VisitOf[i], r.CallOf[i], r.AttemptOf[i] = -1, -1, -1
	}
	f := reader{Reading: r, services: services}
	f.findWrappers()
	f.visit()
	f.collect()
	f.weigh()
	return r
}

type reader struct {
	*Reading
	services []NodeID
	tops     []int32 // spans with every parent before its children
}

// enters reports whether span i is the first of a visit: a root, of another
// service than its parent, or the serving side of a call to itself.
func (r *reader) enters(i int32) bool {
	p := r.Trace.Nodes[i].Parent
	if p < 0 || r.services[i] != r.services[p] {
		return true
	}
	k, pk := r.Trace.Spans[i].Kind, r.Trace.Spans[p].Kind
	return k == trace.KindServer && pk == trace.KindClient || k == trace.KindConsumer && pk == trace.KindProducer
}

// visit assigns each span to its visit, parents first.
func (r *reader) visit() {
	t := r.Trace
	r.tops = append(r.tops, t.Roots...)
	for at := 0; at < len(r.tops); at++ {
		i := r.tops[at]
		if r.enters(i) {
			v := Visit{Node: r.services[i], Operation: OperationOf(&t.Spans[i]), Entry: i, Parent: -1, Call: -1, Attempt: -1, Logical: 1}
			if p := t.Nodes[i].Parent; p >= 0 {
				v.Parent = r.VisitOf[p]
			}
			r.VisitOf[i] = int32(len(r.Visits))
			r.Visits = append(r.Visits, v)
		} else {
			r.VisitOf[i] = r.VisitOf[t.Nodes[i].Parent]
		}
		r.tops = append(r.tops, t.Nodes[i].Children...)
	}
}

// findWrappers marks client spans that stand around client spans of the same
// service. Of nested database and HTTP client spans the outer one is the call;
// of nested RPC client spans the inner ones are its attempts.
func (r *reader) findWrappers() {
	t := r.Trace
	for i := range t.Spans {
		p := t.Nodes[i].Parent
		if t.Spans[i].Kind == trace.KindClient && p >= 0 && t.Spans[p].Kind == trace.KindClient && r.services[i] == r.services[p] {
			r.wrapper[p] = true
		}
	}
}

// clientLike reports whether span i is the caller's side of exactly one
// attempt. Where kinds are missing, a span inside a visit whose only child is a
// visit to another service is one.
func (r *reader) clientLike(i int32) bool {
	t := r.Trace
	switch t.Spans[i].Kind {
	case trace.KindClient:
		return !r.wrapper[i] && !r.swallowed(i)
	case trace.KindUnspecified:
		n := &t.Nodes[i]
		return len(n.Children) == 1 && r.enters(n.Children[0]) && !r.enters(i)
	}
	return false
}

// swallowed reports whether client span i is an implementation detail of a
// database call around it.
func (r *reader) swallowed(i int32) bool {
	p := r.Trace.Nodes[i].Parent
	return p >= 0 && r.wrapper[p] && text(&r.Trace.Spans[p], keysDBSystem) != "" && text(&r.Trace.Spans[i], keysDBSystem) == ""
}

// collect finds every attempt and groups the attempts into calls.
func (r *reader) collect() {
	t := r.Trace
	var g grouper
	for _, i := range r.tops {
		n := &t.Nodes[i]
		if n.Parent < 0 && t.Spans[i].Kind == trace.KindConsumer {
			if queue, ok := PeerOf(&t.Spans[i]); ok && queue.Kind == Queue {
				r.delivered(&g, queue, i)
			}
		}
		switch {
		case t.Spans[i].Kind == trace.KindProducer:
			r.published(&g, i)
		case r.wrapper[i] && text(&t.Spans[i], keysDBSystem) != "" && !r.clientChildIsDB(i):
			r.unpaired(&g, i)
		case r.clientLike(i):
			served := false // by a callee that was seen
			for _, c := range n.Children {
				if r.enters(c) {
					r.paired(&g, i, c)
					served = true
				}
			}
			if !served {
				r.unpaired(&g, i)
			}
		default:
			for _, c := range n.Children {
				if r.enters(c) {
					r.paired(&g, -1, c)
				}
			}
		}
	}
}

// published adds the sending of a message and the deliveries seen below it. With
// the queue known, they are calls to it and from it.
func (r *reader) published(g *grouper, i int32) {
	queue, known := PeerOf(&r.Trace.Spans[i])
	if known {
		r.unpaired(g, i)
	}
	for _, c := range r.Trace.Nodes[i].Children {
		if !r.enters(c) {
			continue
		}
		if !known {
			r.paired(g, i, c)
			continue
		}
		r.delivered(g, queue, c)
	}
}

// delivered adds the handing of a message from its queue to the consumer whose
// visit begins with span i.
func (r *reader) delivered(g *grouper, queue NodeID, i int32) {
	v := &r.Visits[r.VisitOf[i]]
	call := Call{Caller: queue, Callee: v.Node, Operation: v.Operation, Async: true}
	r.add(g, call, Attempt{Parent: -1, Client: -1, Server: i, Outcome: OutcomeOf(&r.Trace.Spans[i])})
}

func (r *reader) clientChildIsDB(i int32) bool {
	for _, c := range r.Trace.Nodes[i].Children {
		if s := &r.Trace.Spans[c]; s.Kind == trace.KindClient && text(s, keysDBSystem) != "" {
			return true
		}
	}
	return false
}

// paired adds an attempt of which the callee's side was seen. client is -1
// where the callee hangs directly below a span of the caller.
func (r *reader) paired(g *grouper, client, server int32) {
	t := r.Trace
	v := &r.Visits[r.VisitOf[server]]
	at := client
	if at < 0 {
		at = t.Nodes[server].Parent
	}
	call := Call{Caller: r.services[at], Callee: v.Node, Operation: v.Operation, Async: t.Nodes[server].Async}
	a := Attempt{Parent: t.Nodes[at].Parent, Client: client, Server: server}
	if client < 0 {
		a.Parent = at
		a.Outcome = OutcomeOf(&t.Spans[server])
	} else {
		a.Outcome = r.attemptOutcome(client, server)
	}
	r.add(g, call, a)
}

// attemptOutcome is the client's word, but for a failure whose callee worked on
// after the client had left: that is a deadline, whatever it was called.
func (r *reader) attemptOutcome(client, server int32) Outcome {
	t := r.Trace
	o := OutcomeOf(&t.Spans[client])
	if o == Failed && !t.Nodes[server].Async && t.Nodes[server].Notes&trace.NoteOutlives != 0 &&
		t.Spans[server].End+t.Nodes[server].Shift > t.Nodes[client].End {
		return TimedOut
	}
	return o
}

// unpaired adds an attempt of which only the caller's side was seen.
func (r *reader) unpaired(g *grouper, client int32) {
	s := &r.Trace.Spans[client]
	peer, ok := PeerOf(s)
	if !ok {
		if s.Kind != trace.KindClient && s.Kind != trace.KindProducer {
			return
		}
		peer = NodeID{Kind: External}
	}
	call := Call{Caller: r.services[client], Callee: peer, Operation: OperationOf(s), Async: s.Kind == trace.KindProducer}
	r.add(g, call, Attempt{Parent: r.Trace.Nodes[client].Parent, Client: client, Server: -1, Outcome: OutcomeOf(s)})
}

func (r *reader) add(g *grouper, call Call, a Attempt) {
	at := g.place(r, &call, a)
	if at < 0 {
		at = len(r.Calls)
		r.Calls = append(r.Calls, call)
	}
	c := &r.Calls[at]
	c.Attempts = append(c.Attempts, a)
	n := int32(len(c.Attempts) - 1)
	if n > 0 && call.Callee.Kind == Service && c.Callee.Kind != Service {
		c.Callee, c.Operation = call.Callee, call.Operation // a later attempt was seen at the callee
	}
	if a.Client >= 0 {
		r.CallOf[a.Client], r.AttemptOf[a.Client] = int32(at), n
	}
	if a.Server >= 0 {
		v := &r.Visits[r.VisitOf[a.Server]]
		v.Call, v.Attempt = int32(at), n
	}
}

// weigh computes each visit's logical share. Visits come parents first.
func (r *reader) weigh() {
	for i := range r.Visits {
		v := &r.Visits[i]
		if v.Parent >= 0 {
			v.Logical = r.Visits[v.Parent].Logical
		}
		if v.Call >= 0 {
			v.Logical /= float64(len(r.Calls[v.Call].Attempts))
		}
	}
}
