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
)

const (
	// workflowsTimeout bounds one answer.
	workflowsTimeout = 2 * time.Minute

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
	var from time.Time
	if text := c.Query("from"); text != "" {
		var err error
		if from, err = time.Parse(time.RFC3339Nano, text); err != nil {
			problem(c, http.StatusBadRequest, "from: a time of RFC 3339 is expected.")
			return nil
		}
	}
	ask := workflow.Around{Incident: analysis.Interval{Start: in.Start}, From: from, Until: s.cfg.Incidents.Report().Range.End, Spans: s.wanted, Keys: keys,
		Hold: s.cfg.HoldSpans, Read: s.cfg.ReadSpans}
	if in.End != nil {
		ask.Incident.End = *in.End
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), workflowsTimeout)
	defer cancel()
	r, err := ask.Judge(ctx)
	if err != nil {
		s.unreadable(c, fmt.Errorf("workflows of incident %s: %w", in.ID, err))
		return nil
	}
	if r.Rest {
		c.Header("Link", fmt.Sprintf("<%s>; rel=\"next\"", nextFrom(c, r.Judged.End)))
	}
	return r
}

// nextFrom is the address of the same question, from a time on.
func nextFrom(c *gin.Context, from time.Time) string {
	next := *c.Request.URL
	query := next.Query()
	query.Set("from", from.Format(time.RFC3339Nano))
	next.RawQuery = query.Encode()
	return next.RequestURI()
}
