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
	read := func(ctx context.Context, yield func(*trace.Span) bool) error {
		return s.cfg.Spans.Spans(ctx, from, to, yield)
	}
	return true, workflow.Gather(ctx, read, spansAtOnce, count, nil, f)
}
