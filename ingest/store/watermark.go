package store

import (
	"math"
	"slices"
	"time"

	"headwater/graph/trace"
)

const (
	// aheadLimit is how far a span may end after the wall clock and still count.
	aheadLimit = 5 * time.Minute
	// silence is how long nothing must have been written for the wall clock to
	// take over.
	silence = 10 * time.Second
	// awayAfter is how long after its last write a service stops counting.
	awayAfter = 15 * time.Second
	// maxServices bounds memory. What more services than that send does not
	// move the watermark.
	maxServices = 10_000
	// tailSpans are kept per service: the earliest of its newest ends counts, so
	// that single spans with mad times do not.
	tailSpans = 4
)

// watermark follows the time that spans tell. All times are Unix nanoseconds.
type watermark struct {
	// event is the newest time that nearly all services have reached. It knows
	// no wall clock but for the limit on clocks that run ahead.
	event int64
	// mark is up to when spans are held to have come. Like event it never goes
	// back.
	mark     int64
	written  time.Time // when spans last came, by the wall clock
	services map[string]*tail
	newest   []int64 // room for advance to sort in
}

// tail holds the newest ends of the spans of a service, ascending.
type tail struct {
	ends [tailSpans]int64
	n    int
	seen time.Time
}

func newWatermark(now time.Time) watermark {
	return watermark{written: now, services: map[string]*tail{}}
}

// restore takes over the event time that was reached before a restart.
func (w *watermark) restore(event int64) { w.event = max(w.event, event) }

// observe takes in spans that are being written.
func (w *watermark) observe(spans []trace.Span, now time.Time) {
	w.written = now
	limit := now.Add(aheadLimit).UnixNano()
	var last *trace.Resource
	var t *tail
	for i := range spans {
		if r := spans[i].Resource; i == 0 || r != last {
			last, t = r, w.tail(r, now)
		}
		if end := spans[i].End; t != nil && end >= 0 && end <= limit {
			t.add(end)
		}
	}
	w.advance(now)
}

func (w *watermark) tail(r *trace.Resource, now time.Time) *tail {
	name := ""
	if r != nil {
		name = r.Service
	}
	t := w.services[name]
	if t == nil {
		if len(w.services) >= maxServices {
			return nil
		}
		t = new(tail)
		w.services[name] = t
	}
	t.seen = now
	return t
}

// add keeps an end that is among the newest.
func (t *tail) add(end int64) {
	switch {
	case t.n < tailSpans:
		t.ends[t.n] = end
		t.n++
	case end > t.ends[0]:
		t.ends[0] = end
	default:
		return
	}
	slices.Sort(t.ends[:t.n])
}

// advance moves event to the time that one in ten of the active services has
// reached or passed, rounded so that one service of several never decides.
func (w *watermark) advance(now time.Time) {
	w.newest = w.newest[:0]
	for name, t := range w.services {
		switch {
		case now.Sub(t.seen) > awayAfter:
			delete(w.services, name)
		case t.n > 0:
			w.newest = append(w.newest, t.ends[0])
		}
	}
	if len(w.newest) == 0 {
		return
	}
	slices.Sort(w.newest)
	w.event = max(w.event, w.newest[(len(w.newest)-1)*9/10])
}

// settle moves mark and returns it.
func (w *watermark) settle(now time.Time) int64 {
	w.advance(now)
	wall := now.UnixNano()
	reached := min(wall, w.event)
	if now.Sub(w.written) >= silence {
		reached = wall
	}
	w.mark = max(w.mark, reached)
	return w.mark
}

// finish moves mark past all times.
func (w *watermark) finish() { w.mark = math.MaxInt64 }
