package dump

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/wire"
)

// A batch is written when one more request would exceed either of these. A
// write costs a commit, and requests in dumps are often small.
const (
	batchSpans = 4096
	batchBytes = 8 << 20
)

// A busy sink is asked again after a growing pause, and given up on when it was
// busy for maxBusy without a break.
const (
	firstPause = 10 * time.Millisecond
	maxPause   = time.Second
	maxBusy    = time.Minute
)

// batcher gathers requests into batches of a good size for the sink.
type batcher struct {
	sink    ingest.Sink
	next    ingest.Batch
	loose   []trace.Span // after those of next, not encoded yet
	added   int64        // spans
	written int64        // spans
}

// add takes the request over. Requests in protobuf are joined by writing one
// after the other.
func (b *batcher) add(ctx context.Context, request *ingest.Batch) error {
	b.added += int64(len(request.Spans))
	if err := b.encode(); err != nil {
		return err
	}
	if len(b.next.Spans)+len(request.Spans) > batchSpans || len(b.next.Request)+len(request.Request) > batchBytes {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	if len(request.Spans) > batchSpans {
		return b.cut(ctx, request)
	}
	b.next.Request = append(b.next.Request, request.Request...)
	b.next.Spans = append(b.next.Spans, request.Spans...)
	return nil
}

// addSpans takes spans over that stand in no request.
func (b *batcher) addSpans(ctx context.Context, spans []trace.Span) error {
	b.added += int64(len(spans))
	for len(spans) > 0 {
		n := min(len(spans), batchSpans-len(b.loose)-len(b.next.Spans))
		b.loose = append(b.loose, spans[:n]...)
		if spans = spans[n:]; len(b.loose)+len(b.next.Spans) == batchSpans {
			if err := b.flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// encode makes a request of the loose spans.
func (b *batcher) encode() error {
	if len(b.loose) == 0 {
		return nil
	}
	encoded, err := wire.Encode(b.loose)
	if err != nil {
		return fmt.Errorf("encode spans: %w", err)
	}
	b.next.Request = append(b.next.Request, encoded...)
	b.next.Spans = append(b.next.Spans, b.loose...)
	b.loose = nil
	return nil
}

// cut writes a request that is too large for one batch in pieces.
func (b *batcher) cut(ctx context.Context, request *ingest.Batch) error {
	for spans := range slices.Chunk(request.Spans, batchSpans) {
		encoded, err := wire.Encode(spans)
		if err != nil {
			return fmt.Errorf("cut a large request: %w", err)
		}
		b.next = ingest.Batch{Request: encoded, Spans: spans}
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *batcher) flush(ctx context.Context) error {
	if err := b.encode(); err != nil {
		return err
	}
	if len(b.next.Spans) == 0 {
		return nil
	}
	batch := b.next
	b.next = ingest.Batch{}
	pause, waited := firstPause, time.Duration(0)
	for {
		err := b.sink.Write(ctx, &batch)
		if err == nil {
			b.written += int64(len(batch.Spans))
			return nil
		}
		if !errors.Is(err, ingest.ErrBusy) || waited >= maxBusy {
			return fmt.Errorf("write spans: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		waited += pause
		pause = min(2*pause, maxPause)
	}
}
