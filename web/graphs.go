package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	graphDefault = 5 * time.Minute
	graphLongest = 3 * time.Hour
	// courseLongest is for one node or edge, and for searches, which bound
	// themselves.
	courseLongest = 24 * time.Hour
)

// graph answers with the graph of [from, to), by default the last five minutes
// that are settled.
func (s *Server) graph(c *gin.Context) {
	windows, ok := s.windowsOf(c, graphLongest)
	if !ok {
		return
	}
	c.JSON(http.StatusOK, viewGraph(windows))
}

// stretch reads the two ends of a stretch of time, either of which may be
// missing. The report's own time is "now": a replay may run in the past.
func (s *Server) stretch(fromText, toText string, longest time.Duration) (from, to time.Time, err error) {
	if to = s.cfg.Incidents.Report().Range.End; to.IsZero() {
		to = time.Now()
	}
	if toText != "" {
		if to, err = time.Parse(time.RFC3339, toText); err != nil {
			return from, to, fmt.Errorf("to %.40q is no time like 2006-01-02T15:04:05Z", toText)
		}
	}
	from = to.Add(-graphDefault)
	if fromText != "" {
		if from, err = time.Parse(time.RFC3339, fromText); err != nil {
			return from, to, fmt.Errorf("from %.40q is no time like 2006-01-02T15:04:05Z", fromText)
		}
	}
	if !from.Before(to) || to.Sub(from) > longest {
		return from, to, fmt.Errorf("from must lie before to, by at most %s", longest)
	}
	return from, to, nil
}
