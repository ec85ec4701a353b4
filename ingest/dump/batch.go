package dump

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"headwater/graph/trace"
	"headwater/ingest"
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
	frees   []func() // of what next is made of
	added   int64    // spans
	written int64    // spans
}

// rooms are what the spans of batches stand in.
var rooms = sync.Pool{New: func() any {
	s := make([]trace.Span, 0, batchSpans)
	return &s
}}

// add takes the request over.
func (b *batcher) add(ctx context.Context, request *ingest.Batch) error {
	b.added += int64(len(request.Spans))
	if len(b.next.Spans)+len(request.Spans) > batchSpans || b.next.Size+request.Size > batchBytes {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	if len(request.Spans) > batchSpans {
		return b.cut(ctx, request)
	}
	b.join(request.Spans, request.Size)
	if request.Free != nil {
		b.frees = append(b.frees, request.Free)
	}
	return nil
}

// addSpans takes spans over that stand in no request and came in so many bytes.
func (b *batcher) addSpans(ctx context.Context, spans []trace.Span, size int) error {
	b.added += int64(len(spans))
	for len(spans) > 0 {
		n := min(len(spans), batchSpans-len(b.next.Spans))
		share := size / len(spans) * n
		b.join(spans[:n], share)
		size -= share
		if spans = spans[n:]; len(b.next.Spans) == batchSpans || b.next.Size > batchBytes {
			if err := b.flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *batcher) join(spans []trace.Span, size int) {
	if b.next.Spans == nil {
		b.next.Spans = (*rooms.Get().(*[]trace.Span))[:0]
	}
	b.next.Spans = append(b.next.Spans, spans...)
	b.next.Size += size
}

// cut writes a request that is too large for one batch in pieces.
func (b *batcher) cut(ctx context.Context, request *ingest.Batch) error {
	for spans := range slices.Chunk(request.Spans, batchSpans) {
		if err := b.write(ctx, &ingest.Batch{Spans: spans, Size: request.Size / len(request.Spans) * len(spans)}); err != nil {
			return err
		}
	}
	return nil
}

func (b *batcher) flush(ctx context.Context) error {
	if len(b.next.Spans) == 0 {
		return nil
	}
	batch, frees := b.next, b.frees
	b.next, b.frees = ingest.Batch{}, nil
	batch.Free = func() {
		for _, free := range frees {
			free()
		}
		clear(batch.Spans)
		rooms.Put(&batch.Spans)
	}
	return b.write(ctx, &batch)
}

func (b *batcher) write(ctx context.Context, batch *ingest.Batch) error {
	n := int64(len(batch.Spans)) // they may be gone afterwards
	pause, waited := firstPause, time.Duration(0)
	for {
		err := b.sink.Write(ctx, batch)
		if err == nil {
			b.written += n
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
