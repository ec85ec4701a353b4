package wire

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"headwater/graph/trace"
	"headwater/ingest"
)

// NewBatch reads an ExportTraceServiceRequest in protobuf. The batch owns the
// given slice from then on: its spans alias it, and where no span is refused
// it is the batch's Request. Its Free lets the memory of its spans be used
// again.
func NewBatch(request []byte) (*ingest.Batch, error) {
	s := scanners.Get().(*scanner)
	spans, refused, err := s.scan(request)
	if err != nil {
		s.free()
		return nil, fmt.Errorf("read OTLP protobuf: %w", err)
	}
	if len(refused) > 0 {
		if request, err = Encode(spans); err != nil {
			return nil, err
		}
	}
	return &ingest.Batch{Request: request, Spans: spans, Refused: refused, Free: s.free}, nil
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
	request, err := new(ptrace.ProtoMarshaler).MarshalTraces(td)
	if err != nil {
		return nil, fmt.Errorf("write OTLP protobuf: %w", err)
	}
	return NewBatch(request)
}

// Decode reads the spans of an ExportTraceServiceRequest in protobuf, in its
// order. Their strings alias the request, which must not be changed while they
// are in use, and which they keep in memory. The spans of one ResourceSpans
// share a Resource, those of one ScopeSpans a Scope, all of them large slices of
// attributes: copy what is kept for long. Spans without a trace id or
// a span id are left out and counted; the map is nil where there are none.
func Decode(request []byte) (spans []trace.Span, refused map[ingest.Reason]int, err error) {
	spans, refused, err = new(scanner).scan(request)
	if err != nil {
		return nil, nil, fmt.Errorf("read OTLP protobuf: %w", err)
	}
	return spans, refused, nil
}

// recoverInto turns a panic of pdata into an error: one bad request must not
// end the process.
func recoverInto(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("decoder panicked: %v", r)
	}
}
