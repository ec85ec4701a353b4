package store

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"headwater/graph"
	"headwater/graph/trace"
)

const (
	// reach is how far around a window the spans of its traces are gathered
	// without a lookup of the trace.
	reach = int64(time.Minute)
	// maxLookups bounds the traces of a window that are looked up in all blocks:
	// the first by trace id. The others are taken as they stand near the window.
	maxLookups = 4096
	// maxTraceSpans bounds what is read of one trace. A larger one is taken as
	// it stands near the window.
	maxTraceSpans = 100_000
	// maxPlaces bounds the traces whose blocks are remembered, and maxPlace the
	// blocks that are remembered of one.
	maxPlaces = 1 << 16
	maxPlace  = 64
)

// gathered are the spans of a trace, in any order, and the newest of the blocks
// (by ordinal) that they come from.
type gathered struct {
	id     trace.TraceID
	spans  []trace.Span
	newest int
}

// derive makes a window of the traces.
func derive(start, length int64, traces []*gathered) *graph.Window {
	assembled := make([]*trace.Trace, len(traces))
	for i, g := range traces {
		assembled[i] = trace.Assemble(g.spans)
	}
	return graph.Derive(start, length, assembled, nil)
}

// gather returns the traces that have a span in the window, by id. Which spans
// of a trace are taken depends on their times alone, not on their blocks: those
// that start within reach of the window, and all where these do not tell the
// whole story.
func (s *Store) gather(ctx context.Context, v view, start int64) ([]*gathered, error) {
	end := start + s.windows.length
	from, to := start-reach, end+reach
	traces := map[trace.TraceID]*gathered{}
	for _, b := range v.blocks {
		if !b.startsWithin(start, end) {
			continue
		}
		spans, err := s.load(ctx, b)
		if err != nil {
			return nil, err
		}
		for i := range spans {
			if id := spans[i].TraceID; spans[i].Start >= start && spans[i].Start < end && traces[id] == nil {
				traces[id] = &gathered{id: id}
			}
		}
	}
	prints := fingerprints(slices.Collect(maps.Keys(traces)))
	for i, b := range v.blocks {
		if !b.startsWithin(from, to) || !b.holdsAny(prints) {
			continue
		}
		spans, err := s.load(ctx, b)
		if err != nil {
			return nil, err
		}
		for j := range spans {
			if g := traces[spans[j].TraceID]; g != nil && spans[j].Start >= from && spans[j].Start < to {
				g.spans, g.newest = append(g.spans, spans[j]), v.first+i
			}
		}
	}
	out := slices.SortedFunc(maps.Values(traces), func(a, b *gathered) int { return bytes.Compare(a.id[:], b.id[:]) })
	return out, s.complete(ctx, v, out, from, to)
}

// complete looks up the traces that do not end in what was gathered between the
// times from and to.
func (s *Store) complete(ctx context.Context, v view, traces []*gathered, from, to int64) error {
	open := map[trace.TraceID]*gathered{} // what all blocks say of them
	var load []int                        // blocks, by ordinal
	for _, g := range traces {
		if len(open) == maxLookups {
			break
		}
		back, ahead := reachesOut(g.spans, to)
		switch {
		case back:
			load = append(load, s.places(v, g.id)...)
		case ahead:
			load = append(load, v.later(g.id, from)...)
		default:
			continue
		}
		open[g.id] = &gathered{id: g.id}
	}
	slices.Sort(load)
	for _, ordinal := range slices.Compact(load) {
		b := v.at(ordinal)
		if b == nil {
			continue
		}
		spans, err := s.load(ctx, b)
		if err != nil {
			return err
		}
		for i := range spans {
			if g := open[spans[i].TraceID]; g != nil && len(g.spans) <= maxTraceSpans {
				g.spans, g.newest = append(g.spans, spans[i]), ordinal
			}
		}
	}
	for _, g := range traces {
		if whole := open[g.id]; whole != nil && len(whole.spans) <= maxTraceSpans {
			*g = *whole
		}
	}
	return nil
}

// reachesOut reports whether there may be more of a trace than these spans:
// back in time, because a parent is missing, or ahead, because a span runs on
// past the time to, or a message was sent and somebody may take it much later.
func reachesOut(spans []trace.Span, to int64) (back, ahead bool) {
	known := make(map[trace.SpanID]struct{}, len(spans))
	for i := range spans {
		known[spans[i].SpanID] = struct{}{}
	}
	for i := range spans {
		if parent := spans[i].Parent; !parent.IsZero() {
			if _, ok := known[parent]; !ok {
				back = true
			}
		}
		if spans[i].End >= to || spans[i].Kind == trace.KindProducer {
			ahead = true
		}
	}
	return back, ahead
}

// later lists the blocks, by ordinal, that may hold spans of the trace and have
// spans that start at the time from or later.
func (v view) later(id trace.TraceID, from int64) []int {
	var out []int
	print := fingerprint(id)
	for i, b := range v.blocks {
		if b.MaxStart >= from && b.holds(print) {
			out = append(out, v.first+i)
		}
	}
	return out
}

// place is where a trace may be found: the ordinals of blocks, of those before
// the ordinal end.
type place struct {
	blocks []int
	end    int
}

// places lists the blocks that may hold spans of the trace. It remembers them,
// so that a trace whose parent never comes is not looked for again and again.
func (s *Store) places(v view, id trace.TraceID) []int {
	p := s.found[id]
	print := fingerprint(id)
	for i := max(p.end, v.first); i < v.end(); i++ {
		if v.blocks[i-v.first].holds(print) {
			p.blocks = append(p.blocks, i)
		}
	}
	p.end = v.end()
	if len(s.found) >= maxPlaces {
		clear(s.found)
	}
	if len(p.blocks) <= maxPlace {
		s.found[id] = p
	} else {
		delete(s.found, id)
	}
	return p.blocks
}

func fingerprints(ids []trace.TraceID) []uint32 {
	out := make([]uint32, len(ids))
	for i, id := range ids {
		out[i] = fingerprint(id)
	}
	return ascending(out)
}
