package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
	"headwater/analysis/render"
)

// reportForm is a form in which an incident is given to take away.
type reportForm struct {
	media  string
	suffix string // of the file that it is saved as; empty where it is shown
	render func(io.Writer, *analysis.Report) error
}

var (
	asText = reportForm{media: "text/plain; charset=utf-8", render: func(w io.Writer, r *analysis.Report) error {
		return render.Text(w, r, render.TextOptions{Width: 100})
	}}
	asMarkdown = reportForm{media: "text/markdown; charset=utf-8", suffix: "md", render: render.Markdown}
	asHTML     = reportForm{media: "text/html; charset=utf-8", suffix: "html", render: render.HTML}
)

// incidentReport answers with one incident as analyze would write it.
func (s *Server) incidentReport(form reportForm) gin.HandlerFunc {
	return func(c *gin.Context) {
		in, ok := s.cfg.Incidents.Incident(c.Param("id"))
		if !ok {
			problem(c, http.StatusNotFound, fmt.Sprintf("There is no incident %.80q.", c.Param("id")))
			return
		}
		whole := *s.cfg.Incidents.Report()
		whole.Incidents = []analysis.Incident{*in}
		var text bytes.Buffer
		if err := form.render(&text, &whole); err != nil {
			s.unreadable(c, fmt.Errorf("render incident %s: %w", in.ID, err))
			return
		}
		if form.suffix != "" {
			c.Header("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "headwater-"+in.ID+"."+form.suffix))
		}
		c.Data(http.StatusOK, form.media, text.Bytes())
	}
}
