package wire

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"headwater/graph/trace"
)

// take takes over what pdata has read, in place of scan. Strings are pdata's.
func (s *scanner) take(td ptrace.Traces) error {
	if n := td.SpanCount(); cap(s.spans) < n {
		s.spans = make([]trace.Span, 0, n)
		s.attrs.size = min(n*8, 4096)
		s.events.size, s.links.size = min(n, 64), min(n, 64)
	}
	for _, rs := range td.ResourceSpans().All() {
		resource, err := resourceOf(rs)
		if err != nil {
			return err
		}
		for _, ss := range rs.ScopeSpans().All() {
			scope, err := scopeOf(ss)
			if err != nil {
				return err
			}
			for _, in := range ss.Spans().All() {
				s.spans = append(s.spans, trace.Span{Resource: resource, Scope: scope})
				out := &s.spans[len(s.spans)-1]
				if err := s.takeSpan(in, out); err != nil {
					return fmt.Errorf("span %s of trace %s: %w", out.SpanID, out.TraceID, err)
				}
				s.refuse(out)
			}
		}
	}
	return nil
}

func resourceOf(rs ptrace.ResourceSpans) (*trace.Resource, error) {
	attrs, err := attrsOf(rs.Resource().Attributes(), 0)
	if err != nil {
		return nil, fmt.Errorf("resource: %w", err)
	}
	r := trace.NewResource(attrs)
	r.SchemaURL = rs.SchemaUrl()
	r.DroppedAttrs = rs.Resource().DroppedAttributesCount()
	return r, nil
}

// scopeOf gives nil for a scope that says nothing.
func scopeOf(ss ptrace.ScopeSpans) (*trace.Scope, error) {
	in := ss.Scope()
	attrs, err := attrsOf(in.Attributes(), 0)
	if err != nil {
		return nil, fmt.Errorf("scope %q: %w", in.Name(), err)
	}
	if in.Name() == "" && in.Version() == "" && attrs == nil && ss.SchemaUrl() == "" && in.DroppedAttributesCount() == 0 {
		return nil, nil
	}
	return &trace.Scope{
		Name:         in.Name(),
		Version:      in.Version(),
		Attrs:        attrs,
		SchemaURL:    ss.SchemaUrl(),
		DroppedAttrs: in.DroppedAttributesCount(),
	}, nil
}

func (s *scanner) takeSpan(in ptrace.Span, out *trace.Span) (err error) {
	out.TraceID, out.SpanID, out.Parent = trace.TraceID(in.TraceID()), trace.SpanID(in.SpanID()), trace.SpanID(in.ParentSpanID())
	out.Name, out.Kind = in.Name(), kindOf(int32(in.Kind()))
	out.Status, out.StatusMessage = statusOf(int32(in.Status().Code())), in.Status().Message()
	out.Start, out.End = int64(in.StartTimestamp()), int64(in.EndTimestamp())
	out.TraceState, out.Flags = in.TraceState().AsRaw(), in.Flags()
	out.DroppedAttrs, out.DroppedEvents, out.DroppedLinks = in.DroppedAttributesCount(), in.DroppedEventsCount(), in.DroppedLinksCount()
	for key, v := range in.Attributes().All() {
		a := s.attrs.next()
		a.Key = key
		if a.Value, err = valueOf(v, 0); err != nil {
			return err
		}
	}
	for _, e := range in.Events().All() {
		attrs, err := attrsOf(e.Attributes(), 0)
		if err != nil {
			return fmt.Errorf("event %q: %w", e.Name(), err)
		}
		*s.events.next() = trace.Event{
			Time: int64(e.Timestamp()), Name: e.Name(), Attrs: attrs, DroppedAttrs: e.DroppedAttributesCount(),
		}
	}
	for _, l := range in.Links().All() {
		attrs, err := attrsOf(l.Attributes(), 0)
		if err != nil {
			return fmt.Errorf("link: %w", err)
		}
		*s.links.next() = trace.Link{
			TraceID: trace.TraceID(l.TraceID()), SpanID: trace.SpanID(l.SpanID()), TraceState: l.TraceState().AsRaw(),
			Flags: l.Flags(), Attrs: attrs, DroppedAttrs: l.DroppedAttributesCount(),
		}
	}
	out.Attrs, out.Events, out.Links = s.attrs.take(), s.events.take(), s.links.take()
	return nil
}

// attrsOf reads attributes that stand within depth lists and maps.
func attrsOf(in pcommon.Map, depth int) ([]trace.Attr, error) {
	if in.Len() == 0 {
		return nil, nil
	}
	out := make([]trace.Attr, 0, in.Len())
	for key, v := range in.All() {
		value, err := valueOf(v, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, trace.Attr{Key: key, Value: value})
	}
	return out, nil
}

func valueOf(in pcommon.Value, depth int) (trace.Value, error) {
	if depth > MaxNesting {
		return trace.Value{}, errNesting
	}
	switch in.Type() {
	case pcommon.ValueTypeStr:
		return trace.String(in.Str()), nil
	case pcommon.ValueTypeBool:
		return trace.Bool(in.Bool()), nil
	case pcommon.ValueTypeInt:
		return trace.Int(in.Int()), nil
	case pcommon.ValueTypeDouble:
		return trace.Double(in.Double()), nil
	case pcommon.ValueTypeBytes:
		return trace.Bytes(string(in.Bytes().AsRaw())), nil
	case pcommon.ValueTypeSlice:
		values, err := valuesOf(in.Slice(), depth+1)
		return trace.Array(values), err
	case pcommon.ValueTypeMap:
		attrs, err := attrsOf(in.Map(), depth+1)
		return trace.Map(attrs), err
	}
	return trace.Value{}, nil
}

func valuesOf(in pcommon.Slice, depth int) ([]trace.Value, error) {
	if in.Len() == 0 {
		return nil, nil
	}
	out := make([]trace.Value, 0, in.Len())
	for _, v := range in.All() {
		value, err := valueOf(v, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	return out, nil
}
