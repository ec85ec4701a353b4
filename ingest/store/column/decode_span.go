package column

import (
	"headwater/graph/trace"
)

// spans reads the spans; with wanted, those of these traces, and nothing behind
// the last of them; with keep, those that it wants before their name and their
// attributes are read.
func (r *blockReader) spans(wanted []bool, keep func(*trace.Span) bool) []trace.Span {
	if r.payload.bad {
		return nil
	}
	var out []trace.Span
	todo := r.front.spans
	if wanted != nil {
		todo = r.count(wanted)
	}
	if keep == nil {
		out = r.room.takeSpans(todo)
	}
	var resource *trace.Resource
	var scope *trace.Scope
	left, last := uint64(0), int64(0)
	nextRare, haveRare := r.nextRare(0)
	for row := range r.front.spans {
		if left == 0 {
			left = r.runs.uint()
			resource = r.resources[r.runs.below(len(r.resources))]
			scope = r.scopes[r.runs.below(len(r.scopes))]
			if left == 0 {
				r.bad = true
				return nil
			}
		}
		left--
		t := r.trace()
		s := trace.Span{TraceID: r.ids[t], SpanID: trace.SpanID(r.spanIDs[8*row:]), Resource: resource, Scope: scope}
		s.Parent = r.parent(row)
		s.Kind, s.Status = trace.Kind(r.kinds.byte()), trace.StatusCode(r.statuses.byte())
		s.Start = last + r.starts.int()
		s.End = s.Start + r.durations.int()
		s.Flags = r.flags.uint32()
		last = s.Start
		shape := r.shapeRefs.uint()
		skip := len(wanted) > 0 && !wanted[t] || keep != nil && !keep(&s)
		if skip {
			r.names.skip()
			r.attrs.skip(shape)
		} else {
			s.Name = r.names.text()
			s.Attrs = r.attrs.attrs(shape)
		}
		if haveRare && row == nextRare {
			r.rareFields(&s, skip)
			nextRare, haveRare = r.nextRare(row)
		}
		if r.failed() {
			return nil
		}
		if skip {
			continue
		}
		if out = append(out, s); wanted != nil && keep == nil && len(out) == todo {
			return out
		}
	}
	if left != 0 || haveRare {
		r.bad = true
	}
	return out
}

// count gives how many spans are of these traces.
func (r *blockReader) count(wanted []bool) int {
	n, refs, newTraces := 0, r.traceRefs, r.newTraces
	for range r.front.spans {
		if wanted[r.trace()] {
			n++
		}
	}
	r.traceRefs, r.newTraces = refs, newTraces
	return n
}

func (r *blockReader) trace() int {
	ref := r.traceRefs.uint()
	switch {
	case ref == 0 && r.newTraces < len(r.ids):
		r.newTraces++
		return r.newTraces - 1
	case ref == 0 || ref > uint64(r.newTraces):
		r.bad = true
		return 0
	}
	return r.newTraces - int(ref)
}

func (r *blockReader) parent(row int) (id trace.SpanID) {
	switch ref := r.parentRefs.uint(); ref {
	case 0:
	case 1:
		copy(id[:], r.parents.take(8))
	default:
		at := int64(row) + unzigzag(ref-2)
		if at < 0 || at >= int64(r.front.spans) {
			r.bad = true
			return id
		}
		id = trace.SpanID(r.spanIDs[8*at:])
	}
	return id
}

// nextRare gives the next row that has rare parts, after the last one.
func (r *blockReader) nextRare(last int) (row int, ok bool) {
	if len(r.rare.buf) == 0 {
		return 0, false
	}
	return last + r.rare.below(MaxSpans), true
}

// rareFields reads what a span has beyond the usual; of one that is to be
// skipped, no texts and no values.
func (r *blockReader) rareFields(s *trace.Span, skip bool) {
	has := r.rare.byte()
	if has&hasState != 0 {
		s.TraceState = r.states.textOr(skip)
	}
	if has&hasMessage != 0 {
		s.StatusMessage = r.messages.textOr(skip)
	}
	if has&hasDropped != 0 {
		s.DroppedAttrs, s.DroppedEvents, s.DroppedLinks = r.rare.uint32(), r.rare.uint32(), r.rare.uint32()
	}
	if has&hasEvents != 0 {
		for range r.events.below(len(r.events.buf) + 1) {
			e := trace.Event{Time: s.End + r.events.int(), DroppedAttrs: r.events.uint32()}
			e.Attrs = r.attrs.attrsOr(skip, r.events.uint())
			e.Name = r.names.textOr(skip)
			if !skip {
				s.Events = append(s.Events, e)
			}
			if r.failed() || r.events.bad {
				r.bad = true
				return
			}
		}
	}
	if has&hasLinks != 0 {
		for range r.links.below(len(r.links.buf) + 1) {
			var l trace.Link
			copy(l.TraceID[:], r.links.take(16))
			copy(l.SpanID[:], r.links.take(8))
			l.Flags, l.DroppedAttrs = r.links.uint32(), r.links.uint32()
			l.Attrs = r.attrs.attrsOr(skip, r.links.uint())
			l.TraceState = r.states.textOr(skip)
			if !skip {
				s.Links = append(s.Links, l)
			}
			if r.failed() || r.links.bad {
				r.bad = true
				return
			}
		}
	}
}

// failed reports an error that would let a damaged block go on for long.
func (r *blockReader) failed() bool {
	return r.bad || r.attrs.bad || r.names.bad() || r.runs.bad || r.rare.bad
}

// streams are what spans are read from.
func (r *blockReader) streams() []*cursor {
	return []*cursor{
		&r.payload, &r.runs, &r.kinds, &r.statuses, &r.flags, &r.shapeRefs, &r.traceRefs, &r.parentRefs,
		&r.starts, &r.durations, &r.rare, &r.events, &r.links, &r.parents,
	}
}

// intact reports whether what was read was without an error.
func (r *blockReader) intact() bool {
	for _, c := range r.streams() {
		if c.bad {
			return false
		}
	}
	return !r.failed() && !r.states.bad() && !r.messages.bad()
}

// done reports whether all was read, without an error.
func (r *blockReader) done() bool {
	for _, c := range r.streams() {
		if !c.done() {
			return false
		}
	}
	for _, c := range []*columnReader{&r.names, &r.states, &r.messages} {
		if !c.done() {
			return false
		}
	}
	return r.attrs.done() && !r.failed() && r.newTraces == len(r.ids)
}
