package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
	"headwater/analysis/risk"
	"headwater/graph"
	"headwater/graph/trace"
)

const (
	// risksBack is how far back risks are looked for, risksLongest at most.
	risksBack    = 2 * time.Hour
	risksLongest = 3 * time.Hour
	// riskSpans is how many of the newest spans are read whole; of older ones, the
	// traces that their windows name as worst or failed, riskSingles at most.
	riskSpans   = 300_000
	riskSingles = 400

	maxCritical = 32
)

// risks answers with what may break.
func (s *Server) risks(c *gin.Context) {
	from, to, critical, ok := s.askedRisks(c)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	if !s.look(ctx, c) {
		return
	}
	defer s.looking.Give()
	if reader := s.readRisks(ctx, c, from, to, critical); reader != nil {
		c.JSON(http.StatusOK, reader.Report())
	}
}

// askedRisks reads what is asked for; where that is wrong, it has been answered.
func (s *Server) askedRisks(c *gin.Context) (from, to time.Time, critical []string, ok bool) {
	critical = c.QueryArray("critical")
	if len(critical) > maxCritical || slices.ContainsFunc(critical, func(k string) bool { return len(k) > longestKey }) {
		problem(c, http.StatusBadRequest, "critical is the name of a route, such as POST /checkout, at most 32 times.")
		return from, to, nil, false
	}
	if s.cfg.Spans == nil {
		problem(c, http.StatusNotImplemented, "This store can't be read by time.")
		return from, to, nil, false
	}
	from, to, err := s.stretch(c, risksLongest)
	if err == nil && c.Query("from") == "" && c.Query("last") == "" {
		from = to.Add(-risksBack)
	}
	if err != nil {
		problem(c, http.StatusBadRequest, err.Error())
		return from, to, nil, false
	}
	return from, to, critical, true
}

// look waits for the turn to look for risks: one at a time, since each holds many
// spans.
func (s *Server) look(ctx context.Context, c *gin.Context) bool {
	if err := s.looking.Take(ctx); err != nil {
		s.unreadable(c, fmt.Errorf("risks: %w", err))
		return false
	}
	return true
}

// readRisks reads a stretch of time; nil where that went wrong and was answered.
func (s *Server) readRisks(ctx context.Context, c *gin.Context, from, to time.Time, critical []string) *risk.Reader {
	reader := risk.NewReader(risk.Options{Critical: critical, Trouble: s.trouble()})
	if err := s.fillRisks(ctx, reader, from.UnixNano(), to.UnixNano()); err != nil {
		s.unreadable(c, fmt.Errorf("risks from %s to %s: %w", from, to, err))
		return nil
	}
	if unknown := reader.Unknown(); len(unknown) > 0 {
		problem(c, http.StatusBadRequest, fmt.Sprintf("No request of the route %.80q was seen in this time.", unknown[0]))
		return nil
	}
	return reader
}

// trouble is when there were incidents.
func (s *Server) trouble() (out []analysis.Interval) {
	r := s.cfg.Incidents.Report()
	for i := range r.Incidents {
		in := analysis.Interval{Start: r.Incidents[i].Start}
		if r.Incidents[i].End != nil {
			in.End = *r.Incidents[i].End
		}
		out = append(out, in)
	}
	return out
}

// fillRisks reads the windows of a time, of its end the traces whole, and of the
// rest the traces that were bad or slow.
func (s *Server) fillRisks(ctx context.Context, reader *risk.Reader, from, to int64) error {
	windows, err := s.cfg.Windows.Windows(ctx, from, to)
	if err != nil {
		return err
	}
	reader.Windows(windows)
	whole, spans := to, int64(0)
	for _, w := range slices.Backward(windows) {
		if spans += w.Spans; spans > riskSpans && whole != to {
			break
		}
		whole = w.Start
	}
	if _, err := s.eachTrace(ctx, whole, to, reader.Add); err != nil {
		return err
	}
	for _, id := range singles(windows, whole) {
		found, err := s.cfg.Traces.Trace(ctx, id)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			reader.AddSingle(trace.Assemble(found))
		}
	}
	return nil
}

// singles are the traces that failed or took longest, of windows before a time;
// the newest first where there are too many.
func singles(windows []*graph.Window, before int64) (out []trace.TraceID) {
	seen := map[trace.TraceID]bool{}
	for _, w := range slices.Backward(windows) {
		if w.Start >= before {
			continue
		}
		var here []trace.TraceID
		for _, n := range w.Nodes {
			for _, list := range [][]graph.Example{n.All.Examples.Failed, n.All.Examples.Worst} {
				for _, x := range list {
					if !seen[x.TraceID] && x.Start < before {
						seen[x.TraceID] = true
						here = append(here, x.TraceID)
					}
				}
			}
		}
		slices.SortFunc(here, func(a, b trace.TraceID) int { return bytes.Compare(a[:], b[:]) })
		if out = append(out, here...); len(out) >= riskSingles {
			return out[:riskSingles]
		}
	}
	return out
}
