package simulate

import "math"

// stepKind says what a step does.
type stepKind uint8

const (
	stepOwn      stepKind = iota // a share of the operation's own time
	stepWork                     // own time of a given length
	stepCall                     // call another service
	stepQuery                    // ask a database or an external system
	stepGet                      // ask a cache, and do the miss steps on a miss
	stepPublish                  // send a message
	stepParallel                 // all children at once
	stepInternal                 // children within an internal span
	stepCommit                   // a step of a workflow is done
)

// step is a compiled step of an operation.
type step struct {
	kind     stepKind
	share    float64 // of the operation's own time
	time     dist    // stepWork; a query's own time where set
	edge     *edge
	target   *operation  // stepCall
	on       *collection // stepQuery, may be nil
	children []step
	chance   float64
	times    int
	optional bool // failure is swallowed
	name     string
	commit   string // the step of the workflow that is done where this query succeeds
	form     clientForm
}

// run executes a list of steps, one after the other, on behalf of a visit.
// Parallel branches, internal spans and cache misses are runs below a run.
type run struct {
	visit     *visit
	parent    *run
	steps     []step
	at        int // next step
	again     int // how often the step at hand still repeats
	pending   int // children not yet done
	result    outcome
	span      spanRef // parent of what the steps emit
	epoch     uint64
	opened    int64   // start of an internal span
	busySince int64   // start of a stretch of own work
	usual     float64 // how long it should take, in ns
	within    *step   // the step that made this run, nil for a visit's
}

// advance goes on until a step has to wait, or all are done.
func (r *run) advance(e *engine) {
	v := r.visit
	for {
		if r.epoch != v.inst.epoch {
			e.endRun(r) // the process died
			return
		}
		if r.again == 0 {
			if r.at == len(r.steps) || r.result != ok {
				e.finishRun(r)
				return
			}
			st := &r.steps[r.at]
			r.at++
			if r.again = v.inst.often(st); r.again == 0 {
				continue
			}
		}
		r.again--
		if e.perform(r, &r.steps[r.at-1]) {
			return
		}
	}
}

// settle takes the outcome of the step at hand and goes on.
func (r *run) settle(e *engine, o outcome) {
	if name := r.steps[r.at-1].commit; name != "" && o == ok && r.epoch == r.visit.inst.epoch {
		r.visit.flow.commit(name)
	}
	if o != ok && !r.steps[r.at-1].swallows() {
		r.result = o
		r.again = 0
	}
	r.advance(e)
}

// swallows reports whether the failure of a step does not matter.
func (st *step) swallows() bool { return st.optional || st.edge != nil && st.edge.optional.value > 0 }

// often is how often a step is to be done now.
func (in *instance) often(st *step) int {
	chance := st.chance
	if st.edge != nil {
		chance *= st.edge.fanOut.value
	}
	whole := math.Floor(chance)
	times := int(whole) * st.times
	if rest := chance - whole; (chance < 1 || rest > 0) && in.rng.Float64() < rest {
		times += st.times
	}
	return times
}

// perform begins a step and reports whether the run has to wait for it.
func (e *engine) perform(r *run, st *step) (waits bool) {
	v := r.visit
	switch st.kind {
	case stepOwn:
		e.work(r, v.own*st.share)
	case stepWork:
		e.work(r, st.time.draw(v.inst.rng))
	case stepCommit:
		v.flow.commit(st.name)
		return false
	case stepParallel:
		r.pending = len(st.children)
		for i := range st.children {
			e.fork(r, st, st.children[i:i+1]).advance(e)
		}
	case stepInternal:
		r.pending = 1
		c := e.fork(r, st, st.children)
		c.span = v.inst.newSpan()
		c.advance(e)
	default:
		v.inst.service.waiting.add(e.now, 1)
		e.startCall(r, st)
	}
	return true
}

// fork makes a run below r.
func (e *engine) fork(r *run, within *step, steps []step) *run {
	c := e.runs.get()
	*c = run{visit: r.visit, parent: r, steps: steps, span: r.span, epoch: r.epoch, opened: e.now, within: within}
	return c
}

// finishRun ends a run whose steps are done or failed.
func (e *engine) finishRun(r *run) {
	parent, result := r.parent, r.result
	if parent == nil {
		e.finishVisit(r.visit, result)
		e.runs.put(r)
		return
	}
	if r.within.kind == stepInternal {
		e.emitInternal(r, result)
	}
	if r.within.kind == stepGet && result == ok {
		r.within.edge.station.fill()
	}
	e.runs.put(r)
	if result != ok && parent.result == ok && !parent.steps[parent.at-1].swallows() {
		parent.result = result
		parent.again = 0
	}
	if parent.pending--; parent.pending == 0 {
		parent.advance(e)
	}
}

// endRun drops a run of a process that died, and those above it that wait for
// nothing else.
func (e *engine) endRun(r *run) {
	for r != nil {
		parent, v := r.parent, r.visit
		e.runs.put(r)
		if parent == nil {
			e.dropVisit(v)
			return
		}
		if parent.pending--; parent.pending > 0 {
			return
		}
		r = parent
	}
}
