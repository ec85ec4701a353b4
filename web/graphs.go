package web

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
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
	report := s.cfg.Incidents.Report()
	from, to, err := s.stretch(c, graphLongest)
	if err != nil {
		problem(c, http.StatusBadRequest, err.Error())
		return
	}
	asked := analysis.Interval{Start: from.UTC(), End: to.UTC()}
	view, ok := s.graphs.get(report, asked)
	if !ok {
		windows, ok := s.windowsWithin(c, from, to)
		if !ok {
			return
		}
		view = viewGraph(windows)
		s.graphs.put(report, asked, view)
	}
	c.JSON(http.StatusOK, view)
}

// mostGraphs is how many graphs are kept of one report.
const mostGraphs = 4

// gallery keeps the graphs that were asked for since the newest report: all who
// look at the page ask for the same ones at each change.
type gallery struct {
	mu     sync.Mutex
	report *analysis.Report
	views  map[analysis.Interval]GraphView
}

func (g *gallery) get(r *analysis.Report, asked analysis.Interval) (GraphView, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.report != r {
		return GraphView{}, false
	}
	v, ok := g.views[asked]
	return v, ok
}

func (g *gallery) put(r *analysis.Report, asked analysis.Interval, v GraphView) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.report != r || len(g.views) >= mostGraphs {
		g.report, g.views = r, map[analysis.Interval]GraphView{}
	}
	g.views[asked] = v
}

// stretch reads which stretch of time a request is about: from one time to
// another, or so many seconds up to the end. The report's own time is "now": a
// replay may run in the past.
func (s *Server) stretch(c *gin.Context, longest time.Duration) (from, to time.Time, err error) {
	if to = s.cfg.Incidents.Report().Range.End; to.IsZero() {
		to = time.Now()
	}
	if text := c.Query("to"); text != "" {
		if to, err = time.Parse(time.RFC3339, text); err != nil {
			return from, to, fmt.Errorf("to %.40q is no time like 2006-01-02T15:04:05Z", text)
		}
	}
	from = to.Add(-graphDefault)
	if text := c.Query("last"); text != "" {
		seconds, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return from, to, fmt.Errorf("last %.40q is no number of seconds", text)
		}
		from = to.Add(-time.Duration(seconds) * time.Second)
	}
	if text := c.Query("from"); text != "" {
		if from, err = time.Parse(time.RFC3339, text); err != nil {
			return from, to, fmt.Errorf("from %.40q is no time like 2006-01-02T15:04:05Z", text)
		}
	}
	if !from.Before(to) || to.Sub(from) > longest {
		return from, to, fmt.Errorf("from must lie before to, by at most %s", longest)
	}
	return from, to, nil
}
