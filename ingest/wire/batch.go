package wire

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"headwater/graph/trace"
	"headwater/ingest"
)

// NewBatch reads an ExportTraceServiceRequest in protobuf. Where no span is
// refused, the batch's Request is the given slice, which the batch then owns.
func NewBatch(request []byte) (b *ingest.Batch, err error) {
	defer recoverInto(&err)
	td, err := unmarshal(request)
	if err != nil {
		return nil, err
	}
	refused := removeRefused(td)
	if len(refused) > 0 {
		if request, err = marshal(td); err != nil {
			return nil, err
		}
	}
	return newBatch(td, request, refused)
}

// NewBatchJSON reads an ExportTraceServiceRequest in OTLP's JSON form: one
// object, with nothing but white space around it. Unknown fields are passed
// over, as OTLP asks.
func NewBatchJSON(text []byte) (b *ingest.Batch, err error) {
	defer recoverInto(&err)
	if err := checkObject(text); err != nil {
		return nil, err
	}
	td, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(text)
	if err != nil {
		return nil, fmt.Errorf("read OTLP JSON: %w", err)
	}
	refused := removeRefused(td)
	request, err := marshal(td)
	if err != nil {
		return nil, err
	}
	return newBatch(td, request, refused)
}

func newBatch(td ptrace.Traces, request []byte, refused map[ingest.Reason]int) (*ingest.Batch, error) {
	spans, err := spansOf(td)
	if err != nil {
		return nil, err
	}
	return &ingest.Batch{Request: request, Spans: spans, Refused: refused}, nil
}

// Decode reads the spans of an ExportTraceServiceRequest in protobuf, in its
// order. The spans of one ResourceSpans share a Resource, those of one
// ScopeSpans a Scope. Spans without a trace id or a span id are left out and
// counted; the map is nil where there are none.
func Decode(request []byte) (spans []trace.Span, refused map[ingest.Reason]int, err error) {
	defer recoverInto(&err)
	td, err := unmarshal(request)
	if err != nil {
		return nil, nil, err
	}
	refused = removeRefused(td)
	spans, err = spansOf(td)
	if err != nil {
		return nil, nil, err
	}
	return spans, refused, nil
}

func unmarshal(request []byte) (ptrace.Traces, error) {
	td, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(request)
	if err != nil {
		return ptrace.Traces{}, fmt.Errorf("read OTLP protobuf: %w", err)
	}
	return td, nil
}

func marshal(td ptrace.Traces) ([]byte, error) {
	request, err := new(ptrace.ProtoMarshaler).MarshalTraces(td)
	if err != nil {
		return nil, fmt.Errorf("write OTLP protobuf: %w", err)
	}
	return request, nil
}

// removeRefused takes the spans that can't be kept out of td and counts them.
func removeRefused(td ptrace.Traces) map[ingest.Reason]int {
	var refused map[ingest.Reason]int
	refuse := func(span ptrace.Span) bool {
		reason := ingest.NoSpanID
		switch {
		case span.TraceID().IsEmpty():
			reason = ingest.NoTraceID
		case !span.SpanID().IsEmpty():
			return false
		}
		if refused == nil {
			refused = make(map[ingest.Reason]int)
		}
		refused[reason]++
		return true
	}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			ss.Spans().RemoveIf(refuse)
		}
	}
	return refused
}

// recoverInto turns a panic of the decoder into an error: one bad request must
// not end the process.
func recoverInto(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("decoder panicked: %v", r)
	}
}
