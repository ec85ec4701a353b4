package graph

import "headwater/graph/trace"

// collect finds every attempt and groups the attempts into calls.
func (r *Reading) collect() {
	t := r.Trace
	for _, i := range r.tops {
		n := &t.Nodes[i]
		if r.linked(i) == 0 && n.Parent < 0 && t.Spans[i].Kind == trace.KindConsumer && r.facts[i].peerKind == Queue {
			r.delivered(r.facts[i].peer, i, nil)
		}
		switch {
		case t.Spans[i].Kind == trace.KindProducer:
			r.published(i)
		case r.wrapper[i] && r.facts[i].database && !r.clientChildIsDB(i):
			r.unpaired(i)
		case r.clientLike(i):
			r.called(i)
		default:
			for _, c := range n.Children {
				if r.enters(c) {
					r.paired(-1, c)
				}
			}
		}
	}
}

// called adds the call whose caller's side is span i: with the callee's side
// where it was seen. Several stays at the callee below one client span are
// attempts that the client hid.
func (r *Reading) called(i int32) {
	n := &r.Trace.Nodes[i]
	first := -1
	for _, c := range n.Children {
		if !r.enters(c) {
			continue
		}
		if first < 0 || !r.hidden(first, i, c) {
			at := r.paired(i, c)
			if first < 0 {
				first = at
			}
		}
	}
	if first < 0 {
		r.unpaired(i)
	}
}

// hidden adds server span c to the call that client span i made, where it is the
// same request once more.
func (r *Reading) hidden(call int, i, c int32) bool {
	t := r.Trace
	k := &r.Calls[call]
	if t.Spans[i].Kind != trace.KindClient || k.Async || t.Nodes[c].Async || k.Callee != r.facts[c].node || k.Operation != r.facts[c].operation {
		return false
	}
	// What the client says is how the last attempt ended.
	before := &r.attempts[k.last]
	next := Attempt{Parent: before.Parent, Client: i, Server: c, Outcome: before.Outcome, Part: true}
	before.Part = true
	switch served := t.Spans[before.Server].Outcome; {
	case t.Nodes[before.Server].RawEnd > t.Nodes[c].Start:
		before.Outcome = TimedOut
	case served != OK:
		before.Outcome = served
	default:
		before.Outcome = Failed
	}
	r.join(call, next)
	return true
}

// published adds the sending of a message and the deliveries seen below it. With
// the queue known, they are calls to it and from it.
func (r *Reading) published(i int32) {
	queue := r.facts[i].peer
	if queue >= 0 {
		r.unpaired(i)
	}
	first := len(r.Calls)
	for _, c := range r.Trace.Nodes[i].Children {
		switch {
		case !r.enters(c):
		case queue < 0:
			r.paired(i, c)
		case !r.redelivered(first, c):
			r.delivered(queue, c, nil)
		}
	}
}

// redelivered adds consumer span c to the call, from the first on, by which the same
// message came before: to the same consumer, which had failed by then.
func (r *Reading) redelivered(first int, c int32) bool {
	t := r.Trace
	for at := len(r.Calls) - 1; at >= max(first, len(r.Calls)-openCalls); at-- {
		call := &r.Calls[at]
		last := r.attempts[call.last]
		if call.Callee != r.facts[c].node || call.Operation != r.facts[c].operation || !call.Async || last.Server < 0 ||
			t.Spans[last.Server].Outcome == OK || t.Nodes[last.Server].RawEnd > t.Nodes[c].Start+attemptOverlap {
			continue
		}
		r.join(at, Attempt{Parent: -1, Client: -1, Server: c, Outcome: t.Spans[c].Outcome})
		return true
	}
	return false
}

// delivered adds the handing of a message from its queue to the consumer whose
// visit span i belongs to.
func (r *Reading) delivered(from, i int32, sender *Sender) {
	vi := r.VisitOf[i]
	v := &r.Visits[vi]
	had := v.Call
	call := Call{Caller: from, Callee: v.Node, Operation: v.Operation, Async: true}
	r.add(call, Attempt{Parent: -1, Client: -1, Server: i, Outcome: r.Trace.Spans[i].Outcome, Sender: sender})
	if had >= 0 { // of several messages that came at once, the first stands for the visit
		v.Call = had
	}
}

func (r *Reading) clientChildIsDB(i int32) bool {
	for _, c := range r.Trace.Nodes[i].Children {
		if r.Trace.Spans[c].Kind == trace.KindClient && r.facts[c].database {
			return true
		}
	}
	return false
}

