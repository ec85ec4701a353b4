package web

import (
	"context"

	"headwater/analysis/workflow"
	"headwater/graph/trace"
)

// mostEach bounds the spans of the stretch of time of which all traces are read.
const mostEach = 2_400_000

// eachTrace gives f the traces with spans that start in [from, to). It is false where
// there are too many.
func (s *Server) eachTrace(ctx context.Context, from, to int64, f func(*trace.Trace)) (bool, error) {
	if n := s.cfg.Spans.Counts(from, to, max(1, to-from)); len(n) > 0 && n[0] > mostEach {
		return false, nil
	}
	return true, s.cfg.Spans.Each(ctx, workflow.Selection{From: from, To: to}, func(t *trace.Trace) bool {
		f(t)
		return true
	})
}
