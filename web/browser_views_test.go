//go:build browser

package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"headwater/web/webtest"
)

const shopDay = "from=2026-03-12T13:52:00Z&to=2026-03-12T14:12:30Z"

// One moment binds the picture, the timeline and the address, however it is
// chosen.
func TestScrubbing(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open(outagePath)
	b.shows(".moment", "over the whole incident")
	b.shows(".picture .node", "9 ms → 410 ms")
	b.until("document.querySelectorAll('.edge.pressed').length > 4")

	b.keys("o")
	b.until("location.search === '?at=2026-03-12T14%3A02%3A10Z'")
	b.shows(".moment", "14:02:10, onset")
	b.until("document.querySelectorAll('.edge.pressed').length === 0") // nothing is pressed yet
	b.shows(".picture .node", "as usual")
	b.keys(".")
	b.until("location.search.includes('14%3A02%3A20Z')")
	b.keys(",")
	b.until("location.search.includes('14%3A02%3A10Z')")

	// The slider, as a finger drags it.
	b.until(`(() => {
		const slider = document.querySelector('.scrub');
		slider.value = 40;
		slider.dispatchEvent(new Event('input', { bubbles: true }));
		return true;
	})()`)
	b.shows(".moment", "outage")
	b.until("document.querySelectorAll('.edge.pressed').length > 2")
	b.shows(".picture .amplification", "×")
	b.until("document.querySelector('.scrub').getAttribute('aria-valuetext').endsWith('outage')")
	b.until("document.querySelector('.marks .cursor:not(.hover)') !== null")

	// It plays to the end, and stands there.
	b.press(".scrub-buttons .play", "")
	b.until("document.querySelector('.play').getAttribute('aria-label') === 'Pause'")
	moved := "Number(document.querySelector('.scrub').value) > 42"
	b.until(moved)
	b.keys("p")
	b.until("document.querySelector('.play').getAttribute('aria-label') === 'Play'")

	b.keys("w")
	b.shows(".moment", "over the whole incident")
	b.until("location.search === ''")
}

// A moment, a choice in the picture and an open cause stand in the address.
func TestMomentIsLinked(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open(outagePath + "?at=2026-03-12T14:05:00Z&cause=2&sel=service:prod%252Fshop/orders")
	b.shows(".moment", "14:05:00, outage")
	b.shows(".cause.open", "checkout → orders")
	b.shows(".node-detail", "orders")
	b.press(".node-detail a", "All about orders")
	b.shows("h1", "orders")
	b.until("document.querySelectorAll('.charts canvas').length === 5")
	b.shows("section[aria-label='Called by'] a", "checkout")
	b.press("section[aria-label='Called by'] a[aria-label]", "calls")
	b.shows("h1", "checkout → orders")
	b.shows(".outcomes", "timed out")
	b.do("back", chromedp.NavigateBack())
	b.shows("h1", "orders")
	b.do("back", chromedp.NavigateBack())
	b.shows(".moment", "14:05:00, outage")
}

func TestSearchAndCompare(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open("/traces?" + shopDay)
	b.shows(".found", "3 traces with a span that fits")
	fill := func(label, value string) {
		t.Helper()
		b.until(`(() => {
			const field = [...document.querySelectorAll('.search label')].find((l) => l.textContent.startsWith('` + label + `')).querySelector('input, select');
			field.value = '` + value + `';
			field.dispatchEvent(new Event('change', { bubbles: true }));
			return true;
		})()`)
	}
	fill("Ended", "failed")
	b.shows(".found", "1 trace with a span that fits")
	b.until("location.search.includes('status=failed')")
	fill("Ended", "")
	fill("At least", "50 ms")
	fill("Attributes", "http.route=/checkout")
	b.shows(".found", "2 traces with a span that fits")
	b.until("location.search.includes('min=0.05') && location.search.includes('attribute=http.route')")
	b.until("document.querySelectorAll('.scatter .dot').length === 2")

	b.until("[...document.querySelectorAll('.found-traces input')].reverse().every((e) => e.click() ?? true)")
	b.press(".compare-bar a", "Compare c0ffee00… with deadbeef…")
	b.shows("h1", "Two traces, side by side")
	b.shows(".compared .flag", "1 → 3 times")
	b.shows(".compared .flag", "only in the second")
	b.press(".check", "only what differs")
	b.until("![...document.querySelectorAll('.compared th')].some((e) => e.textContent.includes('pricing'))")
	b.press(".compared a", "7.77 s")
	b.until("location.pathname.startsWith('/traces/deadbeef')")
	b.shows(".span.selected", "orders")

	b.do("nothing fits", chromedp.Navigate(b.url+"/traces?"+shopDay+"&service=nobody"))
	b.shows(".empty", "No span in this time fits")
}

