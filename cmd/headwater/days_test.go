package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
	"headwater/ingest/wire"
)

// hour is an hour of a day: a shop asks its database. From the 30th minute to the
// 37th more requests come, or the database is slower.
type hour struct {
	more int // requests for each usual one
	slow float64
}

var quietHour = hour{1, 1}

// come writes the spans of the hour, and lets the live loop look at them.
func (h hour) come(t *testing.T, l *live, began time.Time) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 5))
	var spans []trace.Span
	for minute := range 55 {
		requests, slow := 60, 1.0
		if minute >= 30 && minute < 37 {
			requests, slow = 60*h.more, h.slow
		}
		shift := began.Add(time.Duration(minute)*time.Minute).UnixNano() - tracetest.Base
		for i := range requests {
			at, db := float64(i)*60_000/float64(requests), 20*(0.8+0.4*r.Float64())*slow
			some := tracetest.MustParse(fmt.Sprint(began.Unix(), "-", minute, "-", i), fmt.Sprintf(`
				r - shop server %f-%f GET_/cart
				q r shop client %f-%f query db.system=postgresql server.address=db`, at, at+db+6, at+3, at+3+db))
			for k := range some {
				some[k].Start += shift
				some[k].End += shift
			}
			spans = append(spans, some...)
		}
	}
	request, err := wire.Encode(spans)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := wire.NewBatch(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.store.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	// An hour without spans has passed: all is settled that was written.
	if err := l.watcher.Step(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
}

// TestTheLiveLoopKnowsYesterday lets the same hour of two days go by, and starts
// Headwater anew, which changes nothing.
func TestTheLiveLoopKnowsYesterday(t *testing.T) {
	busy, sick := hour{4, 3}, hour{1, 3}
	tests := []struct {
		name             string
		yesterday, today hour
		first            int    // incidents yesterday
		why              string // today's incident is not compared with yesterday, or is; empty for none
	}{
		{"more is asked every day", busy, busy, 1, ""},
		{"more is asked today", quietHour, busy, 0, "As healthy as the same time yesterday."},
		{"the database is slow on both days", sick, sick, 1, "As healthy as the same time yesterday."}, // what was sick left out
		{"nothing is wrong", quietHour, quietHour, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder := t.TempDir()
			opened := func() *live {
				l, err := open(t.Context(), folder, anyPort, keeping{}, unlocked, quiet)
				if err != nil {
					t.Fatal(err)
				}
				return l
			}
			closed := func(l *live) {
				if err := l.close(t.Context()); err != nil {
					t.Error(err)
				}
			}
			today := time.Now().UTC().Truncate(time.Minute).Add(-time.Hour)
			l := opened()
			tt.yesterday.come(t, l, today.Add(-24*time.Hour))
			told := l.watcher.Report().Incidents
			if len(told) != tt.first {
				t.Fatalf("%d incidents yesterday", len(told))
			}
			tt.today.come(t, l, today)
			var fresh []analysis.Incident
			for _, in := range l.watcher.Report().Incidents {
				if !in.Start.Before(today) {
					fresh = append(fresh, in)
				}
			}
			want := 1
			if tt.why == "" {
				want = 0
			}
			if len(fresh) != want || want == 1 && fresh[0].Baseline.Why != tt.why {
				t.Errorf("%d incidents today: %+v", len(fresh), fresh)
			}
			before := reportJSON(t, l.watcher.Report())
			closed(l)
			l = opened()
			defer closed(l)
			if diff := cmp.Diff(before, reportJSON(t, l.watcher.Report())); diff != "" {
				t.Errorf("after a restart (-before +after): %s", diff)
			}
		})
	}
}
