package web

import (
	"context"

	"headwater/analysis/workflow"
	"headwater/graph/trace"
)

// spansAtOnce is how many spans are held in memory to bring them together by
// trace, mostReadings how often the store is read for that.
const (
	spansAtOnce  = 300_000
	mostReadings = 8
)

// eachTrace gives f the traces with spans that start in [from, to), a part of
// them at a time. It is false where there are too many.
func (s *Server) eachTrace(ctx context.Context, from, to int64, f func(*trace.Trace)) (bool, error) {
	count := 0
	if err := s.cfg.Spans.Spans(ctx, from, to, func(*trace.Span) bool {
		count++
		return count <= mostReadings*spansAtOnce
	}); err != nil {
		return false, err
	}
	if count > mostReadings*spansAtOnce {
		return false, nil
	}
	read := func(ctx context.Context, wanted func(trace.TraceID) bool, yield func(*trace.Span) bool) error {
		return s.wanted(ctx, from, to, wanted, yield)
	}
	return true, workflow.Gather(ctx, read, spansAtOnce, count, nil, f)
}

// wanted reads the spans that start in [from, to), at least those of traces that are
// wanted.
func (s *Server) wanted(ctx context.Context, from, to int64, wanted func(trace.TraceID) bool, yield func(*trace.Span) bool) error {
	if w, ok := s.cfg.Spans.(Wanting); ok {
		return w.Wanted(ctx, from, to, wanted, yield)
	}
	return s.cfg.Spans.Spans(ctx, from, to, yield)
}
