package console

import (
	"fmt"
	"time"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

type jsContext struct {
	TraceID    string      `json:"traceId"`
	SpanID     string      `json:"spanId"`
	TraceFlags mend.Number `json:"traceFlags"`
}

// JavaScript reads a span of JavaScript's ConsoleSpanExporter, made JSON by
// Literal. Its console prints three levels: attributes of events and links are
// often abbreviated.
func JavaScript(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var in struct {
		Resource struct {
			Attributes mend.Raw `json:"attributes"`
		} `json:"resource"`
		Scope struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"instrumentationScope"`
		TraceID           string      `json:"traceId"`
		ParentID          string      `json:"parentId"`
		ParentSpanContext *jsContext  `json:"parentSpanContext"`
		TraceState        string      `json:"traceState"`
		Name              string      `json:"name"`
		ID                string      `json:"id"`
		Kind              mend.Number `json:"kind"`
		Timestamp         mend.Number `json:"timestamp"` // microseconds
		Duration          mend.Number `json:"duration"`  // microseconds
		Attributes        mend.Raw    `json:"attributes"`
		Status            struct {
			Code    mend.Number `json:"code"`
			Message string      `json:"message"`
		} `json:"status"`
		Events mend.List[struct {
			Name       string                 `json:"name"`
			Attributes mend.Raw               `json:"attributes"`
			Time       mend.List[mend.Number] `json:"time"` // seconds, nanoseconds
		}] `json:"events"`
		Links mend.List[struct {
			Context    jsContext `json:"context"`
			Attributes mend.Raw  `json:"attributes"`
		}] `json:"links"`
	}
	if err := mend.Unmarshal(object, &in); err != nil {
		return nil, fmt.Errorf("read a span of JavaScript's ConsoleSpanExporter: %w", err)
	}
	s := trace.Span{
		TraceID: m.TraceID(in.TraceID), SpanID: m.SpanID(in.ID), Parent: m.Parent(in.ParentID),
		Name: in.Name, TraceState: in.TraceState, Attrs: mend.Attrs(in.Attributes, m),
		StatusMessage: in.Status.Message, Scope: m.Scope(in.Scope.Name, in.Scope.Version),
		Resource: m.Resource(mend.Attrs(in.Resource.Attributes, m)),
	}
	if in.ParentSpanContext != nil {
		s.Parent = m.Parent(in.ParentSpanContext.SpanID)
	}
	// JavaScript counts kinds from internal, which is OTLP's 1.
	if k := in.Kind.Int(m); k >= 0 && k < int64(trace.KindConsumer) && !in.Kind.IsZero() {
		s.Kind = trace.Kind(k) + trace.KindInternal
	}
	if c := in.Status.Code.Int(m); c > 0 && c <= int64(trace.StatusError) {
		s.Status = trace.StatusCode(c)
	}
	start := in.Timestamp.Nanos(time.Microsecond, m)
	m.Within(&s, start, start+in.Duration.Nanos(time.Microsecond, m))
	for _, e := range in.Events {
		out := trace.Event{Name: e.Name, Attrs: mend.Attrs(e.Attributes, m)}
		if len(e.Time) == 2 {
			out.Time = e.Time[0].Nanos(time.Second, m) + e.Time[1].Int(m)
		}
		s.Events = append(s.Events, out)
	}
	for _, l := range in.Links {
		id := m.SpanID(l.Context.SpanID)
		if id.IsZero() {
			m.Add(mend.BadLink)
			continue
		}
		s.Links = append(s.Links, trace.Link{TraceID: m.TraceID(l.Context.TraceID), SpanID: id, Attrs: mend.Attrs(l.Attributes, m)})
	}
	return []trace.Span{s}, nil
}