// What the waterfall says of attempts, and the critical path alone.
func TestWaterfall(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open("/traces/" + webtest.FailedTrace.String())
	b.shows(".span .try", "try 2/3")
	b.until("document.querySelectorAll('.spans .bar.late').length > 3 && document.querySelectorAll('.spans .bar.gap').length > 3 && document.querySelectorAll('.spans .bar.backoff').length === 2")
	all := "document.querySelector('.extent').style.height === '884px'" // 34 rows
	b.until(all)
	b.keys("c")
	b.until("location.search === '?path=critical' && parseInt(document.querySelector('.extent').style.height) < 884")
	b.keys("c")
	b.until(all)
	b.keys("f")
	b.until("document.querySelector('.span.selected.failed') !== null")
	b.shows(".detail", "upstream timed out")
}

func TestThousandServices(t *testing.T) {
	source := webtest.NewSource(webtest.Healthy(), 100)
	source.Grow(1000)
	s := newSite(t, source)
	b := s.open("/graph")
	b.shows(".graph-page", "1,014 nodes")
	b.until("document.querySelectorAll('.picture .node').length > 60 && document.querySelectorAll('.picture .node').length <= 150")
	b.shows(".picture .node.troubled", "tax-api-999") // what fails is never in a group
	b.press(".groups button", "×")
	b.until("location.search.includes('open=')")
	b.shows("main", "Close the opened groups")

	b.keys("/")
	b.until("document.activeElement.id === 'find-node'")
	b.until("(document.activeElement.value = '') === ''") // the key itself, where it is sent as text too
	b.keys("reviews-api-858")
	b.shows(".suggestions button", "reviews-api-858")
	b.keys(kb.Enter)
	b.shows(".focus-on", "reviews-api-858")
	b.shows(".node-detail", "reviews-api-858")
	b.until("document.querySelectorAll('.picture .node').length < 20")
	b.shows(".picture .node.focus", "reviews-api-858")
	b.press(".focus-on button", "Show all")
	b.until("document.querySelectorAll('.picture .node').length > 60")
}

func TestKeysAreListed(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open(outagePath)
	b.shows(".picture .node", "orders-db")
	b.keys("?")
	b.shows("dialog[open]", "play the incident")
	b.shows("dialog[open]", "open cause 2")
	b.keys("?")
	b.until("document.querySelector('dialog[open]') === null")
	b.keys("2")
	b.shows(".cause.open", "checkout → orders")
	b.keys("u")
	b.until("document.querySelector('.zones [aria-pressed=true]').textContent === 'Local'")
	b.keys("gt")
	b.shows("h1", "Traces")
	b.keys("/")
	b.until("document.activeElement.id === 'search-service'")
	b.keys("gi?") // typed, not pressed
	b.until("document.activeElement.value.endsWith('gi?') && location.pathname === '/traces'")
	s.source.Publish(webtest.Healthy()) // what comes by itself takes nothing away from who types
	b.shows(".pulse", "live")
	s.source.Publish(webtest.Report())
	b.until("document.activeElement.value.endsWith('gi?')")
}

// A picture that is saved stands for itself: its colours come along.
func TestPictureIsSaved(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open(outagePath)
	b.shows(".picture .node", "orders-db")
	b.until(`(() => {
		URL.createObjectURL = (blob) => { blob.text().then((t) => (window.saved = t)); return "data:,"; };
		HTMLAnchorElement.prototype.click = function () { window.file = this.download; };
		return true;
	})()`)
	b.press(".save button", "save as SVG")
	b.until("window.file?.endsWith('.svg') && window.saved?.startsWith('<svg')")
	b.until(`(() => {
		const svg = new DOMParser().parseFromString(window.saved, "image/svg+xml");
		return svg.querySelector("parsererror") === null && svg.querySelector("rect[stroke^=rgb]") !== null && svg.querySelector("[style], [class]") === null &&
			svg.documentElement.textContent.includes("orders-db");
	})()`)
	b.press(".save button", "PNG")
	b.until("window.file?.endsWith('.png')")
}

func TestLogin(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	s.stop()
	s.token = "hw-secret"
	s.start()
	b := s.open(outagePath + "?cause=2")
	b.shows("h1", "Headwater")
	b.until("document.activeElement.id === 'token'")
	b.keys("wrong" + kb.Enter)
	b.shows("#trouble", "not known")
	b.keys("hw-secret" + kb.Enter)
	b.shows(".cause.open", "checkout → orders")
	b.shows(".pulse", "live")
	b.until("document.cookie === ''") // no script can read the session
	b.press(".top button", "Log out")
	b.until("location.pathname === '/login'")
	b.do("open", chromedp.Navigate(b.url+"/"))
	b.until("location.pathname === '/login'")
}
