package dump

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/wire"
)

// A batch whose spans start within nearby of one another is in order enough.
// Others are taken apart by slots of time.
const (
	nearby = int64(5 * 60e9)
	slot   = int64(60e9)
)

// waitingSpans is how many spans wait in memory for their slot.
const waitingSpans = 50_000

// maxSlots bounds how many slots of time there are, and files of them. What lies
// outside goes on as it came.
const maxSlots = 10_000

// Sorter is a Sink that brings spans roughly into the order of time before they
// go on to another Sink: a store reads what lies together in time, and a file of
// traces in any order makes it read all for each minute. What is in order goes
// on at once; the rest goes into files of a temporary folder, and on with Close.
// It is not safe for concurrent use.
type Sorter struct {
	sink    ingest.Sink
	slots   map[int64][]trace.Span // waiting, by slot
	waiting int
	files   map[int64]string // by slot
	folder  string
}

// NewSorter makes a Sorter in front of a sink.
func NewSorter(sink ingest.Sink) *Sorter {
	return &Sorter{sink: sink, slots: map[int64][]trace.Span{}, files: map[int64]string{}}
}

// Write implements ingest.Sink.
func (s *Sorter) Write(ctx context.Context, b *ingest.Batch) error {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range b.Spans {
		first, last = min(first, b.Spans[i].Start), max(last, b.Spans[i].Start)
	}
	if len(b.Spans) == 0 || last-first <= nearby {
		return s.sink.Write(ctx, b)
	}
	var others []trace.Span
	for _, span := range b.Spans {
		n := span.Start / slot
		if _, ok := s.slots[n]; !ok && len(s.slots) >= maxSlots {
			others = append(others, span)
			continue
		}
		s.slots[n] = append(s.slots[n], span)
		s.waiting++
	}
	if err := s.pass(ctx, others); err != nil {
		return err
	}
	if s.waiting < waitingSpans {
		return nil
	}
	return s.spill()
}

// pass hands spans on.
func (s *Sorter) pass(ctx context.Context, spans []trace.Span) error {
	for part := range slices.Chunk(spans, batchSpans) {
		request, err := wire.Encode(part)
		if err != nil {
			return fmt.Errorf("encode spans: %w", err)
		}
		out := batcher{sink: s.sink, next: ingest.Batch{Request: request, Spans: part}}
		if err := out.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// spill writes what waits into the files of the slots.
func (s *Sorter) spill() (err error) {
	if s.folder == "" {
		if s.folder, err = os.MkdirTemp("", "headwater-"); err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(s.slots)) {
		spans := s.slots[n]
		if len(spans) == 0 {
			continue
		}
		name := filepath.Join(s.folder, strconv.FormatInt(n, 10))
		if err := appendTo(name, spans); err != nil {
			return err
		}
		s.files[n], s.slots[n] = name, nil
	}
	s.waiting = 0
	return nil
}

func appendTo(name string, spans []trace.Span) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w, err := NewWriter(f, Protobuf)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(w.WriteSpans(context.Background(), spans), w.Close(), f.Close())
}

// Close hands on what waits, in order of time, and removes the files.
func (s *Sorter) Close(ctx context.Context) (err error) {
	defer func() {
		if s.folder != "" {
			err = errors.Join(err, os.RemoveAll(s.folder))
		}
	}()
	for _, n := range slices.Sorted(maps.Keys(s.slots)) {
		if name, ok := s.files[n]; ok {
			if _, err := Read(ctx, []Input{file(name, false, 0)}, s.sink, Options{}); err != nil {
				return err
			}
		}
		if err := s.pass(ctx, s.slots[n]); err != nil {
			return err
		}
	}
	return nil
}
