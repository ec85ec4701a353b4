package store

import (
	"bytes"
	"context"
	"iter"
	"maps"
	"slices"

	"headwater/graph"
	"headwater/graph/trace"
	"headwater/ingest/store/column"
)

const (
	// reaches is in how many windows at most a span counts that runs through
	// them; graph has the same bound.
	reaches = 360
	// maxTraceSpans bounds what is read of one trace: the spans that were written
	// first.
	maxTraceSpans = 100_000
	// gatherTraces bounds how many traces that a window lacks are read at a time.
	gatherTraces = 8_192
	// maxParts bounds in how many parts a window is derived.
	maxParts = 64
)

// gatherSpans bounds the spans that are held to derive a window: where there are
// more, the window is derived in parts, by trace.
var gatherSpans = 300_000

// part is one of several parts of all traces.
type part struct{ number, of uint32 }

var whole = part{of: 1}

func (p part) has(id trace.TraceID) bool { return p.of <= 1 || fingerprint(id)%p.of == p.number }

// derivation makes windows of stored spans. It sees the blocks of a view. What it
// needs room for it uses again, for the next traces and the next window.
type derivation struct {
	s         *Store
	view      view
	classes   *trace.Classes
	senders   map[trace.Ref]*graph.Sender
	room      column.Room
	pile      pile
	spans     []trace.Brief // of one trace
	assembler trace.Assembler
}

func (s *Store) derivation(v view) *derivation {
	return &derivation{s: s, view: v, classes: trace.NewClasses()}
}

// window makes a window of all spans. stale gets the settled windows that are to
// be made again because of what was found, as outdated lists them.
func (d *derivation) window(ctx context.Context, start int64, stale func([]*gathered)) (*graph.Window, error) {
	spans := 0
	for _, b := range d.view.blocks {
		if d.runsIn(b, start) {
			spans += int(b.Spans)
		}
	}
	parts := min(spans/gatherSpans+1, maxParts)
	var sum *graph.Window
	for n := range parts {
		p := part{number: uint32(n), of: uint32(parts)}
		ids, err := d.within(ctx, start, p)
		if err != nil {
			return nil, err
		}
		w, err := d.traces(ctx, start, ids, p, stale)
		if err != nil {
			return nil, err
		}
		if sum == nil {
			sum = w
		} else {
			sum.Merge(w)
		}
	}
	return sum, nil
}

// runsIn reports whether a span of the block may run in the window.
func (d *derivation) runsIn(b *block, start int64) bool {
	length := d.s.windows.length
	return b.MaxEnd >= start && b.startsWithin(start-reaches*length, start+length)
}

// within gives the traces of a part that have a span which runs in the window.
func (d *derivation) within(ctx context.Context, start int64, p part) (map[trace.TraceID]*gathered, error) {
	length := d.s.windows.length
	traces := map[trace.TraceID]*gathered{}
	for _, b := range d.view.blocks {
		if !d.runsIn(b, start) {
			continue
		}
		spans, err := d.s.load(ctx, b, p)
		if err != nil {
			return nil, err
		}
		for i := range spans {
			s := &spans[i]
			if timely(s.Start) && s.Start < start+length && lastWindow(s, length) >= start && p.has(s.TraceID) && traces[s.TraceID] == nil {
				traces[s.TraceID] = &gathered{id: s.TraceID}
			}
		}
	}
	return traces, nil
}

// lastWindow is the start of the last window that a timely span reaches into.
func lastWindow(s *trace.Span, length int64) int64 {
	end := max(s.Start, min(s.End, s.Start+reaches*length, lastTime-1))
	return end - end%length
}

// traces makes what these traces, with all their spans, contribute to a window.
func (d *derivation) traces(ctx context.Context, start int64, traces map[trace.TraceID]*gathered, p part, stale func([]*gathered)) (*graph.Window, error) {
	d.pile.reset()
	want := func(id trace.TraceID) bool { return traces[id] != nil }
	err := d.each(ctx, slices.Collect(maps.Keys(traces)), p, want, func(b *block, s *trace.Span) {
		if g := traces[s.TraceID]; g.spans < maxTraceSpans {
			d.pile.add(g, d.classes.Brief(s))
			g.newest = b.number
		}
	})
	if err != nil {
		return nil, err
	}
	list := slices.SortedFunc(maps.Values(traces), func(a, b *gathered) int { return bytes.Compare(a.id[:], b.id[:]) })
	if err := d.findSenders(ctx, list); err != nil {
		return nil, err
	}
	if stale != nil {
		stale(list)
	}
	return graph.Derive(start, d.s.windows.length, d.assembled(list), d), nil
}

// assembled gives the traces one by one, each until the next.
func (d *derivation) assembled(list []*gathered) iter.Seq[*trace.Trace] {
	return func(yield func(*trace.Trace) bool) {
		for _, g := range list {
			if g.spans == 0 {
				continue
			}
			d.spans = d.spans[:0]
			for b := range d.pile.of(g) {
				d.spans = append(d.spans, *b)
			}
			if !yield(d.assembler.Assemble(g.id, d.spans)) {
				return
			}
		}
	}
}

// each calls f with the stored spans of the traces, block by block. f must not
// keep them.
func (d *derivation) each(ctx context.Context, ids []trace.TraceID, p part, want func(trace.TraceID) bool, f func(*block, *trace.Span)) error {
	prints := fingerprints(ids)
	for _, b := range d.view.blocks {
		if !b.holdsAny(prints) {
			continue
		}
		var spans []trace.Span
		var err error
		if p == whole && len(ids) > int(b.Spans)/64 {
			spans, err = d.s.load(ctx, b, whole) // much of it: worth keeping
		} else {
			spans, err = d.s.some(ctx, b, want, &d.room)
		}
		if err != nil {
			return err
		}
		for i := range spans {
			if want(spans[i].TraceID) {
				f(b, &spans[i])
			}
		}
	}
	return nil
}

// findSenders looks for the spans that the traces' links point at.
func (d *derivation) findSenders(ctx context.Context, list []*gathered) error {
	d.senders = map[trace.Ref]*graph.Sender{}
	others := map[trace.TraceID]bool{}
	for _, g := range list {
		for b := range d.pile.of(g) {
			for _, link := range b.Links {
				if link.TraceID != g.id {
					d.senders[link] = nil
					others[link.TraceID] = true
				}
			}
		}
	}
	if len(others) == 0 {
		return nil
	}
	found := map[trace.Ref][]trace.Brief{}
	want := func(id trace.TraceID) bool { return others[id] }
	err := d.each(ctx, slices.Collect(maps.Keys(others)), part{}, want, func(_ *block, s *trace.Span) {
		ref := trace.Ref{TraceID: s.TraceID, SpanID: s.SpanID}
		if _, ok := d.senders[ref]; ok && len(found[ref]) < maxCopies {
			found[ref] = append(found[ref], d.classes.Brief(s))
		}
	})
	for ref, copies := range found { // of differing copies the one that is believed
		t := new(trace.Assembler).Assemble(ref.TraceID, copies)
		d.senders[ref] = &graph.Sender{Start: t.Spans[0].Start, Class: t.Spans[0].Class}
	}
	return err
}

// maxCopies bounds the copies of one span that are looked at.
const maxCopies = 16

// Sender implements graph.Senders.
func (d *derivation) Sender(link trace.Ref) *graph.Sender { return d.senders[link] }

func fingerprints(ids []trace.TraceID) []uint32 {
	out := make([]uint32, len(ids))
	for i, id := range ids {
		out[i] = fingerprint(id)
	}
	return ascending(out)
}
