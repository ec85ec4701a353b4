//go:build browser

package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"headwater/web"
	"headwater/web/webtest"
)

// parts is a store that comes seven minutes further at a time, the first at once
// and the others when they may.
type parts struct {
	*webtest.Source
	may <-chan struct{}
}

func (p parts) Newest(ctx context.Context, from, to int64, by *web.Sieve, yield func(web.Piece) bool) error {
	if to < time.Date(2026, 3, 12, 14, 12, 30, 0, time.UTC).UnixNano() {
		select {
		case <-p.may:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return p.Source.Newest(ctx, max(from, to-int64(7*time.Minute)), to, by, yield)
}

// A long search shows what it has, can be stopped, and goes on from there.
func TestSearchInParts(t *testing.T) {
	source := webtest.NewSource(webtest.Report(), 100)
	may := make(chan struct{}, 2)
	s := newSite(t, source)
	s.stop()
	s.spans = parts{source, may}
	s.start()
	b := s.open("/traces?" + shopDay)
	b.shows(".search-progress", "Looked back to 14:05:30: 34% of the time")
	b.until("document.querySelector('.search-progress progress').value > 0.3")
	b.press(".search-progress button", "stop")
	may <- struct{}{}
	b.shows(".search-progress", "looked back to 13:58:30, 68% of the time")
	b.press(".search-progress button", "go on")
	may <- struct{}{}
	b.shows(".search-progress", "spans of the time were looked at")
	b.until("document.querySelectorAll('.found-traces tbody tr').length === 3")
	b.keys("jj")
	b.until("document.activeElement === document.querySelectorAll('.found-traces th a')[1]")
	b.keys("k")
	b.until("document.activeElement === document.querySelectorAll('.found-traces th a')[0]")
	b.keys(kb.Enter)
	b.until("location.pathname.startsWith('/traces/')")
}

// Dragging over what was found, or over a chart, chooses that time.
func TestTimeIsChosenByDragging(t *testing.T) {
	s := newSite(t, webtest.NewSource(webtest.Report(), 100))
	b := s.open("/traces?" + shopDay)
	b.shows(".search-progress", "spans of the time were looked at")
	b.drag(".scatter svg", 0.5, 0.75)
	b.until("new URLSearchParams(location.search).get('from') > '2026-03-12T14:0' && new URLSearchParams(location.search).get('to') < '2026-03-12T14:10'")

	b.do("open a node", chromedp.Navigate(b.url+"/node?id=service:prod%252Fshop/orders&"+shopDay))
	b.until("document.querySelectorAll('.charts canvas').length === 5")
	b.drag(".charts .u-over", 0.5, 0.75)
	b.until("new URLSearchParams(location.search).get('from') > '2026-03-12T14:0' && new URLSearchParams(location.search).get('to') < '2026-03-12T14:10'")
}

// drag moves the mouse, held down, from one share of an element's width to another.
func (b *tab) drag(selector string, from, to float64) {
	b.t.Helper()
	box, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](fmt.Sprintf(
		"(() => { const e = document.querySelector(%q); e.scrollIntoView({ block: 'center' }); const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()", selector)))
	if err != nil {
		b.t.Fatal(err)
	}
	x := func(share float64) float64 { return box[0] + share*box[2] }
	y := box[1] + box[3]/3
	for _, step := range []struct {
		kind    input.DispatchMouseEventType
		x       float64
		buttons int64
	}{{"mouseMoved", x(from), 0}, {"mousePressed", x(from), 1}, {"mouseMoved", x((from + to) / 2), 1}, {"mouseMoved", x(to), 1}, {"mouseReleased", x(to), 0}} {
		params := input.DispatchMouseEventParams{Type: step.kind, X: step.x, Y: y, Button: "left", Buttons: step.buttons, ClickCount: 1}
		if _, err := chromedp.Call(b.ctx, input.DispatchMouseEvent, params); err != nil {
			b.t.Fatalf("drag: %v", err)
		}
	}
}
