package simulate

// call is one logical call by a run: one attempt or several.
type call struct {
	run    *run   // nil for a user's
	entry  *entry // of a user's
	step   *step
	link   *link
	flow   *flow
	gen    uint64
	waits  bool // for a connection
	trial  bool // the breaker's single try
	hollow bool // the answer is not what it should be
	shown  bool // a user's: some attempt of it is recorded
	tries  int
	parent spanRef // of the attempts' spans
	wrap   spanRef // span around all attempts, if there is one
	began  int64
	sent   int64 // when the first attempt was sent; 0 before
	last   outcome
	url    string
	seen   sight // by the spans made so far
}

// waiter is a call in line for a connection; the generation tells whether it is
// still the same call.
type waiter struct {
	call *call
	gen  uint64
}

// attempt is one try of a call. It lives until both sides are done with it.
type attempt struct {
	call       *call // while the client waits
	gen        uint64
	step       *step
	link       *link
	flow       *flow
	url        string
	inst       *instance // callee; nil for a station
	span       spanRef
	first      int64 // when the first attempt of the call was sent
	start      int64
	arrived    int64
	result     outcome
	clientDone bool
	serverDone bool
}

// The events of calls and attempts, in the low bits of their argument.
const (
	evRetry uint64 = iota + 1
	evAcquire
	evArrive
	evAnswer
	evTimeout
	evServed
	eventBits = 3
)

// startCall makes a call for the step at hand of a run.
func (e *engine) startCall(r *run, st *step) {
	c := e.calls.get()
	gen := c.gen
	in := r.visit.inst
	*c = call{run: r, step: st, link: in.links[st.edge.index], flow: r.visit.flow, gen: gen, parent: r.span, began: e.now}
	e.dial(c)
}

// dial makes the first attempt of a call.
func (e *engine) dial(c *call) {
	l := c.link
	l.edge.book.now.calls++
	if b := l.edge.budget.value; b > 0 {
		l.tokens = min(l.tokens+b, 10+10*b)
	}
	if l.edge.wraps && c.run != nil {
		c.wrap = c.run.visit.inst.newSpan()
		if l.edge.policy.AttemptSpans {
			c.parent = c.wrap
		}
	}
	c.url = e.urlOf(c)
	e.try(c)
}

// try gets a connection for the next attempt.
func (e *engine) try(c *call) {
	l := c.link
	if !l.breaker.allows(e.now, l.edge.breaker(), c) {
		c.last = circuitOpen
		e.agenda.add(e.now, c, c.gen<<eventBits|evRetry)
		return
	}
	limit := int(l.edge.connections.value)
	if limit > 0 && l.inUse >= limit {
		c.waits = true
		l.waiters.push(waiter{c, c.gen})
		if wait := l.edge.policy.Acquire; wait > 0 {
			e.agenda.add(e.now+int64(wait), c, c.gen<<eventBits|evAcquire)
		}
		return
	}
	l.inUse++
	e.send(c)
}

// send makes one attempt over a connection that it has.
func (e *engine) send(c *call) {
	l := c.link
	ed := l.edge
	c.tries++
	ed.book.now.attempts++
	if !ed.policy.HideRetries || c.tries == 1 {
		ed.book.now.observable++
	}
	if c.run == nil {
		c.flow = e.newFlow(c.step.target)
		c.shown = c.shown || c.flow.trace.sampled
	}
	if c.sent == 0 {
		c.sent = e.now
		ed.book.try(c.flow.trace)
	}
	a := e.attempts.get()
	gen := a.gen
	*a = attempt{first: c.sent, call: c, gen: gen, step: c.step, link: l, flow: c.flow, url: c.url, start: e.now}
	a.flow.hold()
	switch {
	case c.run == nil:
	case ed.policy.HideRetries:
		a.span = c.wrap
	default:
		a.span = c.run.visit.inst.newSpan()
	}
	if ed.callee != nil {
		a.inst = l.choose(ed.callee)
	}
	if t := ed.timeout.value; t > 0 {
		e.agenda.add(e.now+int64(t), a, gen<<eventBits|evTimeout)
	}
	if ed.refused.value > 0 && l.rng.Float64() < ed.refused.value {
		e.answer(a, refused)
		return
	}
	if ed.lost.value > 0 && l.rng.Float64() < ed.lost.value {
		e.forsake(a)
		return
	}
	e.agenda.add(e.now+l.travel(), a, gen<<eventBits|evArrive)
}

// travel is the time of one way over the network.
func (l *link) travel() int64 {
	return int64(l.edge.delay.value * (0.75 + 0.5*l.rng.Float64()))
}

// choose picks the instance that gets the next attempt.
func (l *link) choose(s *service) *instance {
	n := max(1, min(int(s.replicas.value), len(s.instances)))
	if s.spec.Balance == "random" {
		return s.instances[l.rng.IntN(n)]
	}
	l.turn++
	return s.instances[l.turn%n]
}

