package xray

import (
	"fmt"
	"time"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

// maxDepth bounds how deep subsegments may stand within one another.
const maxDepth = 100

type segmentJSON struct {
	ID          mend.Text   `json:"id"`
	TraceID     mend.Text   `json:"trace_id"`
	ParentID    mend.Text   `json:"parent_id"`
	Name        string      `json:"name"`
	Type        string      `json:"type"`
	Namespace   string      `json:"namespace"`
	Origin      string      `json:"origin"`
	Start       mend.Number `json:"start_time"` // seconds
	End         mend.Number `json:"end_time"`   // seconds
	Fault       bool        `json:"fault"`
	Error       bool        `json:"error"`
	Throttle    bool        `json:"throttle"`
	Inferred    bool        `json:"inferred"`
	HTTP        httpJSON    `json:"http"`
	SQL         sqlJSON     `json:"sql"`
	AWS         mend.Raw    `json:"aws"`
	Service     mend.Raw    `json:"service"`
	Cause       mend.Raw    `json:"cause"`
	Annotations mend.Raw    `json:"annotations"`
	Metadata    mend.Raw    `json:"metadata"`
	Links       mend.List[struct {
		TraceID mend.Text `json:"trace_id"`
		ID      mend.Text `json:"id"`
	}] `json:"links"`
	Subsegments mend.List[mend.Raw] `json:"subsegments"`
}

type httpJSON struct {
	Request struct {
		Method string `json:"method"`
		URL    string `json:"url"`
	} `json:"request"`
	Response struct {
		Status mend.Number `json:"status"`
	} `json:"response"`
}

type sqlJSON struct {
	URL      string `json:"url"`
	Database string `json:"database_type"`
	Query    string `json:"sanitized_query"`
}

// Segment reads a segment's document with all that stands within it.
func Segment(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var s segmentJSON
	if err := mend.Unmarshal(object, &s); err != nil {
		return nil, fmt.Errorf("read an X-Ray segment: %w", err)
	}
	if s.Inferred {
		return nil, nil
	}
	r := reader{m: m, traceID: m.TraceID(trimID(string(s.TraceID)))}
	sub := s.Type == "subsegment"
	r.resource = resourceOf(&s, sub, m)
	if err := r.read(&s, m.Parent(string(s.ParentID)), sub, 0); err != nil {
		return nil, err
	}
	return r.spans, nil
}

// Trace reads an element of BatchGetTraces' answer. A document that can't be
// read is left out.
func Trace(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var t struct {
		Segments []struct {
			Document string `json:"Document"`
		} `json:"Segments"`
	}
	if err := mend.Unmarshal(object, &t); err != nil {
		return nil, fmt.Errorf("read an X-Ray trace: %w", err)
	}
	var spans []trace.Span
	for _, s := range t.Segments {
		of, err := Segment([]byte(s.Document), m)
		if err != nil {
			m.Add(mend.NoDoc)
			continue
		}
		spans = append(spans, of...)
	}
	return spans, nil
}

type reader struct {
	m        *mend.Mender
	traceID  trace.TraceID
	resource *trace.Resource
	spans    []trace.Span
}

// read adds the span of a segment and those of its subsegments.
func (r *reader) read(in *segmentJSON, parent trace.SpanID, sub bool, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("read an X-Ray segment: subsegments are nested deeper than %d", maxDepth)
	}
	s := trace.Span{
		TraceID: r.traceID, SpanID: r.m.SpanID(string(in.ID)), Parent: parent,
		Name: in.Name, Kind: trace.KindServer, Resource: r.resource,
	}
	r.m.Within(&s, in.Start.Nanos(time.Second, r.m), in.End.Nanos(time.Second, r.m))
	if sub {
		s.Kind = trace.KindInternal
		if in.Namespace != "" {
			s.Kind = trace.KindClient
		}
	}
	describe(&s, in, r.m)
	for _, l := range in.Links {
		s.Links = append(s.Links, trace.Link{TraceID: r.m.TraceID(trimID(string(l.TraceID))), SpanID: r.m.SpanID(string(l.ID))})
	}
	r.spans = append(r.spans, s)
	for _, raw := range in.Subsegments {
		var inner segmentJSON
		if err := mend.Unmarshal(raw, &inner); err != nil {
			r.m.Add(mend.NoDoc)
			continue
		}
		if err := r.read(&inner, s.SpanID, true, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// trimID turns 1-5759e988-bd862e3fe1be46a994272793 into digits.
func trimID(id string) string {
	const length = len("1-5759e988-bd862e3fe1be46a994272793")
	if len(id) == length && id[:2] == "1-" && id[10] == '-' {
		return id[2:10] + id[11:]
	}
	return id
}
