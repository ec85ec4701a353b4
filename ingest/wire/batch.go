package wire

import (
	"fmt"

	"headwater/graph/trace"
	"headwater/ingest"
)

// NewBatch reads an ExportTraceServiceRequest in protobuf. The batch owns the
// given slice from then on: its spans alias it. Its Free lets the memory of its
// spans be used again.
func NewBatch(request []byte) (*ingest.Batch, error) {
	s := scanners.Get().(*scanner)
	spans, refused, err := s.scan(request)
	if err != nil {
		s.free()
		return nil, fmt.Errorf("read OTLP protobuf: %w", err)
	}
	return &ingest.Batch{Size: len(request), Spans: spans, Refused: refused, Free: s.free}, nil
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
