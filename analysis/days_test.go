package analysis_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

// today is the day on which the analysis looks; yesterday is today-1. It begins at
// a whole minute.
const today = 7

var dawn = tracetest.Base - tracetest.Base%int64(time.Minute)

func minuteOfDay(day, minute int) time.Time {
	return time.Unix(0, dawn).UTC().Add(time.Duration(day-today)*24*time.Hour + time.Duration(minute)*time.Minute)
}

// daily plays the windows of some minutes of a day: a shop asks its database, which
// is slower by the factor at the minute.
func daily(day, from, to int, slow func(minute int) float64) []*graph.Window {
	r := rand.New(rand.NewPCG(uint64(day), 5))
	var out []*graph.Window
	for start := minuteOfDay(day, from); start.Before(minuteOfDay(day, to)); start = start.Add(time.Duration(window)) {
		minute := int(start.Sub(minuteOfDay(day, 0)) / time.Minute)
		var traces []*trace.Trace
		for i := range 12 {
			t, db := float64(i)*800, 20*(0.8+0.4*r.Float64())*slow(minute)
			spans := tracetest.MustParse(fmt.Sprint("t", start.Unix(), "-", i), fmt.Sprintf(`
				r - shop server %f-%f GET_/cart
				q r shop client %f-%f query db.system=postgresql server.address=db`, t, t+db+6, t+3, t+3+db))
			for k := range spans {
				spans[k].Start += start.UnixNano() - tracetest.Base
				spans[k].End += start.UnixNano() - tracetest.Base
			}
			traces = append(traces, trace.Assemble(spans))
		}
		out = append(out, graph.Derive(start.UnixNano(), window, slices.Values(traces), nil))
	}
	return out
}

// peak is slower by the factor from a minute up to another.
func peak(from, to int, factor float64) func(int) float64 {
	return func(minute int) float64 {
		if minute >= from && minute < to {
			return factor
		}
		return 1
	}
}

// byMinute joins windows as the store does with old ones.
func byMinute(windows []*graph.Window) (out []*graph.Window) {
	for _, w := range windows {
		m := w.Start - w.Start%int64(time.Minute)
		if n := len(out); n == 0 || out[n-1].Start != m {
			out = append(out, graph.NewWindow(m, int64(time.Minute)))
		}
		out[len(out)-1].Merge(w)
	}
	return out
}

// TestTheSameTimeOfAnEarlierDay looks at 45 minutes in which the database is three
// times slower from the 25th to the 31st.
func TestTheSameTimeOfAnEarlierDay(t *testing.T) {
	slow := peak(25, 31, 3)
	flat := peak(0, 0, 1)
	whole := func(day int, slow func(int) float64) []*graph.Window { return byMinute(daily(day, -10, 55, slow)) }
	ill := func(day, from, to int) []analysis.Interval {
		return []analysis.Interval{{Start: minuteOfDay(day, from), End: minuteOfDay(day, to)}}
	}
	tests := []struct {
		name    string
		now     func(int) float64
		earlier []*graph.Window
		ill     []analysis.Interval
		source  string // of the one incident's baseline; empty where there is none
		why     string // a part of it
	}{
		{"no earlier day is known", slow, nil, nil, "before", "No earlier day is known"},
		{"it comes every day", slow, whole(today-1, slow), nil, "", ""},
		{"it comes every day, but not to the minute", slow, whole(today-1, peak(20, 26, 3)), nil, "", ""},
		{"it came at another time yesterday", slow, whole(today-1, peak(5, 11, 3)), nil, "before", "As healthy as the same time yesterday"},
		{"yesterday it did not come", slow, whole(today-1, flat), nil, "before", "As healthy as the same time yesterday"},
		{"yesterday it was an incident", slow, whole(today-1, slow), ill(today-1, 24, 40), "before", "part of an incident"},
		{"yesterday an incident began that goes on", slow, whole(today-1, slow), []analysis.Interval{{Start: minuteOfDay(today-1, 20)}}, "before", "part of an incident"},
		{"yesterday there was an incident at another time", slow, whole(today-1, slow), ill(today-1, -10, 2), "", ""},
		{"a week ago it came, and yesterday was ill", slow, slices.Concat(whole(today-1, flat), whole(today-7, slow)), ill(today-1, 0, 55), "", ""},
		{"a week ago it came, yesterday not", slow, slices.Concat(whole(today-1, flat), whole(today-7, slow)), nil, "before", "yesterday"},
		{"a week ago alone is known", slow, whole(today-7, slow), nil, "", ""},
		{"too little of yesterday is known", slow, byMinute(daily(today-1, 25, 31, slow)), nil, "before", "No earlier day is known"},
		{"every other minute of yesterday is known", slow, slices.DeleteFunc(whole(today-1, slow), func(w *graph.Window) bool {
			return w.Start/int64(time.Minute)%2 == 1
		}), nil, "", ""},
		{"it comes every day, but never so", peak(25, 31, 9), whole(today-1, slow), nil, "yesterday", "things changed as they do every day"},
		{"nothing happens", flat, whole(today-1, flat), nil, "", ""},
		{"yesterday was worse", flat, whole(today-1, peak(0, 50, 5)), nil, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := analysis.Analyze(analysis.Input{Windows: daily(today, 0, 45, tt.now), Earlier: tt.earlier, Ill: tt.ill, Daily: true}, analysis.Options{})
			if n := len(r.Incidents); n > 1 || (n == 0) != (tt.source == "") {
				t.Fatalf("%d incidents", n)
			}
			if tt.source == "" {
				return
			}
			in := r.Incidents[0]
			if b := in.Baseline; b.Source != tt.source || !strings.Contains(b.Why, tt.why) {
				t.Errorf("baseline %+v, want %s, since %q", b, tt.source, tt.why)
			}
			if off := in.Start.Sub(minuteOfDay(today, 25)).Abs(); off > time.Duration(window) {
				t.Errorf("it began at %v", in.Start)
			}
		})
	}
}

