package datadog

import (
	"fmt"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

// eventJSON is an element of the answer of the API for spans, version 2.
type eventJSON struct {
	Attributes struct {
		TraceID   mend.Number `json:"trace_id"`
		SpanID    mend.Number `json:"span_id"`
		ParentID  mend.Number `json:"parent_id"`
		Service   string      `json:"service"`
		Operation string      `json:"operation_name"`
		Resource  string      `json:"resource_name"`
		Type      string      `json:"type"`
		Start     string      `json:"start_timestamp"`
		End       string      `json:"end_timestamp"`
		Env       string      `json:"env"`
		Host      string      `json:"host"`
		Status    string      `json:"status"`
		Custom    mend.Raw    `json:"custom"`
		Inner     mend.Raw    `json:"attributes"`
	} `json:"attributes"`
}

// Event reads an element of the API's answer.
func Event(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var e eventJSON
	if err := mend.Unmarshal(object, &e); err != nil {
		return nil, fmt.Errorf("read a Datadog span event: %w", err)
	}
	in := &e.Attributes
	s := trace.Span{
		TraceID: traceID(in.TraceID.Text(), "", m), SpanID: spanID(in.SpanID.Text(), m), Name: in.Resource,
	}
	if s.Name == "" {
		s.Name = in.Operation
	}
	if !in.ParentID.IsZero() {
		s.Parent = spanID(in.ParentID.Text(), m)
	}
	m.Within(&s, m.Clock(in.Start), m.Clock(in.End))
	if in.Status == "error" {
		s.Status = trace.StatusError
	}
	meta := map[string]trace.Value{}
	for _, raw := range []mend.Raw{in.Inner, in.Custom} {
		flatten(meta, "", mend.Attrs(raw, m))
	}
	say(meta, "env", in.Env)
	say(meta, "host", in.Host)
	fill(&s, in.Service, in.Type, meta, m)
	return []trace.Span{s}, nil
}

// flatten writes nested maps as keys with dots: the API nests what spans name
// with dots.
func flatten(into map[string]trace.Value, prefix string, attrs []trace.Attr) {
	for _, a := range attrs {
		if a.Value.Kind() == trace.ValueMap {
			flatten(into, prefix+a.Key+".", a.Value.Map())
			continue
		}
		into[prefix+a.Key] = a.Value
	}
}
