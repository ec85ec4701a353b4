package mend

import (
	"strings"

	"headwater/graph/trace"
)

// The tags by which OpenTelemetry's exporters and OpenTracing write what has no
// field in formats before OTLP.
const (
	TagKind           = "span.kind"
	TagError          = "error"
	TagStatus         = "otel.status_code"
	TagDescription    = "otel.status_description"
	TagOldDescription = "otel.status_message"
	TagScope          = "otel.scope.name"
	TagScopeVersion   = "otel.scope.version"
	TagLibrary        = "otel.library.name"
	TagLibraryVersion = "otel.library.version"
	TagTraceState     = "w3c.tracestate"
)

var kinds = map[string]trace.Kind{
	"server": trace.KindServer, "client": trace.KindClient, "producer": trace.KindProducer,
	"consumer": trace.KindConsumer, "internal": trace.KindInternal, "": trace.KindUnspecified,
	"unspecified": trace.KindUnspecified, "local": trace.KindInternal,
}

// Kind reads a kind's name in any case, with or without the prefixes that OTLP
// and Python write.
func (m *Mender) Kind(name string) trace.Kind {
	short := strings.ToLower(name)
	short = strings.TrimPrefix(strings.TrimPrefix(short, "span_kind_"), "spankind.")
	k, ok := kinds[short]
	if !ok {
		m.Add(BadKind)
	}
	return k
}

// Status reads a status code's name in any case, with or without OTLP's prefix.
func Status(name string) trace.StatusCode {
	switch strings.TrimPrefix(strings.ToLower(name), "status_code_") {
	case "ok":
		return trace.StatusOK
	case "error":
		return trace.StatusError
	}
	return trace.StatusUnset
}

// Tags puts tags into the span: those that say what OTLP has a field for into
// the field, the others into Attrs. An error tag is also kept where it says
// more than that there was one.
func (m *Mender) Tags(s *trace.Span, tags []trace.Attr) {
	var scope scopeName
	for _, t := range tags {
		text := t.Value.Text()
		switch t.Key {
		case TagKind:
			if k := m.Kind(text); k != trace.KindUnspecified {
				s.Kind = k
			}
		case TagStatus:
			s.Status = Status(text)
		case TagDescription, TagOldDescription:
			s.StatusMessage = text
		case TagError:
			m.failed(s, text)
		case TagScope, TagLibrary:
			scope.name = text
		case TagScopeVersion, TagLibraryVersion:
			scope.version = text
		case TagTraceState:
			s.TraceState = text
		default:
			s.Attrs = append(s.Attrs, t)
		}
	}
	if s.Status != trace.StatusError && s.StatusMessage != "" {
		s.StatusMessage = ""
	}
	s.Scope = m.Scope(scope.name, scope.version)
}

// failed reads an error tag: true, false, or what went wrong.
func (m *Mender) failed(s *trace.Span, text string) {
	switch strings.ToLower(text) {
	case "false", "0", "":
		return
	case "true", "1":
	default:
		if s.StatusMessage == "" {
			s.StatusMessage = text
		}
	}
	s.Status = trace.StatusError
}

// Within sets the span's times from a start and a duration or an end; either
// may be missing. All are Unix nanoseconds.
func (m *Mender) Within(s *trace.Span, start, end int64) {
	switch {
	case start == 0 && end != 0:
		m.Add(NoStart)
		start = end
	case end == 0:
		m.Add(NoEnd)
		end = start
	case end < start:
		m.Add(EndBeforeStart)
		end = start
	}
	s.Start, s.End = start, end
}
