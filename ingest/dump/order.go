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
	slots   map[int64]*waits // by slot
	waiting int
	files   map[int64]string // by slot
	folder  string
}

// waits are the spans that wait for a slot, and how many bytes they had.
type waits struct {
	spans []trace.Span
	size  int
}

// NewSorter makes a Sorter in front of a sink.
func NewSorter(sink ingest.Sink) *Sorter {
	return &Sorter{sink: sink, slots: map[int64]*waits{}, files: map[int64]string{}}
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
	var others waits
	each := b.Size / len(b.Spans)
	for _, span := range b.Spans {
		n := span.Start / slot
		w := s.slots[n]
		switch {
		case w != nil:
		case len(s.slots) >= maxSlots:
			others.add(span, each)
			continue
		default:
			w = &waits{}
			s.slots[n] = w
		}
		w.add(span, each)
		s.waiting++
	}
	if err := s.pass(ctx, &others); err != nil {
		return err
	}
	if s.waiting < waitingSpans {
		return nil
	}
	return s.spill()
}

func (w *waits) add(span trace.Span, size int) {
	w.spans, w.size = append(w.spans, span), w.size+size
}

// pass hands spans on.
func (s *Sorter) pass(ctx context.Context, w *waits) error {
	out := batcher{sink: s.sink}
	if err := out.addSpans(ctx, w.spans, w.size); err != nil {
		return err
	}
	return out.flush(ctx)
}

// spill writes what waits into the files of the slots.
func (s *Sorter) spill() (err error) {
	if s.folder == "" {
		if s.folder, err = os.MkdirTemp("", "headwater-"); err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(s.slots)) {
		w := s.slots[n]
		if len(w.spans) == 0 {
			continue
		}
		name := filepath.Join(s.folder, strconv.FormatInt(n, 10))
		if err := appendTo(name, w.spans); err != nil {
			return err
		}
		s.files[n], s.slots[n] = name, &waits{}
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
