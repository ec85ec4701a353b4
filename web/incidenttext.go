package web

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
	"headwater/analysis/render"
)

// incidentText answers with one incident as the terminal would show it.
func (s *Server) incidentText(c *gin.Context) {
	in, ok := s.cfg.Incidents.Incident(c.Param("id"))
	if !ok {
		problem(c, http.StatusNotFound, fmt.Sprintf("There is no incident %.80q.", c.Param("id")))
		return
	}
	whole := *s.cfg.Incidents.Report()
	whole.Incidents = []analysis.Incident{*in}
	var text bytes.Buffer
	if err := render.Text(&text, &whole, render.TextOptions{Width: 100}); err != nil {
		s.unreadable(c, fmt.Errorf("render incident %s: %w", in.ID, err))
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", text.Bytes())
}