// TestASlowRampShowsAgainstYesterday has the database slow down so slowly that each
// ten minutes look like those before.
func TestASlowRampShowsAgainstYesterday(t *testing.T) {
	ramp := func(minute int) float64 { return 1 + float64(max(0, minute-20))/50 }
	now := daily(today, 0, 150, ramp)
	r := analysis.Analyze(analysis.Input{Windows: now, Earlier: byMinute(daily(today-1, -10, 160, peak(0, 0, 1)))}, analysis.Options{})
	if len(r.Incidents) == 0 {
		t.Fatal("no incident, though the day before tells")
	}
	if b := r.Incidents[0].Baseline; b.Source != "yesterday" {
		t.Errorf("baseline %+v", b)
	}
	if in := r.Incidents[0]; len(in.Causes) == 0 || in.Causes[0].Name != "db" {
		t.Errorf("the incident says: %s", in.Sentence)
	}
}

// TestARecordingOfDaysKnowsItsOwnDays leaves it to the analysis to find the day
// before among the windows themselves, some hours of which are missing.
func TestARecordingOfDaysKnowsItsOwnDays(t *testing.T) {
	slow := peak(25, 31, 3)
	if r := analysis.Analyze(analysis.Input{Windows: daily(today, 0, 55, slow)}, analysis.Options{}); len(r.Incidents) != 1 {
		t.Fatalf("%d incidents on a day alone", len(r.Incidents))
	}
	// On the first day it is an incident, and what was ill is no baseline.
	r := analysis.Analyze(analysis.Input{Windows: slices.Concat(daily(today-1, -10, 55, slow), daily(today, 0, 55, slow))}, analysis.Options{})
	if len(r.Incidents) != 2 {
		t.Fatalf("%d incidents on two days", len(r.Incidents))
	}
	if b := r.Incidents[1].Baseline; b.Source != "before" || b.Why == "" {
		t.Errorf("baseline %+v", b)
	}
	// What comes on the second day alone is seen against the first.
	r = analysis.Analyze(analysis.Input{Windows: slices.Concat(daily(today-1, -10, 55, peak(0, 0, 1)), daily(today, 0, 55, slow))}, analysis.Options{})
	if len(r.Incidents) != 1 || r.Incidents[0].Baseline.Why != "As healthy as the same time yesterday." {
		t.Errorf("%d incidents: %+v", len(r.Incidents), r.Incidents)
	}
}

// TestMinutesSayWhatWindowsSay gives an earlier day as it was settled, and as it is
// kept: the reports are the same bytes, also where parts of minutes were silent.
func TestMinutesSayWhatWindowsSay(t *testing.T) {
	now := daily(today, 0, 45, peak(25, 31, 9))
	fine := slices.DeleteFunc(daily(today-1, -10, 55, peak(25, 31, 3)), func(w *graph.Window) bool { return w.Start/window%7 == 3 })
	var reports []string
	for _, earlier := range [][]*graph.Window{fine, byMinute(fine)} {
		b, err := json.Marshal(analysis.Analyze(analysis.Input{Windows: now, Earlier: earlier, Daily: true}, analysis.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, string(b))
	}
	if diff := cmp.Diff(reports[0], reports[1]); diff != "" || !strings.Contains(reports[0], `"yesterday"`) {
		t.Errorf("by the window and by the minute (-+): %s", diff)
	}
}

func TestTheSameTimeIsAsked(t *testing.T) {
	at := minuteOfDay(today, 0).UnixNano()
	for _, s := range analysis.SameTime(at+10e9, at+70e9) {
		if (s[1]-s[0])/int64(time.Minute) != 22 {
			t.Errorf("%d minutes for the two that the stretch touches", (s[1]-s[0])/int64(time.Minute))
		}
	}
	if got, want := analysis.SameTime(at, at+1)[0][0], minuteOfDay(today-1, -10).UnixNano(); got != want {
		t.Errorf("from %d, want %d", got, want)
	}
}

// TestAFollowerKnowsEarlierDays lets windows come, and with them more of earlier
// days, and compares every report with one made from scratch of all that there is.
func TestAFollowerKnowsEarlierDays(t *testing.T) {
	now := daily(today, 0, 40, peak(25, 31, 9))
	earlier := slices.Concat(byMinute(daily(today-1, -10, 60, peak(25, 31, 3))), byMinute(daily(today-7, -10, 60, peak(0, 0, 1))))
	ill := []analysis.Interval{{Start: minuteOfDay(today-1, -9), End: minuteOfDay(today-1, 2)}}
	var f analysis.Follower
	for n := 5; n <= len(now); n += 10 {
		var known []*graph.Window // in parts, before they are asked for
		for part := -10; part < n/6+12; part += 10 {
			for _, day := range []int{today - 1, today - 7} {
				for _, w := range earlier {
					if w.Start >= minuteOfDay(day, part).UnixNano() && w.Start < minuteOfDay(day, part+10).UnixNano() {
						known = append(known, w)
					}
				}
			}
		}
		want, err := json.Marshal(analysis.Analyze(analysis.Input{Windows: now[:n], Earlier: earlier, Ill: ill, Daily: true}, analysis.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(f.Analyze(analysis.Input{Windows: now[:n], Earlier: known, Ill: ill, Daily: true}, analysis.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatalf("with %d windows and %d of earlier days (-anew +followed): %s", n, len(known), diff)
		}
	}
}
