package whatif

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/graph"
)

const testWindow = 10 * time.Second

// windowsOf plays a scenario and makes the windows of its spans.
func windowsOf(t testing.TB, sc *simulate.Scenario, seed uint64) (out []*graph.Window) {
	t.Helper()
	f := graph.NewFolder(int64(testWindow))
	if _, err := simulate.Run(context.Background(), sc, simulate.Options{Seed: seed}, func(b simulate.Batch) error {
		f.Add(b.Spans)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	f.Finish()
	for _, start := range f.Starts() {
		out = append(out, f.Take(start).Window)
	}
	return out
}

func scenario(t testing.TB) *simulate.Scenario {
	t.Helper()
	text, err := os.ReadFile("testdata/storm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sc, err := simulate.Parse(text, "storm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// stormy are the windows of the scenario as it is, made once.
func stormy(t testing.TB) []*graph.Window {
	t.Helper()
	made.Do(func() { madeWindows = windowsOf(t, scenario(t), 5) })
	return slices.Clone(madeWindows)
}

var (
	made        sync.Once
	madeWindows []*graph.Window
)

// storm is a fit to a retry storm that outlives its trigger.
func storm(t testing.TB) *Fit {
	t.Helper()
	begin := simulate.DefaultStart.Add(2 * time.Minute)
	f, err := New(Input{Windows: stormy(t), Incident: analysis.Interval{Start: begin}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func ask(t testing.TB, f *Fit, changes ...Setting) *WhatIf {
	t.Helper()
	a, err := f.Ask(context.Background(), changes, Options{Runs: 2})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What the system is set to comes out of its windows.
func TestThePoliciesAreRead(t *testing.T) {
	f := storm(t)
	e, err := f.edge("front->stock")
	if err != nil {
		t.Fatal(err)
	}
	if e.Timeout != 800*time.Millisecond || e.Attempts != 3 || e.Budget != 0 || e.Optional || e.Backoff < 35*time.Millisecond || e.Backoff > 45*time.Millisecond {
		t.Errorf("front -> stock: %+v", e)
	}
	s, err := f.service("stock")
	if err != nil {
		t.Fatal(err)
	}
	if s.Workers != 2 || s.Replicas != 2 || s.Queue < 30 || s.Queue > 50 {
		t.Errorf("stock: %+v", s)
	}
	if s, err := f.service("front"); err != nil || s.Workers != 0 {
		t.Errorf("front was never full: %+v %v", s, err)
	}
}

// A replay without a change does what happened, and a change does what it does in
// the system itself.
func TestTheReplayDoesWhatHappened(t *testing.T) {
	f := storm(t)
	a := ask(t, f, Setting{Kind: CapRetries, Target: "front->stock"})
	if !a.Known {
		t.Fatal(a.Why)
	}
	was, now := a.Happened, a.Changed.Outcome
	if was.Recovered || was.Failed < 0.8 || a.Replayed.Outcome.Recovered {
		t.Fatalf("the storm goes on: %+v, played again %+v", was, a.Replayed)
	}
	if !now.Recovered || now.Seconds > 90 || now.Seconds < 20 {
		t.Errorf("without retries it ends with its trigger: after %v s", now.Seconds)
	}
	if !strings.HasPrefix(a.Changed.Sentence, "Not retrying on front -> stock would have ended it after ") {
		t.Error(a.Changed.Sentence)
	}
	one := 1.0
	cut, err := scenario(t).With(simulate.Fault{Remedy: true, Edge: "front->stock", Attempts: &one})
	if err != nil {
		t.Fatal(err)
	}
	if real := f.Measure(windowsOf(t, cut, 5)); !real.Recovered || real.Seconds > now.Seconds+30 || real.Seconds < now.Seconds-30 {
		t.Errorf("it ends after %v s, in truth after %v s", now.Seconds, real.Seconds)
	}
}

// To set what is set already changes nothing, to the last request.
func TestTheObservedPolicyChangesNothing(t *testing.T) {
	f := storm(t)
	base, err := f.play(context.Background(), f.scenario, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Setting{
		{Kind: CapRetries, Target: "front->stock", Value: 2},
		{Kind: SetTimeout, Target: "front->stock", Value: 0.8},
		{Kind: SetPool, Target: "stock", Value: 2},
		{Kind: SetReplicas, Target: "stock", Value: 2},
		{Kind: Shed, Target: AllRoutes, Value: 0},
	} {
		sc, err := f.With(c)
		if err != nil {
			t.Fatal(err)
		}
		windows, err := f.play(context.Background(), sc, 3)
		if err != nil {
			t.Fatal(err)
		}
		if want, got := asJSON(t, f.Measure(base)), asJSON(t, f.Measure(windows)); !bytes.Equal(want, got) {
			t.Errorf("%s: another outcome:\n%s\n%s", c.Query(), want, got)
		}
	}
}

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The same windows give the same ranking, byte for byte, in whatever order they
// come; and what ranks first ends the storm.
func TestContainmentIsRanked(t *testing.T) {
	windows := stormy(t)
	in := Input{Windows: windows, Incident: analysis.Interval{Start: simulate.DefaultStart.Add(2 * time.Minute)}}
	var first []byte
	for range 2 {
		f, err := New(in)
		if err != nil {
			t.Fatal(err)
		}
		a := ask(t, f)
		if first == nil {
			first = asJSON(t, a)
			if len(a.Containment) < 3 || !a.Containment[0].Outcome.Recovered || a.Containment[0].Spared < 0.7 || a.Ramp == nil {
				t.Errorf("%s", first)
			}
			for i := 1; i < len(a.Containment); i++ {
				if a.Containment[i].Outcome.Pain < a.Containment[i-1].Outcome.Pain {
					t.Errorf("place %d is better than place %d", i+1, i)
				}
			}
		} else if got := asJSON(t, a); !bytes.Equal(first, got) {
			t.Errorf("another answer:\n%s\n%s", first, got)
		}
		in.Windows = slices.Concat(windows[len(windows)/2:], windows[:len(windows)/2])
	}
}

// What can't be fitted is said to be unknown, and what can't be changed is an error.
func TestWhatIsNotKnown(t *testing.T) {
	windows := stormy(t)
	if _, err := New(Input{Windows: windows, Incident: analysis.Interval{Start: simulate.DefaultStart.Add(30 * time.Second)}}); !errors.Is(err, errTooLittle) {
		t.Errorf("half a minute before the incident: %v", err)
	}
	if _, err := New(Input{}); !errors.Is(err, errTooLittle) {
		t.Errorf("no windows: %v", err)
	}
	f := storm(t)
	for _, w := range f.scenario.Faults {
		if w.Slow != nil {
			*w.Slow = 1 // a fit that misses the trigger
		}
	}
	if a := ask(t, f); a.Known || !strings.Contains(a.Why, "failed, the fit has") || len(a.Containment) != 0 {
		t.Errorf("%+v", a)
	}
	for _, c := range []Setting{
		{Kind: CapRetries, Target: "front->nobody"}, {Kind: SetPool, Target: "nobody", Value: 3}, {Kind: Shed, Target: "GET /nothing", Value: 0.5},
		{Kind: "magic", Target: "front"}, {Kind: SetReplicas, Target: "stock", Value: 0.5}, {Kind: Shed, Target: AllRoutes, Value: 1.5},
	} {
		var wrong *ChangeError
		if _, err := f.Ask(context.Background(), []Setting{c}, Options{}); !errors.As(err, &wrong) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.Ask(ctx, nil, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestText(t *testing.T) {
	f := storm(t)
	var out bytes.Buffer
	if err := Text(&out, ask(t, f, Setting{Kind: CapRetries, Target: "front->stock"}), 80); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"front POST /buy, as measured: p95", "Not retrying on front -> stock would have ended it", "over after", "p95, measured"} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("too wide: %q", line)
		}
	}
}
