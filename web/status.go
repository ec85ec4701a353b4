package web

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
)

// Status is the answer of /api/v1/status.
type Status struct {
	Version       string        `json:"version"`
	ReportVersion int           `json:"report_version"`
	Watermark     *time.Time    `json:"watermark"` // all before it is settled; null without spans
	WindowSec     float64       `json:"window_seconds"`
	Data          analysis.Data `json:"data"`
	Incidents     int           `json:"incidents"`
	Open          int           `json:"open"` // incidents that are not over
	Receivers     Receivers     `json:"receivers"`
	Searchable    bool          `json:"searchable"` // traces can be searched
	Login         bool          `json:"login"`      // a token is asked for
}

func (s *Server) status(c *gin.Context) {
	r := s.cfg.Incidents.Report()
	st := Status{
		Version: s.cfg.Version, ReportVersion: r.Version, WindowSec: r.WindowSec,
		Data: r.Data, Incidents: len(r.Incidents), Receivers: s.cfg.Receivers,
		Searchable: s.cfg.Spans != nil, Login: s.cfg.Authorized != nil,
	}
	if !r.Range.End.IsZero() {
		st.Watermark = &r.Range.End
	}
	for i := range r.Incidents {
		if r.Incidents[i].State != analysis.Over {
			st.Open++
		}
	}
	c.JSON(http.StatusOK, st)
}
