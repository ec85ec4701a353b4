package simulate

// outcome is how an attempt, a step or a visit ended.
type outcome uint8

const (
	ok          outcome = iota
	failed              // an answer came, and it was a failure
	timedOut            // the client's deadline passed
	rejected            // full: turned away before any work was done
	refused             // nobody listens there
	reset               // the other side died while it worked
	circuitOpen         // the client's breaker let nothing through
	poolTimeout         // no connection became free in time
	notFound            // the client's own fault: no failure of the call
	outcomes
)

// visit is one request, or one message, in work at an instance.
type visit struct {
	inst    *instance
	op      *operation
	flow    *flow
	att     *attempt // who waits for the answer; nil for a message
	msg     *message // nil for a request
	span    spanRef
	parent  spanRef
	start   int64   // of the span
	own     float64 // own time drawn, in ns
	verdict outcome // of its own code
	worked  int64   // time at its own work, in ns
	blamed  bool    // a call of it failed
	place   int     // in inst.active
}

// accept takes a request in at an instance: to a worker, into the queue, or
// not at all.
func (e *engine) accept(in *instance, a *attempt) {
	switch in.state {
	case dead:
		e.answer(a, refused)
		return
	case hung:
		e.forsake(a)
		return
	}
	a.arrived = e.now
	limit := int(in.service.workers.value)
	switch {
	case limit == 0 || in.working < limit:
		e.begin(in, a)
	case in.queue.len() < in.service.spec.Queue:
		in.service.queued.add(e.now, 1)
		in.queue.push(a)
	default:
		e.emitRejected(in, a)
		e.answer(a, rejected)
	}
}

// begin gives a request to a worker.
func (e *engine) begin(in *instance, a *attempt) {
	in.working++
	v := e.visits.get()
	*v = visit{inst: in, op: a.step.target, flow: a.flow, att: a, start: e.now, parent: a.span}
	if in.service.spec.SpanStarts == "accept" {
		v.start = a.arrived
	}
	e.enter(v)
}

// enter starts the work on a request or message.
func (e *engine) enter(v *visit) {
	in, op := v.inst, v.op
	v.flow.hold()
	v.span = in.newSpan()
	v.own = op.time.draw(in.rng)
	v.verdict = e.judge(v)
	in.service.inside.add(e.now, 1)
	v.place = len(in.active)
	in.active = append(in.active, v)
	r := e.runs.get()
	*r = run{visit: v, steps: op.steps, span: v.span, epoch: in.epoch}
	if v.verdict != ok {
		r.steps = op.steps[:1] // only the first stretch of its own time
	}
	r.advance(e)
}

// skipped is the verdict on a request that returns early without an error.
const skipped = outcomes

// judge decides whether the visit's own code fails.
func (e *engine) judge(v *visit) outcome {
	in, op := v.inst, v.op
	bad := op.errors.value + in.errors.value + in.service.errors.value
	early := op.skip.value + in.skip.value + in.service.skip.value
	x := in.rng.Float64()
	in.service.failed.add(0, 1)
	switch {
	case x < bad:
		in.service.failed.add(1, 0)
		return failed
	case x < bad+early:
		in.service.failed.add(1, 0)
		return skipped
	case x < bad+early+op.notFound:
		return notFound
	}
	return ok
}

// finishVisit ends a visit whose run is done.
func (e *engine) finishVisit(v *visit, result outcome) {
	in := v.inst
	switch {
	case result != ok:
	case v.verdict == skipped:
		v.flow.hollow = true
	default:
		result = v.verdict
	}
	e.emitServer(v, result)
	e.leave(v)
	if v.msg != nil {
		e.finishMessage(v, result)
	} else {
		e.answer(v.att, answerTo(result))
		in.working--
		e.serveQueue(in)
	}
	v.flow.release(e)
	e.visits.put(v)
}

// answerTo is what a client sees of a visit that ended so.
func answerTo(result outcome) outcome {
	if result == ok || result == notFound {
		return result
	}
	return failed
}

// serveQueue gives free workers to who waits.
func (e *engine) serveQueue(in *instance) {
	for in.queue.len() > 0 {
		if limit := int(in.service.workers.value); limit > 0 && in.working >= limit {
			return
		}
		in.service.queued.add(e.now, -1)
		e.begin(in, in.queue.pop())
	}
}

// leave takes a visit from its instance's list.
func (e *engine) leave(v *visit) {
	in := v.inst
	in.service.inside.add(e.now, -1)
	last := in.active[len(in.active)-1]
	in.active[v.place] = last
	last.place = v.place
	in.active[len(in.active)-1] = nil
	in.active = in.active[:len(in.active)-1]
}

// dropVisit forgets a visit of a process that died.
func (e *engine) dropVisit(v *visit) {
	v.flow.release(e)
	e.visits.put(v)
}
