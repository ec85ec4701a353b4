package simulate

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// amplification is the attempts per call of an edge from one time of the run
// to another.
func (e *engine) amplification(name string, from, to time.Duration) float64 {
	ed := e.edgesNamed(name)[0]
	calls, attempts, _ := ed.book.sum(e.tickOf(e.start+int64(from)), e.tickOf(e.start+int64(to)))
	return float64(attempts) / float64(calls)
}

// mean is the mean of a series from one time of the run to another.
func (e *engine) mean(series []float32, from, to time.Duration) float64 {
	part := series[e.tickOf(e.start+int64(from)):e.tickOf(e.start+int64(to))]
	total := 0.0
	for _, v := range part {
		total += float64(v)
	}
	return total / float64(len(part))
}

func TestAmplificationRisesByItself(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		edges    []string
		least    float64
	}{
		{"slow-database", []string{"checkout->orders", "account->orders"}, 2.5},
		{"retry-storm-outlives-trigger", []string{"sales->seats", "agents->seats", "kiosk->seats"}, 2.5},
		{"callers-retry-at-once", []string{"sales->seats", "agents->seats", "kiosk->seats"}, 2},
		{"pools-exhausted-in-turn", []string{"offers->flights", "offers->hotels", "bookings->flights"}, 1.5},
		{"noisy-tenant", []string{"appointments->patients"}, 2},
		{"starved-database", []string{"appointments->patients"}, 2},
	} {
		t.Run(tt.scenario, func(t *testing.T) {
			t.Parallel()
			sc := load(t, tt.scenario)
			for i := range sc.Faults {
				f := &sc.Faults[i]
				if f.Attempts != nil || f.Edge != "" && slices.Contains(tt.edges, f.Edge) {
					t.Fatalf("fault %d paints the storm on", i)
				}
			}
			hit := time.Duration(sc.Faults[0].At)
			sc.Duration = duration(hit + 90*time.Second)
			e := engineAfter(t, sc, 1)
			for _, edge := range tt.edges {
				if a := e.amplification(edge, 0, hit); a > 1.05 {
					t.Errorf("%s: %.2f attempts per call before the trigger", edge, a)
				}
				if a := e.amplification(edge, hit+15*time.Second, hit+90*time.Second); a < tt.least {
					t.Errorf("%s: %.2f attempts per call in the storm, want at least %.1f", edge, a, tt.least)
				}
			}
		})
	}
}

func TestStormOutlivesItsTriggerUntilRetriesAreCut(t *testing.T) {
	for _, name := range []string{"retry-storm-outlives-trigger", "callers-retry-at-once"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const end, cut = 13 * time.Minute, 10 * time.Minute
			goesOn := load(t, name)
			goesOn.Duration = duration(end)
			isCut := load(t, name)
			isCut.Duration = duration(end)
			one := 1.0
			isCut.Faults = append(isCut.Faults, faultSpec{At: duration(cut), Edge: "*->seats", Attempts: &one, Remedy: true})

			over := time.Duration(goesOn.Faults[0].At + goesOn.Faults[0].For)
			e := engineAfter(t, goesOn, 2)
			seats := e.service("seats").queued.series
			usual := e.mean(seats, time.Minute, 6*time.Minute)
			if after := e.mean(seats, over+2*time.Minute, end); after < 50 || after < 10*usual {
				t.Errorf("queue after the trigger %.1f, before it %.1f: the storm did not go on", after, usual)
			}
			if truth := e.truth(); !truth.Metastable || len(truth.Sustaining) != 3 {
				t.Errorf("truth says metastable %v, kept up by %v", truth.Metastable, truth.Sustaining)
			}

			e = engineAfter(t, isCut, 2)
			seats = e.service("seats").queued.series
			if held := e.mean(seats, over+time.Minute, cut); held < 50 {
				t.Errorf("queue before the cut %.1f: nothing to cut", held)
			}
			if after := e.mean(seats, cut+time.Minute, end); after > 2*usual+0.5 {
				t.Errorf("queue after the cut %.1f, usually %.1f: it did not fall", after, usual)
			}
		})
	}
}

