package store

import (
	"context"
	"maps"
	"slices"

	"headwater/graph/trace"
	"headwater/ingest/store/column"
)

const (
	// usualHold is how many bytes of spans Each holds of traces that are not whole yet.
	usualHold = 64 << 20
	// mostLasts bounds the traces that one reading of the blocks looks out for, of some
	// twenty bytes each, and mostPasses how often they are read.
	mostLasts  = 4 << 20
	mostPasses = 1 << 14
)

// Selection asks for whole traces.
type Selection struct {
	From, To int64 // what starts elsewhere is left out of them, Unix nanoseconds
	// Share is one in how many traces is given: by lot, and the same ones each time.
	// 0 and 1 are all.
	Share uint32
	// CoreFrom and CoreTo are a stretch of time: all traces with a span that starts in
	// [CoreFrom, CoreTo) are given, whatever their share. A trace with a link goes with
	// the one that it points at.
	CoreFrom, CoreTo int64
	// Hold is about how many bytes of spans are held; 64 MiB where it is 0.
	Hold int64
}

// Counts tells about how many stored spans start in each stretch of time of [from,
// to), without reading them.
func (s *Store) Counts(from, to, each int64) []int {
	s.mu.Lock()
	v := s.look()
	s.mu.Unlock()
	defer v.release()
	sums := make([]float64, max(0, (to-from+each-1)/each))
	for _, b := range v.blocks {
		for _, slot := range b.slots {
			begin := int64(slot) * slotLength
			for at := max(from, begin); at < min(to, begin+slotLength); {
				i := (at - from) / each
				until := min(to, begin+slotLength, from+(i+1)*each)
				sums[i] += float64(b.Spans) / float64(len(b.slots)) * float64(until-at) / float64(slotLength)
				at = until
			}
		}
	}
	out := make([]int, len(sums))
	for i, n := range sums {
		out[i] = int(n + 0.5)
	}
	return out
}

