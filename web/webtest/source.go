package webtest

import (
	"context"
	"sync"

	"headwater/analysis"
	"headwater/analysis/workflow"
	"headwater/analysis/workflow/workflowtest"
	"headwater/graph"
	"headwater/graph/trace"
	"headwater/web"
)

// Source is the analysis and the store in one. Its report changes by Publish.
type Source struct {
	mu      sync.Mutex
	report  *analysis.Report
	readers map[chan struct{}]struct{}
	large   int

	services int
}

// NewSource makes a source with a first report. Its LargeTrace has so many
// spans.
func NewSource(r *analysis.Report, large int) *Source {
	return &Source{report: r, readers: map[chan struct{}]struct{}{}, large: large}
}

// Publish replaces the report and tells the readers.
func (s *Source) Publish(r *analysis.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report = r
	for c := range s.readers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Report is what was published last.
func (s *Source) Report() *analysis.Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.report
}

// Incident finds an incident of the report.
func (s *Source) Incident(id string) (*analysis.Incident, bool) {
	r := s.Report()
	for i := range r.Incidents {
		if r.Incidents[i].ID == id {
			return &r.Incidents[i], true
		}
	}
	return nil, false
}

// Subscribe gives a tick after each Publish, until ctx ends.
func (s *Source) Subscribe(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	s.readers[c] = struct{}{}
	s.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		delete(s.readers, c)
		s.mu.Unlock()
	})
	return c
}

// Trace gives one of the shop's traces.
func (s *Source) Trace(_ context.Context, id trace.TraceID) ([]trace.Span, error) {
	return spansOf(id, s.large), nil
}

// Windows gives the windows of the shop in [from, to), once spans have come.
func (s *Source) Windows(_ context.Context, from, to int64) ([]*graph.Window, error) {
	if s.Report().Data.Spans == 0 {
		return nil, nil
	}
	s.mu.Lock()
	services := s.services
	s.mu.Unlock()
	return windowsIn(from, to, services), nil
}

// spans are those of the shop's traces.
func (s *Source) spans() (out workflowtest.Spans) {
	for _, id := range []trace.TraceID{LargeTrace, FailedTrace, CalmTrace} {
		out = append(out, spansOf(id, s.large)...)
	}
	return out
}

// Counts implements workflow.Store.
func (s *Source) Counts(from, to, each int64) []int { return s.spans().Counts(from, to, each) }

// Each implements workflow.Store.
func (s *Source) Each(ctx context.Context, q workflow.Selection, yield func(*trace.Trace) bool) error {
	return s.spans().Each(ctx, q, yield)
}

// Newest gives the spans of the shop's traces that start in [from, to), in one
// piece.
func (s *Source) Newest(_ context.Context, from, to int64, _ *web.Sieve, yield func(web.Piece) bool) error {
	p := web.Piece{Before: from}
	for _, sp := range s.spans() {
		if sp.Start >= from && sp.Start < to {
			p.Spans = append(p.Spans, sp)
			p.Looked++
		}
	}
	yield(p)
	return nil
}

// OfTraces gives the spans of the shop's traces with these ids.
func (s *Source) OfTraces(_ context.Context, ids []trace.TraceID, yield func(*trace.Span) bool) error {
	for _, id := range ids {
		spans := spansOf(id, s.large)
		for i := range spans {
			if !yield(&spans[i]) {
				return nil
			}
		}
	}
	return nil
}
