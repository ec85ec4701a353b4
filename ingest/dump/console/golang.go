package console

import (
	"fmt"
	"strconv"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

type goContext struct {
	TraceID    string
	SpanID     string
	TraceFlags string
	TraceState string
}

type goAttr struct {
	Key   string
	Value struct {
		Type  string
		Value mend.Raw
	}
}

type goSpan struct {
	Name        string
	SpanContext goContext
	Parent      goContext
	SpanKind    mend.Number
	StartTime   string
	EndTime     string
	Attributes  []goAttr
	Events      []struct {
		Name                  string
		Attributes            []goAttr
		DroppedAttributeCount mend.Number
		Time                  string
	}
	Links []struct {
		SpanContext           goContext
		Attributes            []goAttr
		DroppedAttributeCount mend.Number
	}
	Status struct {
		Code        mend.Text
		Description string
	}
	DroppedAttributes    mend.Number
	DroppedEvents        mend.Number
	DroppedLinks         mend.Number
	Resource             []goAttr
	InstrumentationScope struct{ Name, Version string }
}

// Go reads a span of Go's exporter go.opentelemetry.io/otel/exporters/stdout/stdouttrace.
func Go(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var in goSpan
	if err := mend.Unmarshal(object, &in); err != nil {
		return nil, fmt.Errorf("read a span of Go's stdouttrace: %w", err)
	}
	flags, _ := strconv.ParseUint(in.SpanContext.TraceFlags, 16, 8)
	s := trace.Span{
		TraceID: m.TraceID(in.SpanContext.TraceID), SpanID: m.SpanID(in.SpanContext.SpanID), Parent: m.Parent(in.Parent.SpanID),
		Name: in.Name, Kind: trace.Kind(min(max(in.SpanKind.Int(m), 0), int64(trace.KindConsumer))),
		Status: mend.Status(string(in.Status.Code)), StatusMessage: in.Status.Description,
		TraceState: in.SpanContext.TraceState, Flags: uint32(flags),
		Attrs: goAttrs(in.Attributes, m), Scope: m.Scope(in.InstrumentationScope.Name, in.InstrumentationScope.Version),
		Resource:     m.Resource(goAttrs(in.Resource, m)),
		DroppedAttrs: in.DroppedAttributes.Count(m), DroppedEvents: in.DroppedEvents.Count(m), DroppedLinks: in.DroppedLinks.Count(m),
	}
	m.Within(&s, m.Clock(in.StartTime), m.Clock(in.EndTime))
	for _, e := range in.Events {
		s.Events = append(s.Events, trace.Event{
			Time: m.Clock(e.Time), Name: e.Name, Attrs: goAttrs(e.Attributes, m), DroppedAttrs: e.DroppedAttributeCount.Count(m),
		})
	}
	for _, l := range in.Links {
		s.Links = append(s.Links, trace.Link{
			TraceID: m.TraceID(l.SpanContext.TraceID), SpanID: m.SpanID(l.SpanContext.SpanID),
			TraceState: l.SpanContext.TraceState, Attrs: goAttrs(l.Attributes, m), DroppedAttrs: l.DroppedAttributeCount.Count(m),
		})
	}
	return []trace.Span{s}, nil
}

func goAttrs(in []goAttr, m *mend.Mender) (attrs []trace.Attr) {
	for _, a := range in {
		v, ok := mend.Value(a.Value.Value)
		if !ok {
			m.Add(mend.BadTag)
			continue
		}
		if i, whole := v.Int(); whole && a.Value.Type == "FLOAT64" {
			v = trace.Double(float64(i))
		}
		attrs = append(attrs, trace.Attr{Key: a.Key, Value: v})
	}
	return attrs
}