// Each calls yield with the traces that are selected, each once and whole, until it
// returns false. Most are complete soon after they began: blocks are read once, in the
// order in which they were written, and what is held are the spans of traces that have
// more of them in a later block. Where that is more than may be held, half of the traces
// are put off, and the blocks read once more for them.
//
// A trace is good until yield returns. Of one with more than 100,000 spans it has those
// that were written first.
func (s *Store) Each(ctx context.Context, q Selection, yield func(*trace.Trace) bool) error {
	v, leave, err := s.reading(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if q.Hold <= 0 {
		q.Hold = usualHold
	}
	w := &wholes{s: s, q: q, yield: yield, classes: trace.NewClasses(), keep: newKeeper()}
	many := 0
	for _, b := range v.blocks {
		if b.MaxStart >= q.From && b.MinStart < q.To {
			w.blocks = append(w.blocks, b)
			many += len(b.traces)
		}
	}
	if q.Share > 1 {
		if err := w.choose(ctx); err != nil {
			return err
		}
		many = many/int(q.Share) + len(w.core)
	}
	parts := uint32(many/mostLasts + 1)
	for part := range parts {
		todo := []pass{{of: parts, number: part}}
		for len(todo) > 0 {
			p := todo[len(todo)-1]
			again, on, err := w.read(ctx, p)
			if err != nil || !on {
				return err
			}
			todo = append(todo[:len(todo)-1], again...)
		}
	}
	return nil
}

// wholes brings spans together by trace. Traces are told apart by their fingerprints;
// the few that share one are sorted out when both are whole.
type wholes struct {
	s         *Store
	q         Selection
	yield     func(*trace.Trace) bool
	blocks    []*block
	core      map[uint32]struct{} // given whatever their share
	not       map[uint32]struct{} // linked to traces that are not given
	keep      *keeper
	classes   *trace.Classes
	assembler trace.Assembler
}

// pass is one reading of the blocks, for a part of the traces: those whose last spans
// do not stand before a block.
type pass struct {
	of, number uint32
	after      int32
}

func (w *wholes) selected(print uint32) bool {
	if w.q.Share <= 1 {
		return true
	}
	if _, ok := w.core[print]; ok {
		return true
	}
	_, not := w.not[print]
	return !not && print%w.q.Share == 0
}

// choose finds the traces of the core, and what follows from them over links.
func (w *wholes) choose(ctx context.Context) error {
	w.core, w.not = map[uint32]struct{}{}, map[uint32]struct{}{}
	for _, b := range w.blocks {
		if b.startsWithin(w.q.CoreFrom, w.q.CoreTo) {
			for _, print := range b.traces {
				w.core[print] = struct{}{}
			}
		}
	}
	var room column.Room
	for _, b := range w.blocks {
		spans, err := w.s.linked(ctx, b, &room)
		if err != nil {
			return err
		}
		for i := range spans {
			mine := fingerprint(spans[i].TraceID)
			for _, l := range spans[i].Links {
				if l.TraceID == spans[i].TraceID {
					continue
				}
				if w.selected(fingerprint(l.TraceID)) {
					w.core[mine] = struct{}{}
				} else {
					w.not[mine] = struct{}{}
				}
			}
		}
	}
	return nil
}

// linked gives the spans of a block where some of them have links, in the room.
func (s *Store) linked(ctx context.Context, b *block, room *column.Room) (spans []trace.Span, err error) {
	if ctx.Err() != nil || b.damaged.Load() {
		return nil, ctx.Err()
	}
	err = s.read(b, func(v []byte) (err error) {
		spans, err = s.decoder.DecodeLinked(room, v)
		return err
	})
	if err != nil {
		return nil, ctx.Err() // who reads it in full tells
	}
	return spans, nil
}

// unfinished is a trace, or several with one fingerprint, of which spans are held.
type unfinished struct {
	spans []trace.Span
	size  int64
}

// read does a pass. again are the passes that it makes necessary.
func (w *wholes) read(ctx context.Context, p pass) (again []pass, on bool, err error) {
	last := map[uint32]int32{} // the block with a trace's last spans
	for i, b := range w.blocks {
		for _, print := range b.traces {
			if print%p.of == p.number && w.selected(print) {
				last[print] = int32(i)
			}
		}
	}
	maps.DeleteFunc(last, func(_ uint32, at int32) bool { return at < p.after })
	held, size := map[uint32]*unfinished{}, int64(0)
	for i, b := range w.blocks {
		if len(last) == 0 {
			break
		}
		if err := w.gather(ctx, b, int32(i), last, held, &size); err != nil {
			return nil, false, err
		}
		for _, print := range b.traces {
			if at, ok := last[print]; !ok || at != int32(i) {
				continue
			}
			delete(last, print)
			o := held[print]
			if o == nil {
				continue
			}
			delete(held, print)
			size -= o.size
			if !w.give(o.spans) {
				return nil, false, nil
			}
		}
		for size > w.q.Hold && p.of < mostPasses {
			off := p.number + p.of
			again = append(again, pass{of: 2 * p.of, number: off, after: max(p.after, int32(i)+1)})
			p.of *= 2
			maps.DeleteFunc(last, func(print uint32, _ int32) bool { return print%p.of == off })
			maps.DeleteFunc(held, func(print uint32, o *unfinished) bool {
				if print%p.of != off {
					return false
				}
				size -= o.size
				return true
			})
		}
	}
	return again, true, nil
}

// gather takes the spans of a block. Those that must be held longer are copied: as they
// are, each keeps the block in memory.
func (w *wholes) gather(ctx context.Context, b *block, number int32, last map[uint32]int32, held map[uint32]*unfinished, size *int64) error {
	spans, err := w.s.decode(ctx, b, func(id trace.TraceID) bool { _, ok := last[fingerprint(id)]; return ok }, nil)
	if err != nil {
		return err
	}
	w.keep.next()
	var id trace.TraceID
	var print uint32
	var o *unfinished
	for i := range spans {
		s := &spans[i]
		if s.Start < w.q.From || s.Start >= w.q.To {
			continue
		}
		if o == nil || s.TraceID != id {
			id, print = s.TraceID, fingerprint(s.TraceID)
			if o = held[print]; o == nil {
				o = &unfinished{}
				held[print] = o
			}
		}
		switch {
		case len(o.spans) >= maxTraceSpans:
		case last[print] == number:
			o.spans = append(o.spans, *s)
		default:
			c, n := w.keep.span(s)
			o.spans = append(o.spans, c)
			o.size += n
			*size += n
		}
	}
	return nil
}

// give gives the traces that spans belong to: one, but for fingerprints that several
// share.
func (w *wholes) give(spans []trace.Span) bool {
	for len(spans) > 0 {
		id := spans[0].TraceID
		var others []trace.Span
		for i := range spans {
			if spans[i].TraceID != id {
				others = append(others, spans[i])
			}
		}
		if others != nil {
			spans = slices.DeleteFunc(spans, func(s trace.Span) bool { return s.TraceID != id })
		}
		if !w.yield(w.assembler.Whole(w.classes, spans)) {
			return false
		}
		spans = others
	}
	return true
}
