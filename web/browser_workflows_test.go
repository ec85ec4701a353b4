//go:build browser

package web_test

import (
	"fmt"
	"testing"

	"headwater/web/webtest"
)

// From an incident to the orders that it left half done, and to the file that
// lists them.
func TestHalfDoneWorkflows(t *testing.T) {
	s := &site{t: t, source: webtest.NewSource(webtest.Report(), 100), addr: "127.0.0.1:0", spans: webtest.Orders{}}
	s.start()
	t.Cleanup(func() { s.stop() })
	b := s.open(outagePath)
	b.shows("h2", "What is half done")
	b.press("button", "List half-done workflows")
	b.shows("p", fmt.Sprintf("%d are half done", webtest.HalfDoneOrders))
	b.until("location.search.includes('workflows=1')")
	b.shows("td", "order.id=A-1040")
	b.shows("td", "orders INSERT orders (failed)")
	b.until("fetch([...document.querySelectorAll('a[download]')].find(a => a.textContent.trim() === 'CSV').href).then(r => r.text()).then(t => t.includes('A-1040'))")
	b.press("button", "Close the list")
	b.until("!location.search.includes('workflows')")
}

// Of an incident with too much in it, the page lists its begin and goes on from there.
func TestHalfDoneWorkflowsInPieces(t *testing.T) {
	s := &site{t: t, source: webtest.NewSource(webtest.Report(), 100), addr: "127.0.0.1:0", spans: webtest.Orders{}, judge: 60}
	s.start()
	t.Cleanup(func() { s.stop() })
	b := s.open(outagePath + "?workflows=1")
	b.shows("p", fmt.Sprintf("%d are half done", webtest.HalfDoneOrders))
	b.shows(".notes li", "began from 14:02:10 to 14:02:20 UTC")
	b.press("button", "Go on with those from 14:02:20")
	b.shows("p", "0 are half done")
	b.until("new URLSearchParams(location.search).get('workflows') === '2026-03-12T14:02:20Z'")
	b.until("[...document.querySelectorAll('a[download]')].some(a => a.href.includes('workflows.csv?from=2026-03-12'))")
	b.press("button", "From the incident's begin")
	b.shows("td", "order.id=A-1040")
}
