package otlpjson

import (
	"fmt"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

type requestJSON struct {
	ResourceSpans mend.List[mend.Raw] `json:"resourceSpans"`
	Older         mend.List[mend.Raw] `json:"resource_spans"`
	Batches       mend.List[mend.Raw] `json:"batches"`
}

type resourceSpansJSON struct {
	Resource struct {
		Attributes mend.List[attrJSON] `json:"attributes"`
		Dropped    mend.Number         `json:"droppedAttributesCount"`
	} `json:"resource"`
	SchemaURL   string                    `json:"schemaUrl"`
	ScopeSpans  mend.List[scopeSpansJSON] `json:"scopeSpans"`
	Older       mend.List[scopeSpansJSON] `json:"scope_spans"`
	MuchOlder   mend.List[scopeSpansJSON] `json:"instrumentationLibrarySpans"`
	BareOfScope mend.List[spanJSON]       `json:"spans"`
}

type scopeSpansJSON struct {
	Scope     *scopeJSON          `json:"scope"`
	Older     *scopeJSON          `json:"instrumentationLibrary"`
	SchemaURL string              `json:"schemaUrl"`
	Spans     mend.List[mend.Raw] `json:"spans"`
}

type scopeJSON struct {
	Name       string              `json:"name"`
	Version    string              `json:"version"`
	Attributes mend.List[attrJSON] `json:"attributes"`
	Dropped    mend.Number         `json:"droppedAttributesCount"`
}

type spanJSON struct {
	TraceID      mend.Text           `json:"traceId"`
	SpanID       mend.Text           `json:"spanId"`
	ParentSpanID mend.Text           `json:"parentSpanId"`
	TraceState   string              `json:"traceState"`
	Flags        mend.Number         `json:"flags"`
	Name         string              `json:"name"`
	Kind         mend.Raw            `json:"kind"`
	Start        mend.Number         `json:"startTimeUnixNano"`
	End          mend.Number         `json:"endTimeUnixNano"`
	Attributes   mend.List[attrJSON] `json:"attributes"`
	Dropped      mend.Number         `json:"droppedAttributesCount"`
	Events       mend.List[struct {
		Time       mend.Number         `json:"timeUnixNano"`
		Name       string              `json:"name"`
		Attributes mend.List[attrJSON] `json:"attributes"`
		Dropped    mend.Number         `json:"droppedAttributesCount"`
	}] `json:"events"`
	DroppedEvents mend.Number `json:"droppedEventsCount"`
	Links         mend.List[struct {
		TraceID    mend.Text           `json:"traceId"`
		SpanID     mend.Text           `json:"spanId"`
		TraceState string              `json:"traceState"`
		Flags      mend.Number         `json:"flags"`
		Attributes mend.List[attrJSON] `json:"attributes"`
		Dropped    mend.Number         `json:"droppedAttributesCount"`
	}] `json:"links"`
	DroppedLinks mend.Number `json:"droppedLinksCount"`
	Status       struct {
		Code    mend.Raw `json:"code"`
		Message string   `json:"message"`
	} `json:"status"`
}

// Request reads an ExportTraceServiceRequest, or what other programs write in
// its place.
func Request(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var in requestJSON
	if err := mend.Unmarshal(object, &in); err != nil {
		return nil, fmt.Errorf("read OTLP JSON: %w", err)
	}
	r := reader{m: m}
	for _, list := range [][]mend.Raw{in.ResourceSpans, in.Older, in.Batches} {
		for _, raw := range list {
			if err := r.resourceSpans(raw); err != nil {
				return nil, err
			}
		}
	}
	return r.spans, nil
}

type reader struct {
	m     *mend.Mender
	spans []trace.Span
}

func (r *reader) resourceSpans(raw []byte) error {
	var in resourceSpansJSON
	if err := mend.Unmarshal(raw, &in); err != nil {
		return fmt.Errorf("read OTLP JSON: %w", err)
	}
	resource := trace.NewResource(attrsOf(in.Resource.Attributes, r.m, 0))
	resource.SchemaURL, resource.DroppedAttrs = in.SchemaURL, in.Resource.Dropped.Count(r.m)
	for _, list := range [][]scopeSpansJSON{in.ScopeSpans, in.Older, in.MuchOlder} {
		for i := range list {
			scope := scopeOf(&list[i], r.m)
			for _, raw := range list[i].Spans {
				var s spanJSON
				if err := mend.Unmarshal(raw, &s); err != nil {
					return fmt.Errorf("read OTLP JSON: %w", err)
				}
				r.span(&s, resource, scope)
			}
		}
	}
	for i := range in.BareOfScope {
		r.span(&in.BareOfScope[i], resource, nil)
	}
	return nil
}

func scopeOf(in *scopeSpansJSON, m *mend.Mender) *trace.Scope {
	from := in.Scope
	if from == nil {
		from = in.Older
	}
	if from == nil {
		from = &scopeJSON{}
	}
	s := trace.Scope{
		Name: from.Name, Version: from.Version, Attrs: attrsOf(from.Attributes, m, 0),
		SchemaURL: in.SchemaURL, DroppedAttrs: from.Dropped.Count(m),
	}
	if s.Name == "" && s.Version == "" && s.Attrs == nil && s.SchemaURL == "" && s.DroppedAttrs == 0 {
		return nil
	}
	return &s
}

func (r *reader) span(in *spanJSON, resource *trace.Resource, scope *trace.Scope) {
	m := r.m
	s := trace.Span{
		TraceID: m.TraceID(string(in.TraceID)), SpanID: m.SpanID(string(in.SpanID)), Parent: m.Parent(string(in.ParentSpanID)),
		Name: in.Name, Kind: kindOf(in.Kind, m), Status: statusOf(in.Status.Code), StatusMessage: in.Status.Message,
		TraceState: in.TraceState, Flags: in.Flags.Count(m), Resource: resource, Scope: scope,
		Attrs: attrsOf(in.Attributes, m, 0), DroppedAttrs: in.Dropped.Count(m),
		DroppedEvents: in.DroppedEvents.Count(m), DroppedLinks: in.DroppedLinks.Count(m),
	}
	m.Within(&s, in.Start.Nanos(1, m), in.End.Nanos(1, m))
	for i := range in.Events {
		e := &in.Events[i]
		s.Events = append(s.Events, trace.Event{
			Time: e.Time.Nanos(1, m), Name: e.Name, Attrs: attrsOf(e.Attributes, m, 0), DroppedAttrs: e.Dropped.Count(m),
		})
	}
	for i := range in.Links {
		l := &in.Links[i]
		link := trace.Link{
			TraceID: m.TraceID(string(l.TraceID)), SpanID: m.SpanID(string(l.SpanID)), TraceState: l.TraceState,
			Flags: l.Flags.Count(m), Attrs: attrsOf(l.Attributes, m, 0), DroppedAttrs: l.Dropped.Count(m),
		}
		if link.SpanID.IsZero() {
			m.Add(mend.BadLink)
			continue
		}
		s.Links = append(s.Links, link)
	}
	r.spans = append(r.spans, s)
}
