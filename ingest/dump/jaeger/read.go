package jaeger

import (
	"encoding/base64"
	"fmt"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

type traceJSON struct {
	TraceID   mend.Text              `json:"traceID"`
	Spans     []spanJSON             `json:"spans"`
	Processes map[string]processJSON `json:"processes"`
}

type spanJSON struct {
	TraceID       mend.Text                `json:"traceID"`
	SpanID        mend.Text                `json:"spanID"`
	ParentSpanID  mend.Text                `json:"parentSpanID,omitempty"`
	Flags         mend.Number              `json:"flags"`
	OperationName string                   `json:"operationName"`
	References    mend.List[referenceJSON] `json:"references"`
	StartTime     mend.Number              `json:"startTime"` // microseconds
	Duration      mend.Number              `json:"duration"`  // microseconds
	Tags          mend.List[tagJSON]       `json:"tags"`
	Logs          mend.List[logJSON]       `json:"logs"`
	ProcessID     string                   `json:"processID"`
	Process       *processJSON             `json:"process,omitempty"`
}

type referenceJSON struct {
	RefType string    `json:"refType"`
	TraceID mend.Text `json:"traceID"`
	SpanID  mend.Text `json:"spanID"`
}

type processJSON struct {
	ServiceName string             `json:"serviceName"`
	Tags        mend.List[tagJSON] `json:"tags"`
}

type logJSON struct {
	Timestamp mend.Number        `json:"timestamp"` // microseconds
	Fields    mend.List[tagJSON] `json:"fields"`
}

type tagJSON struct {
	Key   string   `json:"key"`
	Type  string   `json:"type"`
	Value mend.Raw `json:"value"`
}

// Trace reads the object of one trace.
func Trace(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var t traceJSON
	if err := mend.Unmarshal(object, &t); err != nil {
		return nil, fmt.Errorf("read a Jaeger trace: %w", err)
	}
	processes := make(map[string]*trace.Resource, len(t.Processes))
	spans := make([]trace.Span, 0, len(t.Spans))
	for i := range t.Spans {
		s := &t.Spans[i]
		if s.TraceID == "" {
			s.TraceID = t.TraceID
		}
		resource := processes[s.ProcessID]
		if resource == nil {
			p := t.Processes[s.ProcessID]
			if s.Process != nil {
				p = *s.Process
			}
			resource = resourceOf(p, m)
			if s.Process == nil {
				processes[s.ProcessID] = resource
			}
		}
		spans = append(spans, spanOf(s, resource, m))
	}
	return spans, nil
}

// Span reads the object of one span that brings its process along.
func Span(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var s spanJSON
	if err := mend.Unmarshal(object, &s); err != nil {
		return nil, fmt.Errorf("read a Jaeger span: %w", err)
	}
	var p processJSON
	if s.Process != nil {
		p = *s.Process
	}
	return []trace.Span{spanOf(&s, resourceOf(p, m), m)}, nil
}

func resourceOf(p processJSON, m *mend.Mender) *trace.Resource {
	attrs := mend.Service(p.ServiceName)
	for _, t := range tagsOf(p.Tags, m) {
		switch t.Key {
		case mend.ServiceKey:
			continue
		case "hostname":
			t.Key = string(semconv.HostNameKey)
		}
		attrs = append(attrs, t)
	}
	return m.Resource(attrs)
}

func spanOf(in *spanJSON, resource *trace.Resource, m *mend.Mender) trace.Span {
	s := trace.Span{
		TraceID: m.TraceID(string(in.TraceID)), SpanID: m.SpanID(string(in.SpanID)),
		Name: in.OperationName, Resource: resource, Flags: in.Flags.Count(m),
	}
	start := in.StartTime.Nanos(time.Microsecond, m)
	m.Within(&s, start, start+in.Duration.Nanos(time.Microsecond, m))
	refer(&s, in, m)
	m.Tags(&s, tagsOf(in.Tags, m))
	for i := range in.Logs {
		s.Events = append(s.Events, eventOf(&in.Logs[i], m))
	}
	return s
}

// refer takes the first reference to a parent within the trace as the parent,
// and the others as links.
func refer(s *trace.Span, in *spanJSON, m *mend.Mender) {
	s.Parent = m.Parent(string(in.ParentSpanID))
	for _, r := range in.References {
		of := trace.Link{TraceID: m.TraceID(string(r.TraceID)), SpanID: m.SpanID(string(r.SpanID))}
		switch {
		case of.SpanID.IsZero():
			m.Add(mend.BadLink)
		case r.RefType == childOf && of.TraceID == s.TraceID && (s.Parent.IsZero() || s.Parent == of.SpanID):
			s.Parent = of.SpanID
		default:
			s.Links = append(s.Links, of)
		}
	}
}

const (
	childOf     = "CHILD_OF"
	followsFrom = "FOLLOWS_FROM"
)

func eventOf(in *logJSON, m *mend.Mender) trace.Event {
	e := trace.Event{Time: in.Timestamp.Nanos(time.Microsecond, m)}
	for _, t := range tagsOf(in.Fields, m) {
		if t.Key == "event" && e.Name == "" {
			e.Name = t.Value.Text()
		} else {
			e.Attrs = append(e.Attrs, t)
		}
	}
	return e
}

func tagsOf(tags []tagJSON, m *mend.Mender) []trace.Attr {
	if len(tags) == 0 {
		return nil
	}
	out := make([]trace.Attr, 0, len(tags))
	for _, t := range tags {
		v, ok := valueOf(t, m)
		if !ok {
			m.Add(mend.BadTag)
			continue
		}
		out = append(out, trace.Attr{Key: t.Key, Value: v})
	}
	return out
}

// valueOf reads a tag's value by its type; Elasticsearch keeps all of them as
// text.
func valueOf(t tagJSON, m *mend.Mender) (trace.Value, bool) {
	v, ok := mend.Value(t.Value)
	if !ok {
		return v, false
	}
	switch t.Type {
	case "bool":
		return trace.Bool(v.Bool() || v.Text() == "true"), true
	case "int64":
		i, ok := v.Int()
		return trace.Int(i), ok
	case "float64":
		n := mend.NumberOf(t.Value)
		return trace.Double(n.Float(m)), !n.IsZero()
	case "binary":
		raw, err := base64.StdEncoding.DecodeString(v.Str())
		return trace.Bytes(string(raw)), err == nil
	}
	return v, true
}
