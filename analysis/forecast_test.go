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
	const asks, answer, request, keys = 200.0, 0.02, 0.01, 1000.0
	for _, able := range []float64{500, 120} { // answers a window
		var misses, behind, took []float64
		missing, truth := 1.0, math.NaN()
		for i := range 60 {
			answers := min(asks*missing, able)
			if i < 12 {
				misses, behind, took = append(misses, missing), append(behind, answers), append(took, request+missing*answer)
			} else if request+missing*answer <= 0.012 && math.IsNaN(truth) {
				truth = float64(i - 12)
			}
			missing *= math.Exp(-answers / keys)
		}
		if in, ok := analysis.Warm(misses, behind, took, asks, answer, request, 0.012); !ok || math.Abs(in-truth) > 0.15*truth+1 {
			t.Errorf("a store that answers %v: warm in %v windows, %t; want %v", able, in, ok, truth)
		}
	}
	flat := []float64{0.5, 0.5, 0.5, 0.5, 0.5}
	if in, ok := analysis.Warm(flat, []float64{9, 9, 9, 9, 9}, flat, asks, answer, request, 0.012); ok {
		t.Errorf("nothing goes down, and it is warm in %v windows", in)
	}
}
