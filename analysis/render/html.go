package render

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"headwater/analysis"
)

//go:embed report.html.tmpl
var htmlSource string

var htmlPage = template.Must(template.New("report").Funcs(template.FuncMap{
	"moment":   moment,
	"clockOr":  clockOr,
	"clock":    func(t time.Time) string { return t.UTC().Format("15:04:05") },
	"seconds":  seconds,
	"share":    share,
	"change":   func(from, to string) string { return from + " → " + to },
	"ratio":    ratio,
	"count":    count,
	"evidence": func(e analysis.Evidence) string { return evidence(&e) },
	"baseline": func(b analysis.BaselineOf) string { return baseline(&b) },
	"without":  without,
	"narrowed": func(n analysis.Narrowed) string { return narrowed(&n) },
	"path":     func(c analysis.Cause) string { return pathOf(&c) },
	"ledger":   func(s float64) string { return strings.Replace(signed(s), "-", "\u2212", 1) },
	"cascade":  func(in analysis.Incident) *picture { return cascadePicture(&in) },
	"timeline": func(in analysis.Incident) *grid { return timelinePicture(&in) },
	"series":   func(e analysis.Evidence, in analysis.Incident) *chart { return seriesPicture(&e, &in) },
	"lasted":   func(in analysis.Incident) string { return lasted(&in) },
	"events":   func(in analysis.Incident) []event { return events(&in) },
	"title":    title,
}).Parse(htmlSource))

// HTML writes the report as one page that needs nothing else: no network, no
// scripts. It is light or dark as its reader's system is. The error is the
// writer's.
func HTML(w io.Writer, r *analysis.Report) error {
	if err := htmlPage.Execute(w, r); err != nil {
		return fmt.Errorf("write the report as HTML: %w", err)
	}
	return nil
}

// title is what the page is called.
func title(r *analysis.Report) string {
	switch {
	case len(r.Incidents) == 0 && r.Data.Windows == 0:
		return "No spans"
	case len(r.Incidents) == 0:
		return "No incident, " + moment(r.Range.Start)
	}
	return "Incident of " + moment(r.Incidents[0].Start)
}

// lasted says when an incident was.
func lasted(in *analysis.Incident) string {
	if in.End == nil {
		return "since " + moment(in.Start)
	}
	return fmt.Sprintf("%s - %s (%s)", moment(in.Start), clockOr(in.Start, *in.End), span(in.End.Sub(in.Start)))
}

func pathOf(c *analysis.Cause) string {
	names := make([]string, len(c.Path))
	for i, n := range c.Path {
		names[i] = n.Name
	}
	return strings.Join(names, " => ")
}

// signed writes seconds of a ledger's line: relief stands with its sign.
func signed(s float64) string {
	if s > -0.0005 && s < 0.0005 {
		return "0 s"
	}
	return seconds(s)
}
