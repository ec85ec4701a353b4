package store

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"headwater/graph/trace"
)

// madSpans tell times that cannot be.
func madSpans() []trace.Span {
	years := func(n float64) float64 { return n * 365 * 24 * 3600 }
	spans := []trace.Span{
		span(100, 1, 0, "shop", trace.KindServer, 0, years(50)),
		span(101, 1, 0, "shop", trace.KindServer, years(60), years(60)+1),
		span(102, 1, 0, "shop", trace.KindServer, 5, -5),
		span(103, 1, 0, "shop", trace.KindServer, -years(30), -years(30)+1),
		span(104, 1, 0, "shop", trace.KindServer, -years(3), 5),
	}
	for i, times := range [][2]int64{{0, 0}, {-1, 5}, {math.MinInt64, math.MaxInt64}, {math.MaxInt64, math.MinInt64}, {math.MaxInt64, math.MaxInt64}, {lastTime - 1, lastTime + 1}} {
		sp := span(byte(110+i), 1, 0, "shop", trace.KindServer, 0, 0)
		sp.Start, sp.End = times[0], times[1]
		spans = append(spans, sp)
	}
	return spans
}

func TestMadTimesHurtNobody(t *testing.T) {
	opt, clock, _ := testOptions(t)
	dir := t.TempDir()
	s := open(t, dir, opt)
	clock.set(60)
	mad := madSpans()
	write(t, s, request(1, 2)...)
	write(t, s, mad...)
	write(t, s, request(2, 12)...)
	// The windows at 0 and 10 are not over, and nothing mad said otherwise.
	got, err := s.Settle(t.Context(), clock.get())
	requireStarts(t, got, err)
	for i := range 4 {
		write(t, s, request(byte(3+i), 50+float64(i))...)
	}
	got, err = s.Settle(t.Context(), clock.get())
	requireStarts(t, got, err, 0, 10)
	for _, sp := range mad {
		requireTrace(t, s, sp.TraceID, sp)
	}
	if n := s.Stats().Outside; n == 0 {
		t.Error("windows were made 30 years back")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, opt)
	got, err = s.Windows(t.Context(), 0, math.MaxInt64)
	requireStarts(t, got, err, 0, 10)
	got, err = s.Settle(t.Context(), clock.get())
	requireStarts(t, got, err)
	if _, err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestManyMadTimesKeepMemoryBounded(t *testing.T) {
	opt, _, _ := testOptions(t)
	opt.Keep = 10 * time.Minute
	s := open(t, t.TempDir(), opt)
	const limit = 66 // ten minutes, and the one before that is being made one
	var good []trace.Span
	for i := range 5 {
		good = append(good, request(byte(i+1), float64(i)*10+2)...)
	}
	write(t, s, good...)
	var mad []trace.Span
	for i := range 2000 {
		sp := span(0, 1, 0, fmt.Sprint("service ", i), trace.KindServer, 0, 0)
		sp.TraceID = trace.TraceID{0: 1, 14: byte(i >> 8), 15: byte(i)}
		sp.Start = int64(i) * int64(24*time.Hour)
		sp.End = sp.Start + 1
		mad = append(mad, sp)
	}
	write(t, s, mad...)
	s.mu.Lock()
	if n := len(s.windows.dirty); n > 2*limit {
		t.Errorf("%d windows wait, want at most %d", n, 2*limit)
	}
	s.mu.Unlock()
	if _, err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := s.Windows(t.Context(), 0, math.MaxInt64)
	if err != nil || len(got) > limit {
		t.Errorf("%d windows, %v; want at most %d", len(got), err, limit)
	}
}

func TestWatermark(t *testing.T) {
	for name, c := range map[string]struct {
		ends map[string][]float64 // of spans, by service
		now  float64
		want float64
	}{
		"one service": {map[string][]float64{"a": {1, 2, 3, 4, 5}}, 100, 2},
		"few spans":   {map[string][]float64{"a": {7}}, 100, 7},
		"one of two is ahead": {map[string][]float64{
			"a": {50, 50, 50, 50}, "b": {200, 200, 200, 200}}, 1000, 50},
		"two of twenty lag": {map[string][]float64{
			"a": {1}, "b": {1}, "c": {50}, "d": {50}, "e": {50}, "f": {50}, "g": {50}, "h": {50}, "i": {50}, "j": {50},
			"k": {50}, "l": {50}, "m": {50}, "n": {50}, "o": {50}, "p": {50}, "q": {50}, "r": {50}, "s": {50}, "t": {50}}, 100, 50},
		"one of three is a day ahead":        {map[string][]float64{"a": {50}, "b": {51}, "c": {90000}}, 1e6, 51},
		"clocks ahead of the wall clock":     {map[string][]float64{"a": {150}, "b": {150}}, 100, 100},
		"clocks far ahead of the wall clock": {map[string][]float64{"a": {401, 20}, "b": {402, 20}}, 100, 20},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(0, at(c.now))
			w := newWatermark(now)
			for _, service := range slices.Sorted(maps.Keys(c.ends)) {
				for _, end := range c.ends[service] {
					w.observe([]trace.Span{span(1, 1, 0, service, trace.KindServer, end, end)}, now)
				}
			}
			if got := w.settle(now); got > at(c.want) || got < at(c.want)-1 {
				t.Errorf("watermark at %v s, want %v s", float64(got-at(0))/1e9, c.want)
			}
		})
	}
}

func TestSilentServicesDoNotHoldTheWatermark(t *testing.T) {
	w := newWatermark(time.Unix(0, at(0)))
	one := func(service string, end float64) []trace.Span {
		return []trace.Span{span(1, 1, 0, service, trace.KindServer, end, end)}
	}
	w.observe(one("dead", 1), time.Unix(0, at(1)))
	for i := range 40 {
		w.observe(one("alive", float64(i)), time.Unix(0, at(float64(i))))
	}
	if got := w.settle(time.Unix(0, at(40))); got < at(30) {
		t.Errorf("watermark at %v s", float64(got-at(0))/1e9)
	}
}
