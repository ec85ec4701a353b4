package watch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis"
	"headwater/analysis/watch"
)

// asked are the times, in seconds after the start, at which it was asked what an
// incident left behind.
type asked struct {
	times []int
	takes time.Duration
	fails bool
}

func (a *asked) left(ctx context.Context, in *analysis.Incident, _ *analysis.Report) (*analysis.Left, error) {
	a.times = append(a.times, int(time.Since(sec(0)).Seconds()))
	select {
	case <-time.After(a.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if a.fails {
		return nil, errors.New("disk on fire")
	}
	return &analysis.Left{HalfDone: len(a.times), Sentence: in.ID}, nil
}

func startAsking(t *testing.T, s *store, a *asked) *watch.Watcher {
	t.Helper()
	if s.saved == nil {
		s.saved = map[string][]byte{}
	}
	w, err := watch.New(t.Context(), watch.Config{Windows: s, Journal: s, Analyze: s.analyze, Left: a.left, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func halfDone(t *testing.T, w *watch.Watcher) int {
	t.Helper()
	in, ok := w.Incident("a")
	if !ok {
		t.Fatal("no incident")
	}
	if in.Left == nil {
		return 0
	}
	return in.Left.HalfDone
}

// What an incident left half done is asked for a minute after its end and once more
// after ten, however many reports come, and is known after a restart.
func TestWhatIsLeftIsAskedForTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a := &store{}, &asked{}
		w := startAsking(t, s, a)
		s.settle(0, 600, incident("a", 300, 0, "db"))
		run(t, w, 600)
		s.settle(600, 620, incident("a", 300, 600, "db"))
		run(t, w, 20)
		if len(a.times) != 0 {
			t.Fatalf("asked at %v, before the end or right after it", a.times)
		}
		for to := 640; to <= 1400; to += 20 {
			s.settle(to-20, to, incident("a", 300, 600, "db"))
			run(t, w, 20)
		}
		if len(a.times) != 2 || a.times[0] < 640 || a.times[0] > 670 || a.times[1] < 1180 || a.times[1] > 1210 {
			t.Errorf("asked at %v", a.times)
		}
		if n := halfDone(t, w); n != 2 || w.Report().Incidents[0].Left.HalfDone != 2 {
			t.Errorf("%d are left", n)
		}
		again := startAsking(t, s, a)
		run(t, again, 60)
		if n := halfDone(t, again); n != 2 || len(a.times) != 2 {
			t.Errorf("after a restart %d are left, asked at %v", n, a.times)
		}
	})
}

// Asking takes long, and reports go on. What was told of another stretch of time goes.
func TestReportsDoNotWaitForWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a := &store{}, &asked{takes: time.Minute}
		w := startAsking(t, s, a)
		s.settle(0, 2400, incident("a", 2000, 2300, "db"))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(a.times) != 1 {
			t.Fatalf("asked at %v", a.times)
		}
		s.settle(2400, 2410, incident("a", 2000, 2320, "db"))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if got := *w.Report().Incidents[0].End; !got.Equal(sec(2320)) {
			t.Errorf("the report waits: it ends at %v", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := halfDone(t, w); n != 0 || len(a.times) != 2 {
			t.Errorf("%d are left of another time, asked at %v", n, a.times)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if diff := cmp.Diff(2, halfDone(t, w)); diff != "" {
			t.Error(diff)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Where that can't be told, it is asked for again, and not at once.
func TestWhatIsLeftIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a := &store{}, &asked{fails: true}
		w := startAsking(t, s, a)
		s.settle(0, 700, incident("a", 300, 600, "db"))
		run(t, w, 150)
		if len(a.times) != 3 || a.times[1]-a.times[0] < 60 || halfDone(t, w) != 0 {
			t.Errorf("asked at %v", a.times)
		}
		a.fails = false
		run(t, w, 70)
		if halfDone(t, w) == 0 {
			t.Error("never told")
		}
	})
}
