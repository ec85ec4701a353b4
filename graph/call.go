package graph

import "headwater/graph/trace"

// Call is one logical invocation of a callee, in one or more attempts. Nodes and
// operations are numbers of the Reading: see Reading.Node and Reading.Word.
type Call struct {
	Caller, Callee int32
	// Operation is what the callee was asked for, as the callee names it where
	// it was seen, else as the caller does.
	Operation int32
	// Async is set where the caller does not wait for the callee.
	Async    bool
	Attempts []Attempt // in order of start; at least one
	// Unseen are attempts that the client says came before, and of which no span
	// came.
	Unseen int32

	last, next int32 // the last attempt while reading; the next open call of the span
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
	// Part is set where the client hid several attempts in one span: the attempt
	// is a part of Client, from the callee's start on but for the first.
	Part bool
	// Sender is set where the attempt is a message that was sent in another
	// trace, which a span link points at.
	Sender *Sender

	call int32
}

// Outcome is how the call ended: as its last attempt did.
func (c *Call) Outcome() Outcome { return c.Attempts[len(c.Attempts)-1].Outcome }

// Visit is the stay of a request at one service: the span by which it entered
// and the spans below it of the same service.
type Visit struct {
	Node      int32
	Operation int32
	Entry     int32 // span
	// Parent is the visit from which this one was called, or -1.
	Parent int32
	// Call and Attempt say by which call it came; -1 for roots.
	Call, Attempt int32
	// Logical is this visit's share of one visit, were no call repeated: 1
	// divided by the attempts of every call on the way here, messages aside.
	Logical float64

	messages int64 // that it came by, with their senders seen
	age      int64 // how long they waited, in ns; the mean
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

	lex      *lexicon
	senders  Senders
	facts    []*facts // of each span
	tops     []int32  // spans with every parent before its children
	attempts []Attempt
	sorted   []Attempt
	open     []int32 // of each family: the newest call made from it that may go on, or -1
	met      map[delivery]struct{}
}

// Read finds the visits, calls and attempts of a trace. Senders finds what its
// span links point at; nil finds nothing.
func Read(t *trace.Trace, senders Senders) *Reading {
	r := &Reading{lex: newLexicon(), senders: senders}
	r.read(t)
	return r
}

// Next reads another trace: what was read before is gone, and its numbers with it. Of
// traces whose spans share their classes that costs much less than to Read each.
func (r *Reading) Next(t *trace.Trace) {
	if r.lex.full() {
		r.lex = newLexicon()
	}
	r.read(t)
}

// Node is the node of a number.
func (r *Reading) Node(number int32) NodeID { return r.lex.nodes.list[number] }

// Word is the operation of a number.
func (r *Reading) Word(number int32) string { return r.lex.words.list[number] }

// read reads a trace; what was read before is gone.
func (r *Reading) read(t *trace.Trace) {
	n := len(t.Spans)
	r.Trace = t
	r.Visits, r.Calls = r.Visits[:0], r.Calls[:0]
	r.VisitOf, r.CallOf, r.AttemptOf = filled(r.VisitOf, n, none), filled(r.CallOf, n, none), filled(r.AttemptOf, n, none)
	r.open = filled(r.open, 2*n, none)
	r.wrapper = filled(r.wrapper, n, false)
	r.facts = filled(r.facts, n, nil)
	r.tops, r.attempts = r.tops[:0], r.attempts[:0]
	clear(r.met)
	var last *trace.Class
	var of *facts
	for i := range t.Spans {
		if c := t.Spans[i].Class; c != last {
			last, of = c, r.lex.of(c)
		}
		r.facts[i] = of
	}
	r.findWrappers()
	r.visit()
	r.collect()
	r.gather()
	r.weigh()
}

// filled is a list of n times the value, in the memory of the list where it is
// large enough.
func filled[T any](list []T, n int, v T) []T {
	if cap(list) < n {
		list = make([]T, n)
	}
	list = list[:n]
	for i := range list {
		list[i] = v
	}
	return list
}

// enters reports whether span i is the first of a visit: a root, of another
// service than its parent, or the serving side of a call to itself.
func (r *Reading) enters(i int32) bool {
	p := r.Trace.Nodes[i].Parent
	if p < 0 || r.facts[i].node != r.facts[p].node {
		return true
	}
	k, pk := r.Trace.Spans[i].Kind, r.Trace.Spans[p].Kind
	return k == trace.KindServer && pk == trace.KindClient || k == trace.KindConsumer && pk == trace.KindProducer
}

// visit assigns each span to its visit, parents first.
func (r *Reading) visit() {
	t := r.Trace
	r.tops = append(r.tops, t.Roots...)
	for at := 0; at < len(r.tops); at++ {
		i := r.tops[at]
		if r.enters(i) {
			v := Visit{Node: r.facts[i].node, Operation: r.facts[i].operation, Entry: i, Parent: -1, Call: -1, Attempt: -1, Logical: 1}
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
func (r *Reading) findWrappers() {
	t := r.Trace
	for i := range t.Spans {
		p := t.Nodes[i].Parent
		if t.Spans[i].Kind == trace.KindClient && p >= 0 && t.Spans[p].Kind == trace.KindClient && r.facts[i].node == r.facts[p].node {
			r.wrapper[p] = true
		}
	}
}

// clientLike reports whether span i is the caller's side of a call. Where kinds
// are missing, a span inside a visit whose only child is a visit to another
// service is one.
func (r *Reading) clientLike(i int32) bool {
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
func (r *Reading) swallowed(i int32) bool {
	p := r.Trace.Nodes[i].Parent
	return p >= 0 && r.wrapper[p] && r.facts[p].database && !r.facts[i].database
}

// weigh computes each visit's logical share, and the mean age of its messages.
// Visits come parents first.
func (r *Reading) weigh() {
	for i := range r.Visits {
		v := &r.Visits[i]
		if v.Parent >= 0 {
			v.Logical = r.Visits[v.Parent].Logical
		}
		if v.Call >= 0 && !r.Calls[v.Call].Async { // each delivery is a request of its own
			v.Logical /= float64(len(r.Calls[v.Call].Attempts))
		}
		if v.messages > 0 {
			v.age /= v.messages
		}
	}
}
