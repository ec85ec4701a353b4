package wire

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"headwater/graph/trace"
	"headwater/ingest"
)

// reference reads a request with pdata, which is the judge of what OTLP means.
// It leaves out what is refused.
func reference(request []byte) (spans []trace.Span, refused map[ingest.Reason]int, err error) {
	td, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(request)
	if err != nil {
		return nil, nil, err
	}
	var s scanner
	err = s.take(td)
	return s.spans, s.refused, err
}
