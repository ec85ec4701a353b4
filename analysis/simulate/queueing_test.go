package simulate

import (
	"fmt"
	"math"
	"testing"

	"headwater/graph/trace"
)

// erlangC is the mean wait in an M/M/c queue in units of the service time.
func erlangC(c int, load float64) float64 {
	sum, term := 0.0, 1.0
	for k := range c {
		sum += term
		term *= load / float64(k+1)
	}
	last := term * float64(c) / (float64(c) - load)
	return last / (sum + last) / (float64(c) - load)
}

// oneQueue is one service or database with Poisson arrivals and exponential
// times.
const oneQueue = `
description: One queue.
healthy: true
duration: 20m
services:
  - name: desk
    replicas: 1
    workers: %d
    queue: 100000
    operations:
      - {name: serve, time: %s, shape: exponential, steps: %s}
databases:
  - {name: store, parallelism: %d, time: 100ms, shape: exponential}
entries:
  - {call: desk.serve, rate: %v, timeout: 1h}
`

func TestWaitsAreThoseOfTheory(t *testing.T) {
	for _, tt := range []struct {
		where   string
		c       int
		rate    float64
		atStore bool
	}{
		{"one worker", 1, 7, false},
		{"four workers", 4, 32, false},
		{"database with six places", 6, 48, true},
	} {
		t.Run(tt.where, func(t *testing.T) {
			t.Parallel()
			text := fmt.Sprintf(oneQueue, tt.c, "100ms", "[]", 1, tt.rate)
			if tt.atStore {
				text = fmt.Sprintf(oneQueue, 0, "1ns", "[{query: store}]", tt.c, tt.rate)
			}
			want := 0.1 * erlangC(tt.c, tt.rate*0.1)
			total, n := 0.0, 0.0
			for seed := range uint64(4) {
				e := engineAfter(t, parse(t, text), seed)
				series := e.services[0].queued.series
				if tt.atStore {
					series = e.stations[0].queued.series
				}
				for _, v := range series[warmUp:] {
					total += float64(v)
					n++
				}
			}
			got := total / n / tt.rate // Little's law
			if math.Abs(got-want) > 0.05*want {
				t.Errorf("mean wait %.4f s, theory says %.4f s", got, want)
			}
		})
	}
}

func TestLittlesLawHoldsOnSpans(t *testing.T) {
	sc := load(t, "slow-service")
	sc.Duration = sc.Faults[0].At
	sc.Faults = nil
	sc.Healthy = true
	e := engineAfter(t, sc, 5)
	spans, _ := play(t, sc, Options{Seed: 5})
	for _, s := range e.services {
		busy, n := 0.0, 0.0
		for i := range spans {
			if p := &spans[i]; p.Kind == trace.KindServer && p.Resource.Service == s.name {
				busy += float64(p.Duration())
				n++
			}
		}
		length := float64(sc.Duration)
		rate, stay := n/length, busy/n
		inFlight := 0.0
		for _, v := range s.inside.series {
			inFlight += float64(v)
		}
		inFlight /= float64(len(s.inside.series))
		if got := rate * stay; math.Abs(got-inFlight) > 0.01*inFlight {
			t.Errorf("%s: rate x stay = %.4f, in flight were %.4f", s.name, got, inFlight)
		}
	}
}
