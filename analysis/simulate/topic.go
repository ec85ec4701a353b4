package simulate

// topic is a message queue on a broker. Every consumer gets every message.
type topic struct {
	name   string
	broker *station
	groups []*group
}

// group is the consumers of one service on one topic.
type group struct {
	topic        *topic
	service      *service
	op           *operation
	slot         int // its place in instance.consumed
	concurrency  int
	redeliveries int
	turn         int
	backlog      fifo[*message]
	waiting      gauge
	paused       knob
	book         edgeBook
}

// message is one message for one group.
type message struct {
	group *group
	flow  *flow
	from  spanRef // the producer's span
	trace traceRef
	tries int
	sent  int64 // when sending it began
	seen  int64 // when a delivery began that has a span, the first or the last; 0 for none
}

// publish puts a message into every group's backlog.
func (e *engine) publish(t *topic, f *flow, from spanRef, sent int64) {
	for _, g := range t.groups {
		m := e.messages.get()
		*m = message{group: g, from: from, trace: f.trace, flow: f, sent: sent}
		if e.linkOnly {
			m.flow = e.newFlow(nil)
			m.flow.follow(f)
		}
		m.flow.hold()
		g.book.now.calls++
		g.waiting.add(e.now, 1)
		g.backlog.push(m)
		e.dispatch(g)
	}
}

// dispatch gives waiting messages to instances that have room.
func (e *engine) dispatch(g *group) {
	for g.backlog.len() > 0 && g.paused.value == 0 {
		in := g.free()
		if in == nil {
			return
		}
		g.waiting.add(e.now, -1)
		e.consume(in, g.backlog.pop())
	}
}

// free finds an instance with room for a message.
func (g *group) free() *instance {
	n := max(1, min(int(g.service.replicas.value), len(g.service.instances)))
	for range n {
		g.turn++
		in := g.service.instances[g.turn%n]
		if in.state == alive && in.consumed[g.slot] < g.concurrency {
			return in
		}
	}
	return nil
}

// consume works on a message.
func (e *engine) consume(in *instance, m *message) {
	g := m.group
	in.consumed[g.slot]++
	if m.tries++; m.tries == 1 {
		g.book.try(m.flow.trace)
	}
	g.book.now.attempts++
	g.book.now.observable++
	v := e.visits.get()
	*v = visit{inst: in, op: g.op, flow: m.flow, msg: m, start: e.now}
	if !e.linkOnly {
		v.parent = m.from
	}
	e.enter(v)
}

// finishMessage ends the work on a message: done, or back into the queue.
func (e *engine) finishMessage(v *visit, o outcome) {
	m := v.msg
	g := m.group
	v.inst.consumed[g.slot]--
	if o != ok && o != notFound && m.tries <= g.redeliveries {
		g.waiting.add(e.now, 1)
		g.backlog.push(m)
	} else {
		m.flow.release(e)
		e.messages.put(m)
	}
	e.dispatch(g)
}
