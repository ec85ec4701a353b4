package watch_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis"
	"headwater/analysis/watch"
	"headwater/graph"
)

// store is Windows and Journal at once. What windows mean is told by the test.
type store struct {
	mu       sync.Mutex
	windows  []*graph.Window
	minutes  []*graph.Window // of before these
	fresh    []*graph.Window // not settled yet
	read     []int64         // starts of windows that were asked for
	broken   bool            // minutes can't be read
	saved    map[string][]byte
	failing  error
	analyzed [][]*graph.Window
	given    analysis.Input // last
	mean     func([]*graph.Window) []analysis.Incident
	takes    time.Duration // to analyse
}

func (s *store) Settle(context.Context, time.Time) ([]*graph.Window, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := s.fresh
	s.fresh = nil
	for _, w := range changed {
		s.windows = slices.DeleteFunc(s.windows, func(o *graph.Window) bool { return o.Start == w.Start })
	}
	s.windows = append(s.windows, changed...)
	slices.SortFunc(s.windows, func(a, b *graph.Window) int { return int(a.Start - b.Start) })
	return changed, nil
}

func (s *store) Settled(from, to int64) (starts []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range within(s.windows, from, to) {
		starts = append(starts, w.Start)
	}
	return starts
}

func (s *store) Windows(_ context.Context, from, to int64) ([]*graph.Window, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken && len(within(s.minutes, from, to)) > 0 {
		return nil, errors.New("checksum mismatch")
	}
	found := slices.Concat(within(s.minutes, from, to), within(s.windows, from, to))
	for _, w := range found {
		s.read = append(s.read, w.Start)
	}
	return found, nil
}

func within(windows []*graph.Window, from, to int64) (found []*graph.Window) {
	for _, w := range windows {
		if from <= w.Start && w.Start < to {
			found = append(found, w)
		}
	}
	return found
}

func (s *store) SaveIncident(_ context.Context, id string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing != nil {
		return s.failing
	}
	s.saved[id] = data
	return nil
}

func (s *store) Incidents(context.Context) ([]watch.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var records []watch.Record
	for _, id := range slices.Sorted(maps.Keys(s.saved)) {
		records = append(records, watch.Record{ID: id, Data: s.saved[id]})
	}
	return records, nil
}

func (s *store) analyze(in analysis.Input) *analysis.Report {
	windows := in.Windows
	time.Sleep(s.takes) // by synctest's clock
	s.mu.Lock()
	defer s.mu.Unlock()
	s.analyzed, s.given = append(s.analyzed, windows), in
	r := &analysis.Report{Version: analysis.ReportVersion, Incidents: []analysis.Incident{}}
	if n := len(windows); n > 0 {
		last := windows[n-1]
		r.Range = analysis.Interval{Start: at(windows[0].Start), End: at(last.Start + last.Length)}
		r.Incidents = append(r.Incidents, s.mean(windows)...)
	}
	return r
}

// settle gives the windows that start in [from, to) seconds after the start of
// the test, and says what all windows mean from now on.
func (s *store) settle(from, to int, incidents ...analysis.Incident) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ; from < to; from += 10 {
		s.fresh = append(s.fresh, graph.NewWindow(sec(from).UnixNano(), 10e9))
	}
	s.mean = func([]*graph.Window) []analysis.Incident { return incidents }
}

func at(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// sec is the time that many seconds after the start of synctest's clock.
func sec(n int) time.Time {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
}

func incident(id string, start, end int, nodes ...string) analysis.Incident {
	in := analysis.Incident{ID: id, State: analysis.Outage, Start: sec(start), Sentence: id}
	if end > 0 {
		e := sec(end)
		in.End, in.State = &e, analysis.Over
	}
	for _, n := range nodes {
		in.Nodes = append(in.Nodes, analysis.NodeView{ID: graph.NodeID{Kind: graph.Service, Name: n}})
	}
	return in
}

var quiet = slog.New(slog.DiscardHandler)

func start(t *testing.T, s *store) *watch.Watcher {
	t.Helper()
	if s.saved == nil {
		s.saved = map[string][]byte{}
	}
	w, err := watch.New(t.Context(), watch.Config{Windows: s, Journal: s, Analyze: s.analyze, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// run runs the watcher for some seconds.
func run(t *testing.T, w *watch.Watcher, seconds int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(seconds)*time.Second+time.Millisecond)
	defer cancel()
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// told lists the ids that the report shows.
func told(w *watch.Watcher) []string {
	ids := []string{}
	for _, in := range w.Report().Incidents {
		ids = append(ids, in.ID)
	}
	return ids
}

func TestWithoutSpansThereIsAnEmptyReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, &store{})
		if r := w.Report(); r == nil || len(r.Incidents) != 0 {
			t.Errorf("report %+v", r)
		}
		if _, ok := w.Incident("none"); ok {
			t.Error("found an incident that there never was")
		}
	})
}

func TestNewWindowsMakeANewReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		w := start(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		changes := w.Subscribe(ctx)
		s.settle(0, 600, incident("a", 300, 0, "db"))
		before := w.Report()
		run(t, w, 3)
		if w.Report() == before || len(told(w)) != 1 {
			t.Errorf("report %+v", w.Report())
		}
		if len(changes) != 1 {
			t.Errorf("%d changes wait, want 1", len(changes))
		}
		<-changes
		s.settle(0, 0, incident("a", 300, 0, "db"))
		run(t, w, 3)
		if len(changes) != 0 {
			t.Error("a change was told without new windows")
		}
		cancel()
		synctest.Wait()
		s.settle(600, 610, incident("a", 300, 0, "db"))
		run(t, w, 3)
		if len(changes) != 0 {
			t.Error("a change was told to one who had gone")
		}
	})
}

func TestASlowAnalysisRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		w := start(t, s)
		s.takes = 10 * time.Second
		for n := range 10 {
			s.settle(10*n, 10*n+10)
			run(t, w, 10)
		}
		// The first of them took 10 seconds, and then nothing was analysed for 40.
		if n := len(s.analyzed) - 1; n < 2 || n > 3 {
			t.Errorf("%d analyses in 100 s", n)
		}
	})
}

func TestOfManyThingsAShorterTimeIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		w := start(t, s)
		s.settle(0, 7200)
		for _, win := range s.fresh {
			win.Routes[graph.RouteID{}] = &graph.RouteStats{Shapes: map[graph.Shape]graph.ShapeStats{}}
			for i := range 1000 {
				win.Routes[graph.RouteID{}].Shapes[graph.Shape{Name: string(rune(i))}] = graph.ShapeStats{}
			}
		}
		run(t, w, 3)
		got := s.analyzed[len(s.analyzed)-1]
		if len(got) != 420 { // of a thousand things each, in parts of ten minutes
			t.Errorf("%d windows from %s, want 420 of 720", len(got), at(got[0].Start))
		}
		for i := 1; i < len(got); i++ {
			if got[i].Start != got[i-1].Start+10e9 {
				t.Fatalf("window %d starts at %s", i, at(got[i].Start))
			}
		}
	})
}

// TestIncidentsKeepTheirIDs goes through what later reports may make of known
// incidents.
func TestIncidentsKeepTheirIDs(t *testing.T) {
	const length = 4000
	known := []analysis.Incident{
		incident("early", 2000, 2300, "db", "shop"),
		incident("late", 2400, 0, "db", "mail"),
	}
	for name, c := range map[string]struct {
		then  []analysis.Incident
		want  []string
		finds map[string]string // by id, the id that is found; "" for none
	}{
		"it is seen again, beginning earlier": {
			then: []analysis.Incident{incident("x", 1990, 2300, "db"), incident("late", 2400, 0, "db")},
			want: []string{"early", "late"}, finds: map[string]string{"x": ""},
		},
		"it is about other nodes": {
			then: []analysis.Incident{incident("x", 2000, 2300, "search"), incident("late", 2400, 0, "db")},
			want: []string{"x", "late"}, finds: map[string]string{"early": "early"},
		},
		"it is at another time": {
			then: []analysis.Incident{incident("x", 1000, 1100, "db"), incident("late", 2400, 0, "db")},
			want: []string{"x", "late"},
		},
		"two are one": {
			then: []analysis.Incident{incident("x", 1990, 0, "db")},
			want: []string{"early"}, finds: map[string]string{"late": "early"},
		},
		"one is two": {
			then: []analysis.Incident{incident("x", 2000, 2100, "db"), incident("y", 2200, 2300, "db"), incident("late", 2400, 0, "db")},
			want: []string{"early", "y", "late"},
		},
		"it was none": {
			then: []analysis.Incident{incident("late", 2400, 0, "db")},
			want: []string{"late"}, finds: map[string]string{"early": "early"},
		},
		"another has its id": {
			then: []analysis.Incident{incident("early", 2000, 2300, "search"), incident("late", 2400, 0, "db")},
			want: []string{"early-2", "late"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &store{}
				w := start(t, s)
				s.settle(0, length, known...)
				run(t, w, 1)
				s.settle(length, length+10, c.then...)
				run(t, w, 1)
				check := func(w *watch.Watcher) {
					t.Helper()
					if diff := cmp.Diff(c.want, told(w)); diff != "" {
						t.Errorf("ids (-want +got):\n%s", diff)
					}
					for id, want := range c.finds {
						in, ok := w.Incident(id)
						if ok != (want != "") || ok && in.ID != want {
							t.Errorf("id %s finds %+v, want %q", id, in, want)
						}
					}
				}
				check(w)
				check(start(t, s)) // after a restart
			})
		})
	}
}

func TestAnIncidentIsSavedBeforeItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{failing: errors.New("disk full")}
		w := start(t, s)
		s.settle(0, 600, incident("a", 300, 0, "db"))
		run(t, w, 5)
		if len(told(w)) != 0 {
			t.Errorf("told %v without having saved it", told(w))
		}
		s.mu.Lock()
		s.failing = nil
		s.mu.Unlock()
		run(t, w, 1)
		if diff := cmp.Diff([]string{"a"}, told(w)); diff != "" || s.saved["a"] == nil {
			t.Errorf("after the disk has room (-want +got):\n%s", diff)
		}
	})
}

func TestOldIncidentsStayAsTheyWereTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		w := start(t, s)
		s.settle(0, 3600, incident("a", 2000, 2300, "db"))
		run(t, w, 1)
		// Two hours later only its end is in the range, and looks otherwise.
		odd := incident("b", 2290, 2300, "db")
		s.settle(3600, 2290+7200, odd)
		run(t, w, 1)
		in, ok := w.Incident("a")
		if diff := cmp.Diff([]string{"a"}, told(w)); diff != "" || !ok || !in.Start.Equal(sec(2000)) {
			t.Errorf("incident %+v; ids (-want +got):\n%s", in, diff)
		}
	})
}

func TestALongIncidentIsSeenFromItsStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		w := start(t, s)
		s.settle(0, 4000, incident("a", 3600, 0, "db"))
		run(t, w, 1)
		s.settle(4000, 5*3600, incident("a", 3600, 0, "db"))
		run(t, w, 2)
		last := s.analyzed[len(s.analyzed)-1]
		if first := at(last[0].Start); !first.Equal(sec(3600 - 30*60)) {
			t.Errorf("analysed from %v, want half an hour before the incident", first)
		}
	})
}

func TestAnIncidentThatRunsForDaysEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		w := start(t, s)
		s.settle(0, 4000, incident("a", 3600, 0, "db"))
		run(t, w, 1)
		s.settle(3*24*3600, 3*24*3600+600)
		run(t, w, 1)
		in, ok := w.Incident("a")
		if !ok || in.End == nil || !in.End.Equal(sec(4000)) || in.State != analysis.Over || len(in.Notes) != 1 {
			t.Errorf("incident %+v", in)
		}
	})
}

func TestABrokenRecordHidesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		w := start(t, s)
		s.settle(0, 4000, incident("a", 2000, 2300, "db"))
		run(t, w, 1)
		s.saved["b"] = []byte("{")
		if diff := cmp.Diff([]string{"a"}, told(start(t, s))); diff != "" {
			t.Errorf("ids (-want +got):\n%s", diff)
		}
	})
}

func TestAConfigLacksNothing(t *testing.T) {
	_, err := watch.New(t.Context(), watch.Config{})
	if err == nil || !strings.Contains(err.Error(), "Windows") {
		t.Errorf("error %v", err)
	}
}
