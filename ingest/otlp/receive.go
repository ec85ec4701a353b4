package otlp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"golang.org/x/sync/semaphore"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"headwater/ingest"
)

// retryDelay is how long a sender is asked to wait before it tries again.
const retryDelay = time.Second

// requestsAtOnce is how many of the largest requests may be in work at one
// time; of smaller ones as many as have that size together.
const requestsAtOnce = 4

// errUnreadable marks requests that will never be readable: the sender must not
// try again.
var errUnreadable = errors.New("unreadable request")

// receiver is what gRPC and HTTP share: from a body to the Sink, and from the
// outcome to an answer.
type receiver struct {
	sink   ingest.Sink
	log    *slog.Logger
	inWork *semaphore.Weighted // bytes of bodies being decoded and written
}

func newReceiver(sink ingest.Sink, log *slog.Logger, maxBody int64) *receiver {
	return &receiver{sink: sink, log: log, inWork: semaphore.NewWeighted(requestsAtOnce * maxBody)}
}

// take decodes a body and writes it to the sink. It returns what was refused.
// The error is one of errUnreadable, ingest.ErrBusy, or the sink's.
func (r *receiver) take(ctx context.Context, body []byte, decode func([]byte) (*ingest.Batch, error)) (map[ingest.Reason]int, error) {
	size := int64(len(body))
	if !r.inWork.TryAcquire(size) {
		return nil, fmt.Errorf("too many requests in work: %w", ingest.ErrBusy)
	}
	defer r.inWork.Release(size)
	batch, err := decode(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	if len(batch.Spans) == 0 {
		return batch.Refused, nil
	}
	if err := r.sink.Write(ctx, batch); err != nil {
		return nil, err
	}
	return batch.Refused, nil
}

// explain gives the answer for an error of take, and logs what the sender alone
// can't put right.
func (r *receiver) explain(ctx context.Context, err error) *status.Status {
	switch {
	case errors.Is(err, errUnreadable):
		r.log.DebugContext(ctx, "refused an OTLP request", "error", err)
		return status.New(codes.InvalidArgument, printable(err))
	case errors.Is(err, ingest.ErrBusy):
		return tryLater(codes.ResourceExhausted, printable(err))
	case ctx.Err() != nil:
		return status.FromContextError(ctx.Err())
	}
	r.log.ErrorContext(ctx, "could not write spans", "error", err)
	return tryLater(codes.Unavailable, "spans could not be written: "+printable(err))
}

// tryLater makes a status that tells the sender when to try again.
func tryLater(code codes.Code, message string) *status.Status {
	st := status.New(code, message)
	detailed, err := st.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(retryDelay)})
	if err != nil {
		return st
	}
	return detailed
}

// printable is the error's text as protobuf can carry it: input that is quoted
// in it may be no UTF-8.
func printable(err error) string { return strings.ToValidUTF8(err.Error(), "\uFFFD") }

// partialSuccess is the answer to a request of which some spans were refused.
// A request that was taken whole is answered with an empty message instead.
func partialSuccess(refused map[ingest.Reason]int) ptraceotlp.ExportResponse {
	var total int
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(refused)) {
		total += refused[reason]
		reasons = append(reasons, fmt.Sprintf("%d with %s", refused[reason], reason))
	}
	answer := ptraceotlp.NewExportResponse()
	answer.PartialSuccess().SetRejectedSpans(int64(total))
	answer.PartialSuccess().SetErrorMessage("spans refused: " + strings.Join(reasons, ", "))
	return answer
}
