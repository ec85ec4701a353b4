package simulate

import (
	"strconv"
	"strings"

	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"headwater/graph/trace"
)

// emitServer ends a visit's own span.
func (e *engine) emitServer(v *visit, o outcome) {
	if e.meter != nil {
		e.meter.visit(v, o, e.now)
	}
	if !v.flow.trace.sampled {
		return
	}
	f := &v.op.server
	s := trace.Span{
		TraceID: v.flow.trace.id, SpanID: v.span.id, Parent: v.parent.id,
		Name: f.name, Kind: f.kind, Start: v.start, End: e.now, Scope: f.scope,
		Attrs: f.attrs[o], Status: f.status[o], StatusMessage: f.message[o],
	}
	if f.url >= 0 && v.att != nil {
		s.Attrs = replace(s.Attrs, f.url, v.att.url)
	}
	if s.Status == trace.StatusError {
		s.Events = v.inst.service.exceptions[o]
		if len(s.Events) > 0 {
			ev := s.Events[0]
			ev.Time = e.now + v.inst.skew
			s.Events = []trace.Event{ev}
		}
	}
	if v.msg != nil {
		e.sightedMessage(v)
	}
	if v.msg != nil && e.linkOnly {
		s.Links = []trace.Link{{TraceID: v.msg.trace.id, SpanID: v.msg.from.id, Flags: e.flags}}
	}
	e.record(v.inst, &s)
}

// emitRejected is the short span of a request that was turned away.
func (e *engine) emitRejected(in *instance, a *attempt) {
	if e.meter != nil && !in.service.spec.SilentRejects {
		e.meter.rejected(in, a, e.now)
	}
	if !a.flow.trace.sampled || in.service.spec.SilentRejects {
		return
	}
	f := &a.step.target.server
	e.record(in, &trace.Span{
		TraceID: a.flow.trace.id, SpanID: in.newSpan().id, Parent: a.span.id,
		Name: f.name, Kind: f.kind, Start: e.now, End: e.now + rejectedTook, Scope: f.scope,
		Attrs: f.attrs[rejected], Status: f.status[rejected], StatusMessage: "rejected: queue is full",
	})
}

// emitClient ends the caller's span of one attempt.
func (e *engine) emitClient(c *call, a *attempt, o outcome) {
	if c.run == nil || c.link.edge.policy.HideRetries {
		return
	}
	if e.emitCall(c, a.span, c.parent, a.start, o, c.tries-1) {
		c.see(a.start)
	}
}

// emitWrap ends the span that stands around all attempts of a call.
func (e *engine) emitWrap(c *call, o outcome) {
	if e.emitCall(c, c.wrap, c.run.span, c.began, o, 0) && c.link.edge.policy.HideRetries {
		c.see(c.began)
	}
}

// emitCall reports whether there is a span now.
func (e *engine) emitCall(c *call, span, parent spanRef, start int64, o outcome, resends int) bool {
	if !c.flow.trace.sampled || c.gone() {
		return false
	}
	f := &c.step.form
	s := trace.Span{
		TraceID: c.flow.trace.id, SpanID: span.id, Parent: parent.id,
		Name: f.name, Kind: f.kind, Start: start, End: e.now, Scope: f.scope,
		Attrs: f.attrs[o], Status: f.status[o], StatusMessage: f.message[o],
	}
	if f.url >= 0 {
		s.Attrs = replace(s.Attrs, f.url, f.base+c.url)
	}
	if resends > 0 && f.resend != "" {
		s.Attrs = append(s.Attrs[:len(s.Attrs):len(s.Attrs)], num(f.resend, resends))
	}
	e.record(c.run.visit.inst, &s)
	return true
}

// emitInternal ends an internal span.
func (e *engine) emitInternal(r *run, o outcome) {
	v := r.visit
	if !v.flow.trace.sampled {
		return
	}
	s := trace.Span{
		TraceID: v.flow.trace.id, SpanID: r.span.id, Parent: r.parent.span.id,
		Name: r.within.name, Kind: trace.KindInternal, Start: r.opened, End: e.now, Scope: v.inst.service.ownScope,
	}
	if o != ok {
		w := wordsFor(v.inst.service.spec.Language, o)
		s.Status, s.StatusMessage = trace.StatusError, w.message
	}
	e.record(v.inst, &s)
}

// replace copies attributes with one text changed.
func replace(attrs []trace.Attr, at int, text string) []trace.Attr {
	out := make([]trace.Attr, len(attrs), len(attrs)+1)
	copy(out, attrs)
	out[at].Value = trace.String(text)
	return out
}

// urlOf fills the path of a call's URL, for steps whose path differs by
// request.
func (e *engine) urlOf(c *call) string {
	f := &c.step.form
	if f.path == "" {
		return ""
	}
	from, to := strings.IndexByte(f.path, '{'), strings.IndexByte(f.path, '}')
	return f.path[:from] + strconv.Itoa(10000+c.link.rng.IntN(90000)) + f.path[to+1:]
}

// exceptionEvents are the events of a failing operation, by what failed it.
func exceptionEvents(language string) (events [outcomes + 1][]trace.Event) {
	for o := failed; o <= poolTimeout; o++ {
		w := wordsFor(language, o)
		events[o] = []trace.Event{{Name: semconv.ExceptionEventName, Attrs: []trace.Attr{
			str(string(semconv.ExceptionTypeKey), w.errorType), str(string(semconv.ExceptionMessageKey), w.message),
		}}}
	}
	return events
}

// rejectedTook is how long it takes to turn a request away, in ns.
const rejectedTook = 100_000
