package console

import (
	"fmt"
	"strings"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

type pythonContext struct {
	TraceID mend.Text `json:"trace_id"`
	SpanID  mend.Text `json:"span_id"`
}

// Python reads a span of Python's ConsoleSpanExporter. It does not print the
// scope, and prints the trace state in Python's own form, which is left out.
func Python(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var in struct {
		Name       string        `json:"name"`
		Context    pythonContext `json:"context"`
		Kind       string        `json:"kind"`
		ParentID   mend.Text     `json:"parent_id"`
		StartTime  string        `json:"start_time"`
		EndTime    string        `json:"end_time"`
		Attributes mend.Raw      `json:"attributes"`
		Status     struct {
			Code        string `json:"status_code"`
			Description string `json:"description"`
		} `json:"status"`
		Events []struct {
			Name       string   `json:"name"`
			Timestamp  string   `json:"timestamp"`
			Attributes mend.Raw `json:"attributes"`
		} `json:"events"`
		Links []struct {
			Context    pythonContext `json:"context"`
			Attributes mend.Raw      `json:"attributes"`
		} `json:"links"`
		Resource mend.Raw `json:"resource"`
	}
	if err := mend.Unmarshal(object, &in); err != nil {
		return nil, fmt.Errorf("read a span of Python's ConsoleSpanExporter: %w", err)
	}
	s := trace.Span{
		TraceID: m.TraceID(string(in.Context.TraceID)), SpanID: m.SpanID(string(in.Context.SpanID)), Parent: m.Parent(string(in.ParentID)),
		Name: in.Name, Kind: m.Kind(in.Kind), Status: mend.Status(strings.TrimPrefix(in.Status.Code, "StatusCode.")),
		StatusMessage: in.Status.Description, Attrs: mend.Attrs(in.Attributes, m), Resource: pythonResource(in.Resource, m),
	}
	m.Within(&s, m.Clock(in.StartTime), m.Clock(in.EndTime))
	for _, e := range in.Events {
		s.Events = append(s.Events, trace.Event{Time: m.Clock(e.Timestamp), Name: e.Name, Attrs: mend.Attrs(e.Attributes, m)})
	}
	for _, l := range in.Links {
		s.Links = append(s.Links, trace.Link{
			TraceID: m.TraceID(string(l.Context.TraceID)), SpanID: m.SpanID(string(l.Context.SpanID)), Attrs: mend.Attrs(l.Attributes, m),
		})
	}
	return []trace.Span{s}, nil
}

// pythonResource reads {"attributes": {...}}, and older versions' bare
// attributes.
func pythonResource(raw mend.Raw, m *mend.Mender) *trace.Resource {
	attrs := mend.Attrs(raw, m)
	for _, a := range attrs {
		if a.Key == "attributes" && a.Value.Kind() == trace.ValueMap {
			attrs = a.Value.Map()
			break
		}
	}
	return m.Resource(attrs)
}
