//go:build browser

package web_test

import (
	"testing"

	"headwater/web/webtest"
)

// From the page's head to what may break, its evidence, and the choice of what
// matters.
func TestRisksPage(t *testing.T) {
	s := &site{t: t, source: webtest.NewSource(webtest.Report(), 100), addr: "127.0.0.1:0", spans: webtest.Lists{}}
	s.start()
	t.Cleanup(func() { s.stop() })
	b := s.open("/")
	b.press(".places a", "Risks")
	b.shows("h1", "Latent risks")
	b.shows(".risk .name", "A call for each item: lists: GET /lists → items-db SELECT items")
	b.shows(".risk-body", "Ask items-db once for all of them")
	b.shows(".risk-body td", "on average, up to 12")
	b.press(".risk button", "A call for each item")
	b.until("location.search === '?risk=0' && document.querySelector('.risk-body') === null")
	// How much slower each may get is played, one after the other.
	b.until("document.querySelector('.playing') !== null && document.querySelector('.playing progress') === null")
	b.press(".routes label", "GET /lists")
	b.until("location.search.includes('critical=') === false || document.querySelector('.routes input') !== null")
	b.press(".risk button", "A call for each item")
	b.press(".risk-body .examples a", "at ")
	b.until("location.pathname.startsWith('/traces/')")
}
