package simulate

import (
	"headwater/analysis/accuracy"
	"headwater/graph/trace"
)

// traceRef is a trace and whether it is recorded.
type traceRef struct {
	id      trace.TraceID
	sampled bool
}

// spanRef is a span; the zero spanRef is none.
type spanRef struct{ id trace.SpanID }

// flow is what travels along with a request: its trace, and the workflow of
// which it is a part. It lives while anything still works on it.
type flow struct {
	trace  traceRef
	refs   int
	steps  *progress
	hollow bool // some service returned early: the answer is not what it should be
}

// workflow is the commit steps that a request should make.
type workflow struct{ steps []string }

// progress counts which commit steps of one request were made. Flows that
// follow from one another by messages share it.
type progress struct {
	of    *workflow
	trace traceRef
	refs  int
	done  []int
}

// newFlow begins a trace. A nil operation begins no workflow.
func (e *engine) newFlow(op *operation) *flow {
	f := e.flows.get()
	*f = flow{trace: e.newTrace()}
	if op != nil && op.workflow != nil {
		f.steps = &progress{of: op.workflow, trace: f.trace, refs: 1, done: make([]int, len(op.workflow.steps))}
	}
	return f
}

// follow makes f a part of the workflow of g.
func (f *flow) follow(g *flow) {
	f.steps = g.steps
	if f.steps != nil {
		f.steps.refs++
	}
}

func (f *flow) hold() { f.refs++ }

func (f *flow) release(e *engine) {
	if f.refs--; f.refs > 0 {
		return
	}
	if p := f.steps; p != nil {
		if p.refs--; p.refs == 0 {
			e.closeWorkflow(p)
		}
		f.steps = nil
	}
	e.flows.put(f)
}

// commit notes that a step of the workflow is done.
func (f *flow) commit(name string) {
	if f.steps == nil {
		return
	}
	for i, s := range f.steps.of.steps {
		if s == name {
			f.steps.done[i]++
		}
	}
}

// closeWorkflow notes a workflow that ended half done, or did a step twice. One
// that did nothing at all simply failed; of one that was not recorded nobody can
// know.
func (e *engine) closeWorkflow(p *progress) {
	var h accuracy.HalfDone
	for i, n := range p.done {
		name := p.of.steps[i]
		switch {
		case n == 0:
			h.Missing = append(h.Missing, name)
		case n > 1:
			h.Twice = append(h.Twice, name)
			fallthrough
		default:
			h.Done = append(h.Done, name)
		}
	}
	if !p.trace.sampled || len(h.Done) == 0 || len(h.Missing) == 0 && len(h.Twice) == 0 {
		return
	}
	h.TraceID = p.trace.id.String()
	e.halfDone = append(e.halfDone, h)
}
