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
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"headwater/ingest"
)

// retryDelay is how long a sender is asked to wait before it tries again.
const retryDelay = time.Second

// needsToken is the answer to a request without a right token. It says as much
// to those who have none as to those who guess.
const needsToken = `a bearer token is needed: send "Authorization: Bearer TOKEN" with a token that this Headwater knows`

var (
	// errUnreadable marks requests that will never be readable: the sender must
	// not try again.
	errUnreadable = errors.New("unreadable request")
	// errNoRoom says that requestsAtOnce was reached.
	errNoRoom = fmt.Errorf("too many requests in work: %w", ingest.ErrBusy)
)

// receiver is what gRPC and HTTP share: from a body to the Sink, and from the
// outcome to an answer.
type receiver struct {
	Config
	sink   ingest.Sink
	log    *slog.Logger
	inWork *semaphore.Weighted // bytes of bodies being read over HTTP, decoded and written
}

func newReceiver(cfg Config, sink ingest.Sink, log *slog.Logger) *receiver {
	cfg = cfg.withDefaults()
	return &receiver{Config: cfg, sink: sink, log: log, inWork: semaphore.NewWeighted(requestsAtOnce * (cfg.MaxBody + 1))}
}

// authorized looks for a right token among the values of the header or metadata
// "authorization".
func (r *receiver) authorized(values []string) bool {
	if r.Authorized == nil {
		return true
	}
	if len(values) != 1 {
		return false
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	return ok && strings.EqualFold(scheme, "Bearer") && r.Authorized(strings.TrimSpace(token))
}

// taken is what was in a request that was taken.
type taken struct {
	spans   int
	refused map[ingest.Reason]int
}

// take decodes a body and writes it to the sink. The error is one of
// errUnreadable, ingest.ErrBusy, or the sink's. The body goes over to the batch,
// and the batch to the sink.
func (r *receiver) take(ctx context.Context, body []byte, decode func([]byte) (*ingest.Batch, error)) (taken, error) {
	batch, err := decode(body)
	if err != nil {
		return taken{}, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	got := taken{len(batch.Spans), batch.Refused}
	if got.spans == 0 {
		return got, nil
	}
	return got, r.sink.Write(ctx, batch)
}

// resultOf names the outcome of take.
func resultOf(ctx context.Context, err error) Result {
	switch {
	case err == nil:
		return Taken
	case errors.Is(err, errUnreadable):
		return Unreadable
	case errors.Is(err, ingest.ErrBusy):
		return Busy
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return TimedOut
	case ctx.Err() != nil:
		return GoneAway
	}
	return NotWritten
}

// explain gives the answer for an error of take, and logs what the sender alone
// can't put right.
func (r *receiver) explain(ctx context.Context, err error) *status.Status {
	switch resultOf(ctx, err) {
	case Unreadable:
		r.log.DebugContext(ctx, "refused an OTLP request", "error", err)
		return badRequest(err)
	case Busy:
		return tryLater(codes.ResourceExhausted, printable(err))
	case TimedOut, GoneAway:
		return status.FromContextError(ctx.Err())
	}
	r.log.ErrorContext(ctx, "could not write spans", "error", err)
	return tryLater(codes.Unavailable, "spans could not be written: "+printable(err))
}

// tryLater makes a status that tells the sender when to try again.
func tryLater(code codes.Code, message string) *status.Status {
	return detailed(status.New(code, message), &errdetails.RetryInfo{RetryDelay: durationpb.New(retryDelay)})
}

// badRequest makes a status that tells the sender never to try again.
func badRequest(err error) *status.Status {
	text := printable(err)
	return detailed(status.New(codes.InvalidArgument, text), &errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "body", Description: text}},
	})
}

func detailed(st *status.Status, detail protoadapt.MessageV1) *status.Status {
	if with, err := st.WithDetails(detail); err == nil {
		return with
	}
	return st
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
