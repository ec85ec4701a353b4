//go:build browser

package web_test

import (
	"fmt"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/web/webtest"
)

// From an incident that is over, whose head says what it left half done, to the list of
// that, to one of its traces, and to the file that lists all.
func TestHalfDoneWorkflows(t *testing.T) {
	report := webtest.Report()
	in := &report.Incidents[1]
	end := in.Start.Add(30 * time.Second)
	in.State, in.End = analysis.Over, &end
	in.Left = &analysis.Left{Workflows: 40, HalfDone: webtest.HalfDoneOrders, Sentence: "Of the 40 workflows that began in it, 10 are half done.", Command: "headwater workflows"}
	s := &site{t: t, source: webtest.NewSource(report, 100), addr: "127.0.0.1:0", spans: webtest.Orders{}}
	s.start()
	t.Cleanup(func() { s.stop() })
	b := s.open(outagePath)
	b.shows("dd", fmt.Sprintf("%d half done of 40 workflows", webtest.HalfDoneOrders))
	b.shows("h2", "What is half done")
	b.shows("p", "Of the 40 workflows that began in it, 10 are half done.")
	b.press("button", "list what is half done")
	b.shows("p", fmt.Sprintf("%d are half done", webtest.HalfDoneOrders))
	b.until("location.search.includes('workflows=1')")
	b.until("document.getElementById('workflows-title').getBoundingClientRect().top < innerHeight / 2")
	b.shows("td", "order.id=A-1040")
	b.shows("td", "orders INSERT orders is missing: it failed")
	b.until("fetch([...document.querySelectorAll('a[download]')].find(a => a.textContent.trim() === 'Download all as CSV').href).then(r => r.text()).then(t => t.includes('A-1040'))")
	b.press("button", "Close the list")
	b.until("!location.search.includes('workflows')")
}

// While an incident runs, nothing is counted, and the list is there.
func TestHalfDoneWorkflowsOfARunningIncident(t *testing.T) {
	s := &site{t: t, source: webtest.NewSource(webtest.Report(), 100), addr: "127.0.0.1:0", spans: webtest.Orders{}}
	s.start()
	t.Cleanup(func() { s.stop() })
	b := s.open(outagePath)
	b.shows("p", "It is counted when the incident is over.")
	b.press("button", "List them")
	b.shows("td", "order.id=A-1040")
}

// Of an incident with too much in it, the page lists its begin and goes on from there.
func TestHalfDoneWorkflowsInPieces(t *testing.T) {
	s := &site{t: t, source: webtest.NewSource(webtest.Report(), 100), addr: "127.0.0.1:0", spans: webtest.Orders{}, judge: 60}
	s.start()
	t.Cleanup(func() { s.stop() })
	b := s.open(outagePath + "?workflows=1")
	b.shows("p", "5 are half done")
	b.shows(".notes li", "began from 14:02:10 to 14:02:17 UTC")
	b.press("button", "Go on with those from 14:02:17")
	b.until("new URLSearchParams(location.search).get('workflows') === '2026-03-12T14:02:17Z'")
	b.shows("td", "order.id=A-1076")
	b.press("button", "From the incident's begin")
	b.shows("td", "order.id=A-1040")
}
