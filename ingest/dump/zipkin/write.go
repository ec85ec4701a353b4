package zipkin

import (
	"encoding/json"
	"fmt"
	"strings"

	oldconv "go.opentelemetry.io/otel/semconv/v1.21.0"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

type (
	spanOut struct {
		TraceID        string            `json:"traceId"`
		ID             string            `json:"id"`
		ParentID       string            `json:"parentId,omitempty"`
		Name           string            `json:"name,omitempty"`
		Kind           string            `json:"kind,omitempty"`
		Timestamp      int64             `json:"timestamp,omitempty"`
		Duration       int64             `json:"duration,omitempty"`
		LocalEndpoint  *endpointOut      `json:"localEndpoint,omitempty"`
		RemoteEndpoint *endpointOut      `json:"remoteEndpoint,omitempty"`
		Annotations    []annotationOut   `json:"annotations,omitempty"`
		Tags           map[string]string `json:"tags,omitempty"`
	}
	endpointOut struct {
		ServiceName string `json:"serviceName"`
	}
	annotationOut struct {
		Timestamp int64  `json:"timestamp"`
		Value     string `json:"value"`
	}
)

const microsecond = 1000

// Write gives the object of one span.
func Write(s *trace.Span) ([]byte, error) {
	o := spanOut{
		TraceID: s.TraceID.String(), ID: s.SpanID.String(), Name: s.Name,
		Timestamp: s.Start / microsecond, Tags: map[string]string{},
	}
	// Zipkin holds a duration of 0 to be none: the shortest is 1.
	o.Duration = max(1, s.End/microsecond-o.Timestamp)
	if !s.Parent.IsZero() {
		o.ParentID = s.Parent.String()
	}
	if s.Kind > trace.KindInternal {
		o.Kind = strings.ToUpper(s.Kind.String())
	}
	if r := s.Resource; r != nil {
		if r.Service != "" {
			o.LocalEndpoint = &endpointOut{r.Service}
		}
		for _, a := range r.Attrs {
			if a.Key != mend.ServiceKey {
				o.Tags[a.Key] = a.Value.Text()
			}
		}
	}
	for _, a := range s.Attrs {
		o.Tags[a.Key] = a.Value.Text()
		if a.Key == string(oldconv.PeerServiceKey) {
			o.RemoteEndpoint = &endpointOut{a.Value.Text()}
		}
	}
	fields(s, o.Tags)
	for _, e := range s.Events {
		o.Annotations = append(o.Annotations, annotationOut{e.Time / microsecond, e.Name})
	}
	text, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("write a Zipkin span: %w", err)
	}
	return text, nil
}

// fields puts into the tags what stands in fields of the span.
func fields(s *trace.Span, tags map[string]string) {
	if s.Scope != nil {
		tags[mend.TagScope] = s.Scope.Name
		if s.Scope.Version != "" {
			tags[mend.TagScopeVersion] = s.Scope.Version
		}
	}
	if s.TraceState != "" {
		tags[mend.TagTraceState] = s.TraceState
	}
	switch s.Status {
	case trace.StatusOK:
		tags[mend.TagStatus] = "OK"
	case trace.StatusError:
		tags[mend.TagStatus] = "ERROR"
		tags[mend.TagError] = "true"
		if s.StatusMessage != "" {
			tags[mend.TagError] = s.StatusMessage
		}
	}
}