func TestBudgetKeepsTheStormFromStarting(t *testing.T) {
	sc := load(t, "retry-storm-outlives-trigger")
	sc.Duration = duration(10 * time.Minute)
	for i := range sc.Parts.Services {
		for j := range sc.Parts.Services[i].Clients {
			if c := &sc.Parts.Services[i].Clients[j]; c.To == "seats" {
				c.Budget = 0.1
			}
		}
	}
	e := engineAfter(t, sc, 2)
	seats := e.service("seats").queued.series
	if after, usual := e.mean(seats, 9*time.Minute, 10*time.Minute), e.mean(seats, time.Minute, 6*time.Minute); after > 2*usual+0.5 {
		t.Errorf("with a retry budget the queue is %.1f two minutes after the trigger, usually %.1f", after, usual)
	}
}

func TestColdCacheKeepsTheDatabaseFull(t *testing.T) {
	sc := load(t, "cache-flush")
	e := engineAfter(t, sc, 1)
	over := time.Duration(sc.Faults[0].At + sc.Faults[0].For)
	queue := e.station("catalogue-db").queued.series
	usual, after := e.mean(queue, time.Minute, 6*time.Minute), e.mean(queue, over, over+time.Minute)
	if after < 5 || after < 20*usual {
		t.Errorf("queue at the database after the flush %.1f, before it %.1f", after, usual)
	}
	if last := e.mean(queue, 14*time.Minute+30*time.Second, 15*time.Minute); last > after/4 {
		t.Errorf("queue at the end %.1f, after the flush %.1f: the cache did not warm up", last, after)
	}
	truth := e.truth()
	if len(truth.Sustaining) != 1 || truth.Sustaining[0].Kind != "cache" {
		t.Errorf("kept up by %v, want the cache", truth.Sustaining)
	}
}

func TestBacklogDrainsAfterTheStall(t *testing.T) {
	sc := load(t, "consumer-stall")
	e := engineAfter(t, sc, 1)
	var backlog []float32
	for _, g := range e.groups {
		if g.service.name == "planner" {
			backlog = g.waiting.series
		}
	}
	if n := e.mean(backlog, 9*time.Minute, 9*time.Minute+10*time.Second); n < 500 {
		t.Errorf("backlog at the end of the stall %.0f", n)
	}
	if n := e.mean(backlog, 14*time.Minute, 15*time.Minute); n > 10 {
		t.Errorf("backlog five minutes later %.0f", n)
	}
}

func TestBreakerStopsAskingAndAsksAgain(t *testing.T) {
	e := engineAfter(t, load(t, "breaker-opens"), 1)
	edge := e.edgesNamed("trips->loyalty")[0]
	_, usual, _ := edge.book.sum(e.tickOf(e.start+2*60e9), e.tickOf(e.start+6*60e9))
	calls, attempts, _ := edge.book.sum(e.tickOf(e.start+7*60e9), e.tickOf(e.start+11*60e9))
	if attempts > usual/10 || attempts < 10 {
		t.Errorf("%d attempts while it fails, %d in the same time before", attempts, usual)
	}
	if calls < usual/2 {
		t.Errorf("%d calls while it fails: the callers themselves must go on", calls)
	}
	if _, after, _ := edge.book.sum(e.tickOf(e.start+12*60e9), e.tickOf(e.start+15*60e9)); after < usual/2 {
		t.Errorf("%d attempts after it is well, %d before", after, usual)
	}
}

func TestRetriesHiddenInOneSpanAreNotObservable(t *testing.T) {
	e := engineAfter(t, load(t, "pools-exhausted-in-turn"), 1)
	for _, edge := range e.truth().Edges {
		hidden := edge.Caller == "flights" && edge.Callee == "inventory-db"
		if hidden && (edge.Attempts <= edge.Calls*5/4 || edge.Observable > edge.Calls) {
			t.Errorf("hidden retries: %+v", edge)
		}
		if !hidden && !strings.HasPrefix(edge.Caller, "booking-made") && edge.Observable != edge.Attempts {
			t.Errorf("retries with spans of their own: %+v", edge)
		}
	}
}
