package whatif

import (
	"strings"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
)

// besieged is a storm with users that come and come again as a test has it.
func besieged(t *testing.T, buyers, fault string) (*Fit, *simulate.Scenario) {
	t.Helper()
	sc, err := simulate.Parse([]byte(`
description: A service near its limit is pushed over it.
duration: 6m
services:
  - name: front
    operations:
      - {name: buy, route: POST /buy, time: 3ms, steps: [{call: stock.take}]}
      - {name: look, route: GET /look, time: 2ms}
    clients: [{to: stock, timeout: 600ms}]
  - name: stock
    workers: 2
    queue: 10
    operations: [{name: take, route: POST /take, time: 60ms, spread: 0.4}]
entries:
  - {name: buy, call: front.buy, rate: 22`+buyers+`}
  - {name: look, call: front.look, rate: 10}
faults: [{at: 2m, `+fault+`}]
`), "besieged.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Input{Windows: windowsOf(t, sc, 3), Incident: analysis.Interval{Start: simulate.DefaultStart.Add(2 * time.Minute), End: simulate.DefaultStart.Add(4 * time.Minute)}})
	if err != nil {
		t.Fatal(err)
	}
	return f, sc
}

// Users who try again are told by how requests grow with failures; more users are
// not taken for them.
func TestUsersWhoTryAgain(t *testing.T) {
	for _, tt := range []struct {
		name, buyers, fault string
		want                int
		least, most         time.Duration // that they wait
	}{
		{"three times", ", attempts: 3, backoff: 500ms", "for: 100s, service: stock, slow: 8", 3, 0, 2 * time.Second},
		{"five times", ", attempts: 5, backoff: 1s", "for: 100s, service: stock, slow: 8", 5, 0, 2 * time.Second},
		{"four times, patiently", ", attempts: 4, backoff: 5s", "for: 100s, service: stock, slow: 8", 4, 2 * time.Second, 8 * time.Second},
		{"three times, and more users came", ", attempts: 3, backoff: 500ms", "for: 100s, entry: all, traffic: 4", 3, 0, 2 * time.Second},
		{"never", "", "for: 100s, service: stock, slow: 8", 1, patient, patient},
		{"more users of all routes", "", "for: 100s, entry: all, traffic: 3", 1, patient, patient},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := besieged(t, tt.buyers, tt.fault)
			for i, e := range f.scenario.Parts.Entries {
				want := 1
				if f.routes[i].Operation == "POST /buy" {
					want = tt.want
					if wait := time.Duration(e.Backoff); wait < tt.least || wait > tt.most {
						t.Errorf("they wait %s", wait)
					}
				}
				if e.Attempts != want {
					t.Errorf("%s: %d attempts, want %d", f.routes[i].Operation, e.Attempts, want)
				}
			}
		})
	}
}

// A change that spares users their failures spares the system those who try again.
func TestWithoutFailuresFewerComeAgain(t *testing.T) {
	f, sc := besieged(t, ", attempts: 4, backoff: 500ms", "for: 100s, service: stock, slow: 8")
	change := Setting{Kind: SetReplicas, Target: "stock", Value: 8}
	a := ask(t, f, change)
	if !a.Known {
		t.Fatal(a.Why)
	}
	if len(a.Notes) == 0 || !strings.Contains(a.Notes[0], "try again") {
		t.Errorf("notes %q", a.Notes)
	}
	n := 8.0
	helped, err := sc.With(simulate.Fault{Remedy: true, Service: "stock", Replicas: &n})
	if err != nil {
		t.Fatal(err)
	}
	is := f.Measure(windowsOf(t, helped, 3))
	if said := a.Changed.Outcome; said.Recovered != is.Recovered || said.Failed > is.Failed+0.15 || said.Failed < is.Failed-0.15 || said.Pain > 1.5*is.Pain+500 || said.Pain < is.Pain/1.5-500 {
		t.Errorf("said %+v, is %+v", said, is)
	}
}
