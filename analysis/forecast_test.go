package analysis_test

import (
	"math"
	"testing"

	"headwater/analysis"
)

func TestAForecastFollowsTheDecay(t *testing.T) {
	var waits, retries, misses, steady []float64
	for i := range 8 {
		waits = append(waits, 100-10*float64(i))
		retries = append(retries, 100*math.Pow(0.6, float64(i)))
		misses = append(misses, 1/(1+0.2*float64(i)))
		steady = append(steady, 100+float64(i%2))
	}
	tests := []struct {
		name   string
		series []float64
		usual  float64
		level  float64
		kind   analysis.PressingKind
		in     float64 // windows after the last
		decay  string
	}{
		{"requests that wait", waits, 0, 10, analysis.PressingQueue, 2, "linear"},
		{"failures that die down", retries, 0, 1, analysis.PressingFailures, math.Log(0.01)/math.Log(0.6) - 7, "exponential"},
		{"no decay", steady, 0, 10, analysis.PressingQueue, 0, ""},
		{"too little to say", waits[:3], 0, 10, analysis.PressingQueue, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, halves, decay, ok := analysis.Trend(tt.series, tt.usual, tt.level, tt.kind)
			if decay != tt.decay || ok != (tt.decay != "") || math.Abs(in-tt.in) > 1e-6 {
				t.Errorf("well in %.3f windows, %q; want %.3f, %q", in, decay, tt.in, tt.decay)
			}
			if ok && halves <= 0 {
				t.Errorf("halves in %v windows", halves)
			}
		})
	}
	// A cache whose misses fill it: the fewer are left, the slower.
	if in, _, decay, ok := analysis.Trend(misses, 0.1, 0.2, analysis.PressingColdCache); !ok || in < 5 || decay == "linear" {
		t.Errorf("a cache: %v windows, %q, %t", in, decay, ok)
	}
}

// What waits goes at the rate of what is taken less what comes.
func TestABacklogDrains(t *testing.T) {
	waiting, taken := []float64{400, 380, 360, 340, 320, 300}, []float64{20, 70, 70, 70, 70, 70}
	if in, ok := analysis.Drain(waiting, taken, 50, 5); !ok || math.Abs(in-14.75) > 1e-9 {
		t.Errorf("gone in %v windows, %t; want 14.75", in, ok)
	}
	if _, ok := analysis.Drain(waiting, taken, 80, 5); ok {
		t.Error("more comes than is taken, and it goes all the same")
	}
}

// Each answer of the store takes a share of what a cache misses away, whether the
// store keeps up or not.
func TestACacheFillsWithTheAnswersBehindIt(t *testing.T) {
	const asks, request, keys, windows = 200.0, 0.01, 1000.0, 16
	for _, able := range []float64{500, 120} { // answers a window
		service := 10 / able // seconds
		limit := request + 0.2*service
		var misses, behind, answers, took []float64
		missing, truth := 1.0, math.NaN()
		for i := range 90 {
			answered, in := min(asks*missing, able), 1.0
			if used := answered / able; used < 0.97 {
				in = service * (1 + used/(1-used)/2)
			}
			if i < windows {
				misses, behind = append(misses, missing), append(behind, answered)
				answers, took = append(answers, in), append(took, request+missing*in)
			} else if request+missing*in <= limit && math.IsNaN(truth) {
				truth = float64(i - windows)
			}
			missing *= math.Exp(-answered / keys)
		}
		// Single windows lie above the limit for a while when their mean no longer does.
		soon, in, late, ok := analysis.Warm(misses, behind, answers, took, asks, service, request, limit)
		if !ok || in < truth || in > truth+8 {
			t.Errorf("a store that answers %v: warm in %v windows, %t; want %v", able, in, ok, truth)
		}
		if soon < truth || soon >= in || late <= in || late > 2*in {
			t.Errorf("a store that answers %v: warm in %v to %v windows, about %v", able, soon, late, in)
		}
	}
	flat := []float64{0.5, 0.5, 0.5, 0.5, 0.5}
	if _, in, _, ok := analysis.Warm(flat, []float64{9, 9, 9, 9, 9}, flat, flat, asks, 0.02, request, 0.012); ok {
		t.Errorf("nothing goes down, and it is warm in %v windows", in)
	}
}

// What varies is well after its last time above the limit, when a minute has shown
// that.
func TestTroubleEndsWithItsLastTimeAboveTheLimit(t *testing.T) {
	quiet := make([]float64, 12)
	tests := []struct {
		name   string
		above  []float64
		chance float64
		want   float64
	}{
		{"never above", quiet, 0.5, 0},
		{"above for three windows", append([]float64{1, 1, 1}, quiet...), 0.5, 3},
		{"a pause that is shorter than a minute", append([]float64{1, 0, 0, 0, 0, 1}, quiet...), 0.5, 6},
		{"one that is longer", append([]float64{1, 0, 0, 0, 0, 0, 0, 0, 1}, quiet...), 0.5, 1},
		{"a late one that is less likely than not", append([]float64{1, 0, 0.3}, quiet...), 0.5, 1},
		{"is among what may be", append([]float64{1, 0, 0.3}, quiet...), 0.9, 3},
		{"no end in sight", []float64{1, 1, 1, 1, 1, 1, 1, 1}, 0.5, math.Inf(1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := analysis.LastAbove(tt.above, tt.chance); got != tt.want {
				t.Errorf("over in %v windows, want %v", got, tt.want)
			}
		})
	}
}
