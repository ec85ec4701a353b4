package ingest

import (
	"context"
	"errors"

	"headwater/graph/trace"
)

// Batch is one export request: the bytes as they are kept, and what stands in
// them.
type Batch struct {
	// Request is an ExportTraceServiceRequest in protobuf. It holds Spans and
	// nothing that was refused.
	Request []byte
	// Spans are the request's spans, decoded, in its order.
	Spans []trace.Span
	// Refused counts, by reason, the spans of the original request that can't
	// be kept (no trace id, no span id). The rest of the request is kept.
	Refused map[Reason]int
	// Free, where it is not nil, lets the memory of the spans be used again; they
	// are zero from then on. A Sink calls it once, when nothing reads them any
	// more, or never.
	Free func()
}

// Reason says why a span was refused.
type Reason string

// The reasons for refusing a span.
const (
	NoTraceID Reason = "no trace id"
	NoSpanID  Reason = "no span id"
)

// Sink takes batches and owns them: after Write nobody else may read the spans.
// Write returns after the batch is safe against a crash of
// the process; it is safe for concurrent use. Writing a span twice is as
// writing it once.
type Sink interface {
	Write(ctx context.Context, b *Batch) error
}

// ErrBusy is returned (wrapped) by a Sink that can't take more now. The sender
// should wait and try again; nothing was written.
var ErrBusy = errors.New("busy, try again later")
