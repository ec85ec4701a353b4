//go:build browser

package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"headwater/web/webtest"
)

const outagePath = "/incidents/" + webtest.IncidentID

// From silence over health to an outage, without a reload: a mark set on the
// window is still there at the end.
func TestIncidentArrives(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Silent(), 100))
	b := s.open("/")
	b.shows("h1", "Waiting for the first spans")
	b.shows("pre", "http://localhost:4318")
	b.until("window.same = true")

	s.source.Publish(webtest.Healthy())
	b.shows("h1", "Nothing is wrong")
	b.shows(".picture .node", "orders-db")

	s.source.Publish(webtest.Report())
	b.shows("h1", "One open incident")
	b.shows(".incident-row", "orders-db slowed at 14:02:10")
	b.shows(".incident-row .state", "Outage")
	b.until("document.title.startsWith('(1)')")
	b.until("window.same")
}

func TestFromListToTrace(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open("/")
	b.press(".incident-row a", "orders-db")
	b.shows("h1", "orders-db slowed")
	b.shows(".advice", "Cap the retries of checkout → orders")
	b.shows(".advice", "users are well again")
	b.until("document.querySelectorAll('.picture .cut-mark').length === 1")
	b.shows(".order li", "orders +20 s")
	b.shows(".impact tr", "POST /checkout")
	b.shows(".picture .badge.first", "1")
	b.shows(".picture .amplification", "3.4×")
	b.until("document.querySelectorAll('.evidence .chart canvas').length === 3")

	b.press(".cause button", "checkout → orders")
	b.shows(".cause.open .evidence", "3.4 attempts per call instead of 1.01.")
	b.shows(".cause.open .without-it", "0.92 s instead of 4.35 s")
	b.until("location.search === '?cause=2'")

	b.press(".cause.open .examples a", "failed")
	b.until("location.pathname.startsWith('/traces/deadbeef')")
	b.shows(".span", "ran on")
	b.shows(".span .flag", "timed out")
	b.press(".span .label", "SELECT stock")
	b.shows(".detail", "SELECT free FROM stock")
	b.do("back", chromedp.NavigateBack())
	b.shows(".cause.open", "checkout → orders")
}

func TestDeepLinks(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open(outagePath + "?cause=2")
	b.shows(".cause.open", "checkout → orders")

	trace := "/traces/" + webtest.FailedTrace.String()
	b.do("open a span", chromedp.Navigate(b.url+trace+"?span=f1bbcdcbfa53e0a8"))
	b.shows(".detail", "context deadline exceeded")
	b.until("document.querySelector('.span.selected')?.textContent.includes('checkout')")
}

func TestUnknown(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open("/incidents/nope")
	b.shows("h1", "No such incident")
	b.shows("main", `There is no incident "nope".`)
	b.do("open", chromedp.Navigate(b.url+"/traces/00000000000000000000000000000099"))
	b.shows("h1", "No such trace")
	b.do("open", chromedp.Navigate(b.url+"/nowhere"))
	b.shows("h1", "There is no such page")
	b.press("main a", "All incidents")
	b.shows("h1", "One open incident")
}

// What was seen stays, a banner says that it may be old, and all goes on when
// the server is back, with what has changed meanwhile.
func TestServerGoesAndComesBack(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Healthy(), 100))
	b := s.open("/")
	b.shows("h1", "Nothing is wrong")
	b.until("!document.querySelector('.banner')")
	s.stop()
	b.shows(".banner", "Headwater does not answer")
	b.shows("h1", "Nothing is wrong")
	b.shows(".pulse", "not connected")

	s.source.Publish(webtest.Report())
	s.start()
	b.shows("h1", "One open incident")
	b.until("!document.querySelector('.banner')")
	b.shows(".pulse", "live")
}

func TestLargeTraceScrolls(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 10_000))
	b := s.open("/traces/" + webtest.LargeTrace.String())
	b.shows(".meta", "10,000 spans")
	b.until("document.querySelectorAll('.span').length < 80")
	b.until("(document.querySelector('.spans').scrollTop = 130000) > 0")
	b.until("document.querySelector('#span-5000') !== null")
	b.until("document.querySelectorAll('.span').length < 80")
	b.until("document.querySelector('.spans').focus() ?? true")
	b.keys(kb.End)
	b.until("document.querySelector('#span-9999.selected') !== null")
}

func TestKeyboardOnly(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open(outagePath)
	focused := func(expression string) {
		t.Helper()
		for range 60 {
			b.keys(kb.Tab)
			held, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
			if err != nil {
				t.Fatal(err)
			}
			if held {
				return
			}
		}
		t.Fatalf("never had the focus: %s", expression)
	}
	b.shows(".picture .node", "orders-db")
	focused("document.activeElement.classList.contains('skip')")
	focused("document.activeElement.getAttribute('aria-label')?.includes('orders-db, database') === true")
	b.keys(kb.Enter)
	b.shows(".node-detail", "orders-db")
	focused("document.activeElement.matches('.scrub')")
	b.keys(kb.Home)
	b.shows(".moment", "before it")
	b.keys(kb.ArrowRight)
	focused("document.activeElement.matches('.timeline .track')")
	for range 8 {
		b.keys(kb.PageDown)
	}
	b.shows(".timeline-readout", "orders-db: own")
	b.shows(".moment", "kept up")
	focused("document.activeElement.matches('#cause-2 button')")
	b.keys(kb.Enter)
	b.until("document.activeElement.getAttribute('aria-expanded') === 'true'")
}

// Contrast of text on its ground, in both modes, as WCAG 2 counts it (AA: 4.5).
func TestContrast(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	for _, path := range []string{"/", outagePath, "/traces/" + webtest.FailedTrace.String() + "?span=f1bbcdcbfa53e0a8"} {
		b := s.open(path)
		for _, mode := range []string{"light", "dark"} {
			if mode == "dark" {
				b.dark()
			}
			b.until("document.querySelector('h1') !== null")
			weak, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](contrastScript))
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range weak {
				t.Errorf("%s in %s mode: %s", path, mode, w)
			}
		}
	}
}

const contrastScript = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = (c) => [0, 1, 2].map((i) => c[i] / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor);
      if (c[3] === 255) return c;
    }
    return [255, 255, 255];
  };
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || e.closest("svg, noscript, script") || !e.checkVisibility()) continue;
    const [a, b] = [luminance(rgba(getComputedStyle(e).color)), luminance(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.push(e.className + " " + e.textContent.slice(0, 40) + ": " + ratio.toFixed(2));
  }
  return weak;
})()`
