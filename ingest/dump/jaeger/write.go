package jaeger

import (
	"encoding/json"
	"fmt"
	"strconv"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

// The fields that are written, in the order in which Jaeger writes them.
type (
	traceOut struct {
		TraceID   string                `json:"traceID"`
		Spans     []spanOut             `json:"spans"`
		Processes map[string]processOut `json:"processes"`
		Warnings  []string              `json:"warnings"`
	}
	spanOut struct {
		TraceID       string         `json:"traceID"`
		SpanID        string         `json:"spanID"`
		Flags         uint32         `json:"flags,omitempty"`
		OperationName string         `json:"operationName"`
		References    []referenceOut `json:"references"`
		StartTime     int64          `json:"startTime"`
		Duration      int64          `json:"duration"`
		Tags          []tagOut       `json:"tags"`
		Logs          []logOut       `json:"logs"`
		ProcessID     string         `json:"processID"`
		Warnings      []string       `json:"warnings"`
	}
	referenceOut struct {
		RefType string `json:"refType"`
		TraceID string `json:"traceID"`
		SpanID  string `json:"spanID"`
	}
	processOut struct {
		ServiceName string   `json:"serviceName"`
		Tags        []tagOut `json:"tags"`
	}
	logOut struct {
		Timestamp int64    `json:"timestamp"`
		Fields    []tagOut `json:"fields"`
	}
	tagOut struct {
		Key   string `json:"key"`
		Type  string `json:"type"`
		Value any    `json:"value"`
	}
)

const microsecond = 1000

// Write gives the object of one trace, whose spans these are.
func Write(spans []trace.Span) ([]byte, error) {
	t := traceOut{Spans: []spanOut{}, Processes: map[string]processOut{}}
	names := processes{byResource: map[*trace.Resource]string{}, byContent: map[string]string{}}
	for i := range spans {
		s := &spans[i]
		t.TraceID = s.TraceID.String()
		name, ok := names.byResource[s.Resource]
		if !ok {
			p := processOf(s.Resource)
			var err error
			if name, err = names.name(p); err != nil {
				return nil, err
			}
			names.byResource[s.Resource], t.Processes[name] = name, p
		}
		t.Spans = append(t.Spans, out(s, name))
	}
	text, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("write a Jaeger trace: %w", err)
	}
	return text, nil
}

// processes names the processes of a trace: those that say the same are one.
type processes struct {
	byResource map[*trace.Resource]string
	byContent  map[string]string
}

func (p *processes) name(of processOut) (string, error) {
	content, err := json.Marshal(of)
	if err != nil {
		return "", fmt.Errorf("write a Jaeger process: %w", err)
	}
	name, ok := p.byContent[string(content)]
	if !ok {
		name = "p" + strconv.Itoa(len(p.byContent)+1)
		p.byContent[string(content)] = name
	}
	return name, nil
}

func processOf(r *trace.Resource) processOut {
	p := processOut{Tags: []tagOut{}}
	if r == nil {
		return p
	}
	p.ServiceName = r.Service
	for _, a := range r.Attrs {
		if a.Key != mend.ServiceKey {
			p.Tags = append(p.Tags, tagOf(a))
		}
	}
	return p
}

func out(s *trace.Span, process string) spanOut {
	o := spanOut{
		TraceID: s.TraceID.String(), SpanID: s.SpanID.String(), Flags: s.Flags, OperationName: s.Name,
		References: []referenceOut{}, StartTime: s.Start / microsecond,
		Tags: []tagOut{}, Logs: []logOut{}, ProcessID: process,
	}
	// Both ends are cut, so that spans that touch still do.
	o.Duration = max(0, s.End/microsecond-o.StartTime)
	if !s.Parent.IsZero() {
		o.References = append(o.References, referenceOut{childOf, o.TraceID, s.Parent.String()})
	}
	for _, l := range s.Links {
		o.References = append(o.References, referenceOut{followsFrom, l.TraceID.String(), l.SpanID.String()})
	}
	for _, a := range s.Attrs {
		o.Tags = append(o.Tags, tagOf(a))
	}
	o.Tags = append(o.Tags, fieldTags(s)...)
	for _, e := range s.Events {
		l := logOut{Timestamp: e.Time / microsecond, Fields: []tagOut{{"event", "string", e.Name}}}
		for _, a := range e.Attrs {
			l.Fields = append(l.Fields, tagOf(a))
		}
		o.Logs = append(o.Logs, l)
	}
	return o
}

// fieldTags are the tags that stand for fields of the span.
func fieldTags(s *trace.Span) (tags []tagOut) {
	text := func(key, value string) {
		if value != "" {
			tags = append(tags, tagOut{key, "string", value})
		}
	}
	if s.Scope != nil {
		text(mend.TagScope, s.Scope.Name)
		text(mend.TagScopeVersion, s.Scope.Version)
	}
	if s.Kind != trace.KindUnspecified {
		text(mend.TagKind, s.Kind.String())
	}
	switch s.Status {
	case trace.StatusOK:
		text(mend.TagStatus, "OK")
	case trace.StatusError:
		text(mend.TagStatus, "ERROR")
		tags = append(tags, tagOut{mend.TagError, "bool", true})
	}
	text(mend.TagDescription, s.StatusMessage)
	text(mend.TagTraceState, s.TraceState)
	return tags
}

func tagOf(a trace.Attr) tagOut {
	switch v := a.Value; v.Kind() {
	case trace.ValueBool:
		return tagOut{a.Key, "bool", v.Bool()}
	case trace.ValueInt:
		i, _ := v.Int()
		return tagOut{a.Key, "int64", i}
	case trace.ValueDouble:
		return tagOut{a.Key, "float64", number(v)}
	case trace.ValueBytes:
		return tagOut{a.Key, "binary", v.Text()}
	default:
		return tagOut{a.Key, "string", v.Text()}
	}
}

// number is a floating-point value as JSON can say it.
func number(v trace.Value) any {
	text := json.Number(v.Text())
	if !json.Valid([]byte(text)) { // NaN, infinite
		return string(text)
	}
	return text
}
