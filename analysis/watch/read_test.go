package watch_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/analysis"
	"headwater/analysis/watch"
	"headwater/graph"
)

func step(t *testing.T, w *watch.Watcher, s *store) {
	t.Helper()
	if s.mean == nil {
		s.mean = func([]*graph.Window) []analysis.Incident { return nil }
	}
	if err := w.Step(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
}

func starts(windows []*graph.Window) []int {
	var out []int
	for _, w := range windows {
		out = append(out, int(at(w.Start).Sub(sec(0))/time.Second))
	}
	return out
}

func TestOnlyWhatIsNewIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		s.settle(0, 3600)
		if _, err := s.Settle(t.Context(), time.Now()); err != nil { // before Headwater was started
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		w := start(t, s)
		if n := len(s.read); n != 360 {
			t.Errorf("%d windows read at the start, want each of 360 once", n)
		}
		before := s.given.Windows
		s.read = nil
		s.settle(3600, 3620)
		revised := graph.NewWindow(sec(1000).UnixNano(), 10e9)
		s.fresh = append(s.fresh, revised)
		step(t, w, s)
		if len(s.read) != 0 {
			t.Errorf("read again: %d windows", len(s.read))
		}
		for i, win := range s.given.Windows[:360] {
			if same := win == before[i]; same == (i == 100) {
				t.Errorf("window %d: the same %v", i, same)
			}
		}
		if s.given.Windows[100] != revised || len(s.given.Windows) != 362 {
			t.Error("the revised window is not looked at")
		}
	})
}

// turn is something that happens to the store between two looks.
type turn struct {
	settled int // windows that come, after some silent ones
	silent  int
	late    int // how far back a window is revised; 0 for none
	gone    int // windows that are too old from now on
	restart bool
	ill     int // since when an incident runs
}

var turns = rapid.Custom(func(t *rapid.T) turn {
	r := turn{ill: rapid.IntRange(0, 3600).Draw(t, "since when an incident runs")}
	switch rapid.SampledFrom([]string{"come", "come", "come late", "go", "restart"}).Draw(t, "windows") {
	case "come":
		r.settled, r.silent = rapid.IntRange(1, 800).Draw(t, "windows"), rapid.SampledFrom([]int{0, 0, 1, 500}).Draw(t, "silent")
	case "come late":
		r.late = rapid.IntRange(1, 900).Draw(t, "back")
	case "go":
		r.gone = rapid.IntRange(1, 500).Draw(t, "gone")
	case "restart":
		r.restart = true
	}
	return r
})

// TestTheWatcherLooksAtWhatIsStored has windows settle, change and go in any order,
// and Headwater start anew: what is analysed is what one that knows nothing yet
// reads from the store.
func TestTheWatcherLooksAtWhatIsStored(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := rapid.SliceOfN(turns, 1, 10).Draw(rt, "turns")
		wrong := ""
		synctest.Test(t, func(t *testing.T) { wrong = differs(t, all) })
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// differs says where a Watcher looks at other windows than one that is new.
func differs(t *testing.T, all []turn) string {
	s := &store{}
	w := start(t, s)
	end := 0
	for i, c := range all {
		if c.settled > 0 {
			from := end + 10*c.silent
			end = from + 10*c.settled
			s.settle(from, end)
		}
		if n := len(s.windows); c.late > 0 && c.late <= n {
			s.fresh = append(s.fresh, graph.NewWindow(s.windows[n-c.late].Start, 10e9))
		}
		if n := len(s.windows); c.gone > 0 && c.gone < n {
			s.minutes = append(s.minutes, graph.NewWindow(s.windows[0].Start, 60e9))
			s.windows = s.windows[c.gone:]
			s.fresh = append(s.fresh, graph.NewWindow(sec(end).UnixNano(), 10e9)) // nothing goes while nothing comes
			end += 10
		}
		if c.restart {
			w = start(t, s)
		}
		s.mean = func([]*graph.Window) []analysis.Incident { return []analysis.Incident{incident("a", c.ill, 0, "db")} }
		step(t, w, s)
		if len(s.windows) == 0 {
			continue
		}
		fresh := &store{windows: s.windows, minutes: s.minutes, saved: maps.Clone(s.saved), mean: s.mean}
		start(t, fresh)
		want := fresh.given.Windows
		if !slices.Equal(want, within(s.windows, want[0].Start, sec(end).UnixNano())) {
			return fmt.Sprintf("turn %d: who starts anew does not look at all: %v", i, starts(want))
		}
		// Who starts anew knows already since when an incident runs.
		have := s.given.Windows
		first := max(want[0].Start, have[0].Start)
		if want, have := within(want, first, math.MaxInt64), within(have, first, math.MaxInt64); !slices.Equal(want, have) {
			return fmt.Sprintf("turn %d (-anew +followed): %s", i, cmp.Diff(starts(want), starts(have)))
		}
	}
	return ""
}

const day = 24 * 3600

func TestEarlierDaysAreLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		for _, from := range []int{0, 6 * day} {
			for m := range 6 * 60 {
				s.minutes = append(s.minutes, graph.NewWindow(sec(from+60*m).UnixNano(), 60e9))
			}
		}
		w := start(t, s)
		noon := 7*day + 2*3600
		s.settle(noon, noon+3600)
		step(t, w, s)
		var want []int
		for _, from := range []int{6 * day, 0} {
			for at := from + 2*3600 - 600; at < from+3*3600+600; at += 60 {
				want = append(want, at)
			}
		}
		if diff := cmp.Diff(want, starts(s.given.Earlier)); diff != "" || !s.given.Daily {
			t.Errorf("windows of earlier days (-want +got): %s", diff)
		}
		had := s.given.Earlier
		s.read = nil
		s.settle(noon+3600, noon+3610)
		step(t, w, s) // half an hour more
		if got := s.given.Earlier; len(s.read) != 60 || len(got) != len(had)+60 || !slices.Equal(had, got[:len(had)]) {
			t.Errorf("%d windows read, %d given after %d", len(s.read), len(got), len(had))
		}
		s.read = nil
		s.settle(noon+3610, noon+5400)
		step(t, w, s)
		if len(s.read) != 0 {
			t.Errorf("%d windows read, with nothing to add", len(s.read))
		}
		s.settle(noon+5400, noon+4*3600)
		step(t, w, s) // the stretch begins later
		if first := starts(s.given.Earlier)[0]; first != 6*day+4*3600-600 {
			t.Errorf("windows of earlier days from %d", first)
		}
	})
}

