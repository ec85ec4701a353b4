package render_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"headwater/analysis"
	"headwater/analysis/render"
)

func TestMarkdown(t *testing.T) {
	for name, report := range cases() {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			if err := render.Markdown(&got, report); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".md", got.String())
		})
	}
}

func TestExplain(t *testing.T) {
	report := cases()["outage"]
	in := &report.Incidents[0]
	in.Causes[0].Ledger = []analysis.Line{
		{Account: "orders-db (SELECT orders)", Route: "POST /checkout", Time: 3000, Retries: 900.5, FanOut: -10},
		{Account: "between checkout and orders-db", Route: "POST /checkout", Time: 12, Demand: 40},
	}
	for i, name := range []string{"explain", "explain-retries"} {
		var got strings.Builder
		if err := render.Explain(&got, in, &in.Causes[i], render.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", got.String())
	}
}

func TestHTML(t *testing.T) {
	for name, report := range cases() {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			if err := render.HTML(&got, report); err != nil {
				t.Fatal(err)
			}
			if name == "outage" || name == "hostile" {
				golden(t, name+".html", got.String())
			}
			selfContained(t, got.String())
		})
	}
}

// selfContained checks that the page asks for nothing from outside, runs
// nothing, and that its pictures are closed where they should be.
func selfContained(t *testing.T, page string) {
	t.Helper()
	for _, forbidden := range []string{"<script", "<img", "<link", "<iframe", "@import", "url(http", "src=", "href="} {
		if strings.Contains(strings.ReplaceAll(page, "&lt;img src=http", ""), forbidden) {
			t.Errorf("the page holds %s", forbidden)
		}
	}
	if !strings.Contains(page, `content="default-src 'none'`) {
		t.Error("the page does not forbid all from outside")
	}
	for _, svg := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1) {
		for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
			_, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("a picture is broken: %v", err)
				break
			}
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "ZgotmplZ") {
			t.Errorf("a picture has no numbers where they should be: %.300s", svg)
		}
	}
}
