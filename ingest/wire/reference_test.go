package wire

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"headwater/graph/trace"
	"headwater/ingest"
)

// reference reads a request with pdata, which is the judge of what OTLP means.
// It leaves out what is refused.
func reference(request []byte) (spans []trace.Span, refused map[ingest.Reason]int, err error) {
	td, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(request)
	if err != nil {
		return nil, nil, err
	}
	refused = map[ingest.Reason]int{}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			ss.Spans().RemoveIf(func(span ptrace.Span) bool {
				switch {
				case span.TraceID().IsEmpty():
					refused[ingest.NoTraceID]++
				case span.SpanID().IsEmpty():
					refused[ingest.NoSpanID]++
				default:
					return false
				}
				return true
			})
		}
	}
	spans, err = spansOf(td)
	return spans, refused, err
}

func spansOf(td ptrace.Traces) ([]trace.Span, error) {
	spans := make([]trace.Span, 0, td.SpanCount())
	for _, rs := range td.ResourceSpans().All() {
		resource, err := resourceOf(rs)
		if err != nil {
			return nil, err
		}
		for _, ss := range rs.ScopeSpans().All() {
			scope, err := scopeOf(ss)
			if err != nil {
				return nil, err
			}
			for _, s := range ss.Spans().All() {
				span, err := spanOf(s)
				if err != nil {
					return nil, err
				}
				span.Resource, span.Scope = resource, scope
				spans = append(spans, span)
			}
		}
	}
	return spans, nil
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

func spanOf(in ptrace.Span) (trace.Span, error) {
	s := trace.Span{
		TraceID:       trace.TraceID(in.TraceID()),
		SpanID:        trace.SpanID(in.SpanID()),
		Parent:        trace.SpanID(in.ParentSpanID()),
		Name:          in.Name(),
		Kind:          kindOf(int32(in.Kind())),
		Status:        statusOf(int32(in.Status().Code())),
		StatusMessage: in.Status().Message(),
		Start:         int64(in.StartTimestamp()),
		End:           int64(in.EndTimestamp()),
		TraceState:    in.TraceState().AsRaw(),
		Flags:         in.Flags(),
		DroppedAttrs:  in.DroppedAttributesCount(),
		DroppedEvents: in.DroppedEventsCount(),
		DroppedLinks:  in.DroppedLinksCount(),
	}
	var err error
	if s.Attrs, err = attrsOf(in.Attributes(), 0); err == nil {
		if s.Events, err = eventsOf(in.Events()); err == nil {
			s.Links, err = linksOf(in.Links())
		}
	}
	if err != nil {
		return trace.Span{}, fmt.Errorf("span %s of trace %s: %w", s.SpanID, s.TraceID, err)
	}
	return s, nil
}

func eventsOf(in ptrace.SpanEventSlice) ([]trace.Event, error) {
	if in.Len() == 0 {
		return nil, nil
	}
	out := make([]trace.Event, 0, in.Len())
	for _, e := range in.All() {
		attrs, err := attrsOf(e.Attributes(), 0)
		if err != nil {
			return nil, fmt.Errorf("event %q: %w", e.Name(), err)
		}
		out = append(out, trace.Event{
			Time:         int64(e.Timestamp()),
			Name:         e.Name(),
			Attrs:        attrs,
			DroppedAttrs: e.DroppedAttributesCount(),
		})
	}
	return out, nil
}

func linksOf(in ptrace.SpanLinkSlice) ([]trace.Link, error) {
	if in.Len() == 0 {
		return nil, nil
	}
	out := make([]trace.Link, 0, in.Len())
	for _, l := range in.All() {
		attrs, err := attrsOf(l.Attributes(), 0)
		if err != nil {
			return nil, fmt.Errorf("link: %w", err)
		}
		out = append(out, trace.Link{
			TraceID:      trace.TraceID(l.TraceID()),
			SpanID:       trace.SpanID(l.SpanID()),
			TraceState:   l.TraceState().AsRaw(),
			Flags:        l.Flags(),
			Attrs:        attrs,
			DroppedAttrs: l.DroppedAttributesCount(),
		})
	}
	return out, nil
}

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

// valueOf reads a value that stands within depth lists and maps.
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