// TestTooManyThingsOfEarlierDays leaves them out where they would fill the memory,
// and then does not say that they are not known.
func TestTooManyThingsOfEarlierDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		many := &graph.RouteStats{Shapes: map[graph.Shape]graph.ShapeStats{}}
		for i := range 15_000 {
			many.Shapes[graph.Shape{Name: fmt.Sprint(i)}] = graph.ShapeStats{}
		}
		for m := range 30 {
			big := graph.NewWindow(sec(6*day+60*m).UnixNano(), 60e9)
			big.Routes[graph.RouteID{}] = many
			s.minutes = append(s.minutes, big)
		}
		w := start(t, s)
		s.settle(7*day, 7*day+600)
		step(t, w, s)
		if len(s.given.Earlier) != 0 || s.given.Daily {
			t.Errorf("%d windows, daily %v", len(s.given.Earlier), s.given.Daily)
		}
	})
}

func TestABrokenDayIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{broken: true, minutes: []*graph.Window{graph.NewWindow(sec(0).UnixNano(), 60e9)}}
		w := start(t, s)
		s.settle(day, day+600, incident("a", day+300, 0, "db"))
		step(t, w, s)
		if len(told(w)) != 1 || len(s.given.Windows) != 60 || len(s.given.Earlier) != 0 || s.given.Daily {
			t.Errorf("told %v of %d windows and %d of earlier days", told(w), len(s.given.Windows), len(s.given.Earlier))
		}
	})
}

func TestIncidentsOfEarlierDaysAreNoBaseline(t *testing.T) {
	load := func(failed int64) analysis.Incident {
		in := incident("load", 3000, 3600, "shop")
		in.Causes = []analysis.Cause{{Kind: analysis.CauseLoad}}
		in.Impact = []analysis.Impact{{Node: in.Nodes[0].ID, Requests: 1000, Failed: failed, BaselineFailed: 0.01}}
		return in
	}
	ill := func(start, end int) analysis.Interval {
		i := analysis.Interval{Start: sec(start)}
		if end > 0 {
			i.End = sec(end)
		}
		return i
	}
	for name, c := range map[string]struct {
		then analysis.Incident
		want []analysis.Interval
	}{
		"at the same time":                         {incident("a", 3000, 3600, "db"), []analysis.Interval{ill(3000, 3600)}},
		"at another time":                          {incident("a", 100, 200, "db"), nil},
		"more was asked, and took longer":          {load(12), nil},
		"more was asked than the system can stand": {load(30), []analysis.Interval{ill(3000, 3600)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &store{}
				w := start(t, s)
				s.settle(0, 4000, c.then)
				run(t, w, 1)
				time.Sleep(23 * time.Hour)
				s.settle(day+2400, day+4000)
				run(t, w, 1)
				if diff := cmp.Diff(c.want, s.given.Ill); diff != "" {
					t.Errorf("ill (-want +got): %s", diff)
				}
				start(t, s) // after a restart
				if diff := cmp.Diff(c.want, s.given.Ill); diff != "" {
					t.Errorf("ill after a restart (-want +got): %s", diff)
				}
			})
		})
	}
}
