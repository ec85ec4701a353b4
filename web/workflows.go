package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
	"headwater/analysis/workflow"
	"headwater/graph/trace"
)

const (
	// learnBefore is how long before an incident workflows are learned from, and
	// waitAfter how long after it steps are still waited for.
	learnBefore = 10 * time.Minute
	waitAfter   = 10 * time.Minute
	// spansAtOnce is how many spans are held in memory to bring them together by
	// trace, mostReadings how often the store is read for that.
	spansAtOnce  = 300_000
	mostReadings = 8

	maxKeys    = 16
	longestKey = 256
)

// workflows answers with what became of the workflows that began in an incident.
func (s *Server) workflows(c *gin.Context) {
	if r := s.judged(c); r != nil {
		c.JSON(http.StatusOK, r)
	}
}

// workflowsCSV answers with the same for a job that puts them right.
func (s *Server) workflowsCSV(c *gin.Context) {
	r := s.judged(c)
	if r == nil {
		return
	}
	var text bytes.Buffer
	if err := workflow.CSV(&text, r); err != nil {
		s.unreadable(c, fmt.Errorf("write workflows: %w", err))
		return
	}
	c.Header("Content-Disposition", "attachment; filename=\"workflows.csv\"")
	c.Data(http.StatusOK, "text/csv; charset=utf-8", text.Bytes())
}

// judged reads the traces around an incident. It is nil where the answer is
// given already.
func (s *Server) judged(c *gin.Context) *workflow.WorkflowReport {
	keys := c.QueryArray("key")
	if len(keys) > maxKeys || slices.ContainsFunc(keys, func(k string) bool { return strings.Contains(k, "=") || len(k) > longestKey }) {
		problem(c, http.StatusBadRequest, "A key is the name of an attribute, such as order.id, without a value.")
		return nil
	}
	in, ok := s.cfg.Incidents.Incident(c.Param("id"))
	switch {
	case !ok:
		problem(c, http.StatusNotFound, fmt.Sprintf("There is no incident %.80q.", c.Param("id")))
		return nil
	case s.cfg.Spans == nil:
		problem(c, http.StatusNotImplemented, "This store can't be read by time.")
		return nil
	}
	when := analysis.Interval{Start: in.Start}
	to := s.cfg.Incidents.Report().Range.End.Add(waitAfter)
	if in.End != nil {
		when.End = *in.End
		if after := in.End.Add(waitAfter); after.Before(to) {
			to = after
		}
	}
	reader := workflow.NewReader(workflow.Options{Incident: &when, Keys: keys})
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	enough, err := s.eachTrace(ctx, in.Start.Add(-learnBefore).UnixNano(), to.UnixNano(), reader.Add)
	switch {
	case err != nil:
		s.unreadable(c, fmt.Errorf("workflows of incident %s: %w", in.ID, err))
		return nil
	case !enough:
		problem(c, http.StatusUnprocessableEntity, fmt.Sprintf("There are more than %d spans around this incident: export them, and ask headwater workflows.", mostReadings*spansAtOnce))
		return nil
	}
	return reader.Report()
}

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
	parts := count/spansAtOnce + 1
	for part := range parts {
		spans := map[trace.TraceID][]trace.Span{}
		if err := s.cfg.Spans.Spans(ctx, from, to, func(sp *trace.Span) bool {
			if int(sp.TraceID[7]^sp.TraceID[15])%parts == part {
				spans[sp.TraceID] = append(spans[sp.TraceID], *sp)
			}
			return true
		}); err != nil {
			return false, err
		}
		ids := make([]trace.TraceID, 0, len(spans))
		for id := range spans {
			ids = append(ids, id)
		}
		slices.SortFunc(ids, func(a, b trace.TraceID) int { return bytes.Compare(a[:], b[:]) })
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			f(trace.Assemble(spans[id]))
		}
	}
	return true, nil
}