func (c *call) fire(e *engine, arg uint64) {
	if arg>>eventBits != c.gen {
		return
	}
	switch arg & (1<<eventBits - 1) {
	case evRetry:
		if c.last == circuitOpen || c.gone() {
			e.finishCall(c, c.last)
			return
		}
		e.try(c)
	case evAcquire:
		if c.waits {
			c.waits = false
			c.tries++
			e.attempted(c, poolTimeout)
		}
	}
}

func (a *attempt) fire(e *engine, arg uint64) {
	if arg>>eventBits != a.gen {
		return
	}
	switch arg & (1<<eventBits - 1) {
	case evArrive:
		if a.inst != nil {
			e.accept(a.inst, a)
		} else {
			e.queueAt(a.step.edge.station, a)
		}
	case evServed:
		e.served(a)
	case evAnswer:
		e.settle(a, a.result)
	case evTimeout:
		e.settle(a, timedOut)
	}
}

// answer sends the callee's answer back. A nil attempt has nobody waiting.
func (e *engine) answer(a *attempt, o outcome) {
	a.serverDone = true
	if a.clientDone {
		e.freeAttempt(a)
		return
	}
	a.result = o
	e.agenda.add(e.now+a.link.travel(), a, a.gen<<eventBits|evAnswer)
}

// forsake marks an attempt that will never be answered.
func (e *engine) forsake(a *attempt) {
	a.serverDone = true
	if a.clientDone {
		e.freeAttempt(a)
	}
}

func (e *engine) freeAttempt(a *attempt) {
	a.gen++
	a.flow.release(e)
	e.attempts.put(a)
}

// settle ends an attempt at the client's side.
func (e *engine) settle(a *attempt, o outcome) {
	if a.clientDone {
		return
	}
	c := a.call
	a.clientDone = true
	e.emitClient(c, a, o)
	if e.meter != nil {
		e.meter.attempt(c, a, o, e.now)
	}
	e.releaseConn(c.link)
	if o == ok && c.step.edge.station != nil {
		e.afterStation(c, a)
	}
	a.call = nil
	c.hollow = a.flow.hollow
	if a.serverDone {
		e.freeAttempt(a)
	}
	e.attempted(c, o)
}

// releaseConn gives the connection back, or to who waits for one.
func (e *engine) releaseConn(l *link) {
	for l.waiters.len() > 0 {
		w := l.waiters.pop()
		if w.call.gen == w.gen && w.call.waits {
			w.call.waits = false
			e.send(w.call)
			return
		}
	}
	l.inUse--
}

// widen gives connections to who waits, where there may now be more of them.
func (e *engine) widen(l *link) {
	for l.waiters.len() > 0 && (l.edge.connections.value < 1 || l.inUse < int(l.edge.connections.value)) {
		l.inUse++
		e.releaseConn(l)
	}
}

// attempted takes the outcome of an attempt: the call ends, or tries again.
func (e *engine) attempted(c *call, o outcome) {
	l := c.link
	p := l.edge.policy
	good := o == ok || o == notFound
	l.breaker.note(e.now, l.edge.breaker(), c, good)
	c.last = o
	if good || c.tries+1 > int(l.edge.attempts.value) || !l.mayRetry() || c.gone() {
		e.finishCall(c, o)
		return
	}
	wait := float64(p.Backoff) * float64(int64(1)<<min(max(c.tries-1, 0), 10))
	wait *= 1 - p.Jitter*l.rng.Float64()
	e.agenda.add(e.after(wait), c, c.gen<<eventBits|evRetry)
}

// gone reports whether the process that made the call died meanwhile.
func (c *call) gone() bool { return c.run != nil && c.run.epoch != c.run.visit.inst.epoch }

// mayRetry takes a token from the retry budget, where there is one.
func (l *link) mayRetry() bool {
	if l.edge.budget.value <= 0 {
		return true
	}
	if l.tokens < 1 {
		return false
	}
	l.tokens--
	return true
}

// finishCall hands the call's outcome to the run that made it.
func (e *engine) finishCall(c *call, o outcome) {
	if !c.wrap.id.IsZero() {
		e.emitWrap(c, o)
	}
	e.sightedCall(c)
	if e.meter != nil {
		e.meter.call(c, o)
	}
	r, st := c.run, c.step
	if r == nil {
		e.finishUser(c, o)
	}
	c.gen++
	c.run = nil
	e.calls.put(c)
	if r == nil {
		return
	}
	r.visit.inst.service.waiting.add(e.now, -1)
	if o == notFound {
		o = ok
	}
	if st.kind == stepGet && r.epoch == r.visit.inst.epoch {
		if o != ok || r.visit.inst.rng.Float64() >= st.edge.station.hit() {
			r.pending = 1
			e.fork(r, st, st.children).advance(e)
			return
		}
	}
	r.settle(e, o)
}

// afterStation does what a station's good answer brings about.
func (e *engine) afterStation(c *call, a *attempt) {
	if c.step.kind == stepPublish {
		e.publish(c.step.edge.topic, c.flow, a.span, a.start)
	}
}
