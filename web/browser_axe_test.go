//go:build browser

package web_test

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"headwater/web/webtest"
)

// axeScript finds barriers on a page; npm brings it, as the page's other tools.
const axeScript = "ui/node_modules/axe-core/axe.min.js"

// No page puts a serious barrier before people who see little, or use no mouse,
// in light and in dark.
func TestNoBarriers(t *testing.T) {
	axe, err := os.ReadFile(axeScript)
	if err != nil {
		t.Fatalf("%v: run npm ci in web/ui", err)
	}
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	lists := &site{t: t, source: webtest.NewSource(webtest.Report(), 100), addr: "127.0.0.1:0", spans: webtest.Lists{}}
	lists.start()
	t.Cleanup(func() { lists.stop() })
	storms := stormSite(t)
	node := "id=service:prod%252Fshop/orders&" + shopDay
	edge := "caller=service:prod%252Fshop/checkout&callee=service:prod%252Fshop/orders&" + shopDay
	for _, p := range []struct{ name, path, ready string }{
		{"incidents", "/", "document.querySelector('.incident-row') !== null"},
		{"incident", outagePath + "?sel=service:prod%252Fshop/orders", "document.querySelectorAll('.chart canvas').length === 3 && document.querySelector('.picture .node') !== null"},
		{"moment", outagePath + "?cause=2&at=2026-03-12T14:05:00Z", "document.querySelector('.picture .node') !== null"},
		{"traces", "/traces?" + shopDay, "document.querySelector('.found-traces') !== null"},
		{"trace", "/traces/" + webtest.FailedTrace.String() + "?span=f1bbcdcbfa53e0a8", "document.querySelector('.detail') !== null"},
		{"comparison", "/compare/" + webtest.CalmTrace.String() + "/" + webtest.FailedTrace.String(), "document.querySelector('.compared') !== null"},
		{"services", "/graph?" + shopDay, "document.querySelector('.picture .node') !== null"},
		{"node", "/node?" + node, "document.querySelectorAll('.charts canvas').length === 5"},
		{"edge", "/edge?" + edge, "document.querySelectorAll('.charts canvas').length === 6"},
		{"missing", "/nowhere", "document.querySelector('h1') !== null"},
		{"risks", "/risks", "document.querySelector('.risk-body') !== null && document.querySelector('.routes') !== null"},
		{"replay", replayPath(storms), "document.querySelectorAll('.replay .picture .node').length > 2 && document.querySelectorAll('.outcome canvas').length === 2"},
	} {
		s := s
		switch p.name {
		case "risks":
			s = lists
		case "replay":
			s = storms
		}
		t.Run(p.name, func(t *testing.T) {
			b := s.open(p.path)
			b.t = t
			for _, mode := range []string{"light", "dark"} {
				if mode == "dark" {
					b.dark()
				}
				b.until(p.ready)
				// Colours that are still fading have no contrast of their own.
				b.until("document.getAnimations().every((a) => a.playState !== 'running')")
				if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](string(axe)+";0")); err != nil {
					t.Fatal(err)
				}
				b.until(`(window.axe.run()
					.then((r) => (window.found = r.violations.filter((v) => ["serious", "critical"].includes(v.impact))
					.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " + n.any.map((a) => a.message).join(" ")).join("\n    ")))), true)`)
				b.until("window.found !== undefined")
				found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string]("window.found"))
				if err != nil {
					t.Fatal(err)
				}
				if len(found) > 0 {
					t.Errorf("%s in %s mode:\n%s", p.path, mode, strings.Join(found, "\n"))
				}
				b.until("(window.found = undefined) ?? true")
			}
		})
	}
}