// paired adds an attempt of which the callee's side was seen, and gives its
// call. client is -1 where the callee hangs directly below a span of the caller.
func (r *Reading) paired(client, server int32) int {
	t := r.Trace
	v := &r.Visits[r.VisitOf[server]]
	at := client
	if at < 0 {
		at = t.Nodes[server].Parent
	}
	call := Call{Caller: r.facts[at].node, Callee: v.Node, Operation: v.Operation, Async: t.Nodes[server].Async}
	a := Attempt{Parent: t.Nodes[at].Parent, Client: client, Server: server}
	if client < 0 {
		a.Parent = at
		a.Outcome = t.Spans[server].Outcome
	} else {
		a.Outcome = r.attemptOutcome(client, server)
	}
	return r.add(call, a)
}

// attemptOutcome is the client's word, but for a failure whose callee worked on
// after the client had left: that is a deadline, whatever it was called.
func (r *Reading) attemptOutcome(client, server int32) Outcome {
	t := r.Trace
	o := t.Spans[client].Outcome
	if o == Failed && !t.Nodes[server].Async && t.Nodes[server].Notes&trace.NoteOutlives != 0 &&
		t.Spans[server].End+t.Nodes[server].Shift > t.Nodes[client].End {
		return TimedOut
	}
	return o
}

// unpaired adds an attempt of which only the caller's side was seen.
func (r *Reading) unpaired(client int32) {
	s := &r.Trace.Spans[client]
	peer := r.facts[client].peer
	if peer < 0 {
		if s.Kind != trace.KindClient && s.Kind != trace.KindProducer {
			return
		}
		peer = r.lex.nodes.number(NodeID{Kind: External})
	}
	call := Call{Caller: r.facts[client].node, Callee: peer, Operation: r.facts[client].operation, Async: s.Kind == trace.KindProducer}
	r.add(call, Attempt{Parent: r.Trace.Nodes[client].Parent, Client: client, Server: -1, Outcome: s.Outcome})
}

// add puts an attempt into the call that it goes on with, or into a new one, and
// gives that call.
func (r *Reading) add(call Call, a Attempt) int {
	at := r.goesOn(&call, &a)
	if at < 0 {
		at = len(r.Calls)
		call.last, call.next, call.Unseen = none, none, r.unseen(&a)
		r.Calls = append(r.Calls, call)
		r.leaveOpen(at, &a)
	}
	c := &r.Calls[at]
	if c.last >= 0 && r.Node(call.Callee).Kind == Service && r.Node(c.Callee).Kind != Service {
		c.Callee, c.Operation = call.Callee, call.Operation // a later attempt was seen at the callee
	}
	r.join(at, a)
	return at
}

// join adds an attempt to a call. Which attempt of the call it is, gather finds
// out.
func (r *Reading) join(call int, a Attempt) {
	a.call = int32(call)
	c := &r.Calls[call]
	c.last = int32(len(r.attempts))
	r.attempts = append(r.attempts, a)
	if a.Client >= 0 {
		r.CallOf[a.Client] = a.call
	}
	if a.Server >= 0 {
		r.Visits[r.VisitOf[a.Server]].Call = a.call
	}
}

// aged adds the age of a message to the visit that it led to.
func (r *Reading) aged(a *Attempt) {
	if a.Client >= 0 || a.Parent >= 0 {
		return
	}
	if age := r.age(a); age >= 0 {
		v := &r.Visits[r.VisitOf[a.Server]]
		v.messages++
		v.age += age
	}
}

// gather puts the attempts of each call side by side, and notes the place of
// each.
func (r *Reading) gather() {
	for i := range r.Calls {
		r.Calls[i].next = 0 // from here on: how many attempts it has
	}
	for i := range r.attempts {
		r.Calls[r.attempts[i].call].next++
	}
	r.sorted = filled(r.sorted, len(r.attempts), Attempt{})
	at := int32(0)
	for i := range r.Calls {
		c := &r.Calls[i]
		c.Attempts = r.sorted[at : at : at+c.next]
		at += c.next
	}
	for i := range r.attempts {
		a := &r.attempts[i]
		c := &r.Calls[a.call]
		n := int32(len(c.Attempts))
		c.Attempts = append(c.Attempts, *a)
		if a.Client >= 0 {
			r.AttemptOf[a.Client] = n
		}
		if a.Server >= 0 {
			if v := &r.Visits[r.VisitOf[a.Server]]; v.Call == a.call && v.Attempt < 0 {
				v.Attempt = n
			}
			r.aged(a)
		}
	}
}
