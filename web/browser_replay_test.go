//go:build browser

package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"headwater/analysis"
	"headwater/web/webtest"
)

// stormSite shows the incident that the storm's windows tell of.
func stormSite(t *testing.T) *site {
	t.Helper()
	windows, err := stormWindows()
	if err != nil {
		t.Fatal(err)
	}
	report := analysis.Analyze(analysis.Input{Windows: windows}, analysis.Options{})
	if len(report.Incidents) != 1 {
		t.Fatalf("%d incidents", len(report.Incidents))
	}
	s := &site{t: t, source: webtest.NewSource(report, 100), addr: "127.0.0.1:0", windows: storm{}}
	s.start()
	t.Cleanup(func() { s.stop() })
	return s
}

func replayPath(s *site) string {
	return "/incidents/" + s.source.Report().Incidents[0].ID + "?whatif=cap-retries+front-%3Estock%3D0"
}

// The picture of an incident, played again with a change: beside what happened, and
// moved along time by mouse and keyboard.
func TestReplayedPicture(t *testing.T) {
	s := stormSite(t)
	b := s.open(replayPath(s))
	// Both beside each other, at the window in which most pressed.
	b.shows(".replay figure.happened figcaption", "What happened: 100% of front POST /buy failed")
	b.shows(".replay figure.changed figcaption", "With the change: 0% of front POST /buy failed")
	b.shows(".replay figure.happened .amplification", "3.0×")
	b.until("document.querySelectorAll('.replay figure.changed .amplification').length === 0")
	b.until("document.querySelectorAll('.replay figure.changed .cut-mark').length > 0 && document.querySelectorAll('.replay figure.happened .cut-mark').length === 0")
	b.until("document.querySelectorAll('.replay .node').length === 2 * document.querySelectorAll('.cascade .node').length")
	b.until("!location.search.includes('replay=')")
	// What a call did in both.
	b.do("select a node", chromedp.Click(".replay figure.changed .node[aria-label*='stock']", chromedp.NodeVisible))
	b.shows(".replay .beside dd", "47% failed")
	b.shows(".replay .beside dd", "0% failed")
	// By keyboard: to the begin, where both were well, and on.
	b.until("document.querySelector('.replay .scrub').focus() ?? true")
	b.keys(kb.Home)
	b.shows(".replay .moment", "before it")
	b.until("location.search.includes('replay=')")
	b.shows(".replay figure.happened figcaption", "What happened: 0% of front POST /buy failed")
	b.until("!location.search.includes('at=')") // the page's own picture stays
	b.keys(kb.End)
	for range 3 {
		b.keys(kb.ArrowLeft)
	}
	b.shows(".replay figure.happened figcaption", "What happened: 100%")
	// It plays by itself, and goes on to the end.
	b.until("document.querySelector(\".replay button[aria-label='To the onset']\").click() ?? true")
	b.shows(".replay .moment", "amplification")
	b.until("document.querySelector(\".replay button[aria-label='Play']\").click() ?? true")
	b.until("document.querySelector(\".replay button[aria-label='Pause']\") !== null")
	b.until("document.querySelector(\".replay button[aria-label='Pause']\") === null")
	// One alone, as on a phone.
	b.press(".replay button", "what happened")
	b.until("document.querySelectorAll('.replay figure').length === 1 && location.search.includes('side=happened')")
	b.do("a phone", chromedp.EmulateViewport(390, 844), chromedp.Reload())
	b.shows(".replay figure.happened figcaption", "What happened")
	b.until("document.documentElement.scrollWidth <= 390")
}
