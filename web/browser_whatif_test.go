//go:build browser

package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"headwater/web/webtest"
)

// From an incident to what would have contained it, and to another change, without
// leaving the page.
func TestWhatIf(t *testing.T) {
	s := &site{t: t, source: webtest.NewSource(webtest.Report(), 100), addr: "127.0.0.1:0", windows: storm{}}
	s.start()
	t.Cleanup(func() { s.stop() })
	b := s.open(outagePath)
	b.shows("h2", "What would have contained it")
	b.press("button", "Play it again with changes")
	b.until("location.search.includes('whatif=best')")
	b.shows(".remedies button", "would have ended it after")
	b.shows(".outcome caption", "front POST /buy")
	b.shows(".outcome td", "not over")
	b.until("document.querySelectorAll('.outcome canvas').length === 2")
	b.press(".remedies button", "Not retrying on front → stock")
	b.until("new URLSearchParams(location.search).get('whatif') === 'cap-retries front->stock=0'")
	b.until("[...document.querySelectorAll('.remedies button[aria-pressed=true]')].some(e => e.textContent.includes('Not retrying'))")
	// The address names a change that is not in the list: it is played again.
	b.do("ask for another change", chromedp.Navigate(b.url+outagePath+"?whatif=replicas+stock%3D3"))
	b.shows("p[role=status]", "3 instances of stock")
	b.until("document.querySelector('form.change select').value === 'replicas'")
	b.press("button", "Close the replay")
	b.until("!location.search.includes('whatif')")
}
