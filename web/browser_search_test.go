//go:build browser

package web_test

import (
	"context"
	"testing"
	"time"

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
}
