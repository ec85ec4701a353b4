package workflow

import (
	"bytes"
	"context"
	"slices"

	"headwater/graph/trace"
)

// Spans calls yield with stored spans, in any order, until it returns false. It
// gives the same ones each time that it is called, and may leave out those of
// traces that are not wanted; a nil wanted wants all.
type Spans func(ctx context.Context, wanted func(trace.TraceID) bool, yield func(*trace.Span) bool) error

// mostParts bounds into how many parts traces are split: what is more is one trace.
const mostParts = 1 << 14

// Gather gives f the traces of the spans, whole, by id within each part of them:
// about hold spans are held at a time, and all are read once for each part, of which
// there are as many as count spans make. Where more come than were counted on, parts
// are split. Only traces that are wanted are held; nil wants all.
func Gather(ctx context.Context, spans Spans, hold, count int, wanted func(trace.TraceID) bool, f func(*trace.Trace)) error {
	parts := uint64(count/hold + 1)
	for part := range parts {
		if err := gather(ctx, spans, hold, part, parts, wanted, f); err != nil {
			return err
		}
	}
	return nil
}

func gather(ctx context.Context, spans Spans, hold int, part, parts uint64, wanted func(trace.TraceID) bool, f func(*trace.Trace)) error {
	held, of := 0, map[trace.TraceID][]trace.Span{}
	mine := func(id trace.TraceID) bool { return PartOf(id)%parts == part && (wanted == nil || wanted(id)) }
	if err := spans(ctx, mine, func(s *trace.Span) bool {
		if !mine(s.TraceID) {
			return true
		}
		of[s.TraceID] = append(of[s.TraceID], *s)
		held++
		return held < 2*hold
	}); err != nil {
		return err
	}
	if held >= 2*hold && parts < mostParts {
		of = nil
		for _, half := range []uint64{part, part + parts} {
			if err := gather(ctx, spans, hold, half, 2*parts, wanted, f); err != nil {
				return err
			}
		}
		return nil
	}
	ids := make([]trace.TraceID, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b trace.TraceID) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		f(trace.Assemble(of[id]))
	}
	return nil
}

// PartOf spreads traces evenly, whichever part of their ids is random.
func PartOf(id trace.TraceID) (sum uint64) {
	for _, b := range id {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	return sum >> 16
}
