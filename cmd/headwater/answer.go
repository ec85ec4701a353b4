package main

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"

	"headwater/analysis"
	"headwater/analysis/render"
)

// answer is how a report is written.
type answer struct {
	Format string `enum:"text,json,markdown,html,auto" default:"auto" help:"text for people, json for machines (docs/report.schema.json describes it), markdown for the draft of a post-mortem, html for one page that needs no network. Default: as --out is called, else text."`
	Out    string `short:"o" type:"path" placeholder:"FILE" help:"Write the report to this file."`
}

func (a *answer) print(t *terminal, r *analysis.Report) error {
	format := a.format()
	if a.Out == "" {
		return write(t.out, r, format, render.TextOptions{Width: width(t.out), Color: colored(t.out)})
	}
	err := writeFile(a.Out, func(w io.Writer) error { return write(w, r, format, render.TextOptions{}) })
	if err != nil {
		return err
	}
	for i := range r.Incidents {
		t.note("%s", r.Incidents[i].Sentence)
	}
	if len(r.Incidents) == 0 {
		t.note("No incident.")
	}
	t.note("The report is in %s", a.Out)
	return nil
}

// format is what was asked for, or what the file's name says.
func (a *answer) format() string {
	if a.Format != "auto" {
		return a.Format
	}
	switch strings.ToLower(filepath.Ext(a.Out)) {
	case ".json":
		return "json"
	case ".md", ".markdown":
		return "markdown"
	case ".html", ".htm":
		return "html"
	}
	return "text"
}

func write(w io.Writer, r *analysis.Report, format string, opt render.TextOptions) error {
	switch format {
	case "json":
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		return out.Encode(r)
	case "markdown":
		return render.Markdown(w, r)
	case "html":
		return render.HTML(w, r)
	}
	return render.Text(w, r, opt)
}
