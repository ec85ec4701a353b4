package ingest

import (
	"context"
	"errors"

	"headwater/graph/trace"
)

// Batch is what came in one export request, or several, decoded.
type Batch struct {
	// Size is how many bytes the spans had as they came, or about so many.
	Size int
	// Spans are those that can be kept, in the order in which they came.
	Spans []trace.Span
	// Refused counts, by reason, the spans that can't be kept (no trace id, no
	// span id).
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
