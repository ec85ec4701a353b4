package datadog

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

// spanJSON is a span as agents take it, and as the page saves it.
type spanJSON struct {
	TraceID  mend.Number            `json:"trace_id"`
	SpanID   mend.Number            `json:"span_id"`
	ParentID mend.Number            `json:"parent_id"`
	Service  string                 `json:"service"`
	Name     string                 `json:"name"`
	Resource string                 `json:"resource"`
	Type     string                 `json:"type"`
	Start    mend.Number            `json:"start"` // nanoseconds, or seconds
	Duration mend.Number            `json:"duration"`
	Error    mend.Number            `json:"error"`
	Env      string                 `json:"env"`
	Host     string                 `json:"host"`
	HostName string                 `json:"hostname"`
	Meta     map[string]mend.Text   `json:"meta"`
	Metrics  map[string]mend.Number `json:"metrics"`
}

// Span reads the object of one span.
func Span(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var in spanJSON
	if err := mend.Unmarshal(object, &in); err != nil {
		return nil, fmt.Errorf("read a Datadog span: %w", err)
	}
	return []trace.Span{spanOf(&in, m)}, nil
}

// Saved reads a trace as Datadog's page saves it: {"trace": {"spans": {id: span}}}.
func Saved(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var in struct {
		Trace struct {
			Spans map[string]spanJSON `json:"spans"`
		} `json:"trace"`
		Orphaned mend.List[spanJSON] `json:"orphaned"`
	}
	if err := mend.Unmarshal(object, &in); err != nil {
		return nil, fmt.Errorf("read a saved Datadog trace: %w", err)
	}
	var spans []trace.Span
	for _, id := range slices.Sorted(maps.Keys(in.Trace.Spans)) {
		s := in.Trace.Spans[id]
		spans = append(spans, spanOf(&s, m))
	}
	for i := range in.Orphaned {
		spans = append(spans, spanOf(&in.Orphaned[i], m))
	}
	return spans, nil
}

func spanOf(in *spanJSON, m *mend.Mender) trace.Span {
	s := trace.Span{Name: in.Resource}
	if s.Name == "" {
		s.Name = in.Name
	}
	s.TraceID = traceID(in.TraceID.Text(), string(in.Meta["_dd.p.tid"]), m)
	s.SpanID = spanID(in.SpanID.Text(), m)
	if !in.ParentID.IsZero() {
		s.Parent = spanID(in.ParentID.Text(), m)
	}
	// The page gives seconds, agents nanoseconds; seconds reach this number in
	// some thousand years.
	unit := time.Nanosecond
	if f := in.Start.Float(m); f < 1e12 {
		unit = time.Second
	}
	start := in.Start.Nanos(unit, m)
	m.Within(&s, start, start+in.Duration.Nanos(unit, m))
	if in.Error.Int(m) != 0 {
		s.Status = trace.StatusError
	}
	meta := make(map[string]trace.Value, len(in.Meta)+len(in.Metrics))
	for key, n := range in.Metrics {
		meta[key] = trace.Double(n.Float(m))
		if i, ok := meta[key].Int(); ok {
			meta[key] = trace.Int(i)
		}
	}
	for key, text := range in.Meta {
		meta[key] = trace.String(string(text))
	}
	say(meta, "env", in.Env)
	say(meta, "host", in.Host)
	say(meta, "host", in.HostName)
	fill(&s, in.Service, in.Type, meta, m)
	return s
}

func say(meta map[string]trace.Value, key, text string) {
	if _, ok := meta[key]; !ok && text != "" {
		meta[key] = trace.String(text)
	}
}

func spanID(text string, m *mend.Mender) trace.SpanID {
	if id, ok := mend.DecimalID(text); ok {
		return id
	}
	return m.SpanID(text)
}

// traceID reads a decimal id of 64 bits, whose left half may be given in hex (on
// the first span of each list, as the libraries write it), or one of 32 digits.
func traceID(text, left string, m *mend.Mender) (id trace.TraceID) {
	right, ok := mend.DecimalID(text)
	if !ok {
		return m.TraceID(text)
	}
	var half [8]byte
	if raw, err := hex.DecodeString(left); err == nil && len(raw) == 8 {
		half = [8]byte(raw)
	}
	return m.Complete(right, half)
}
