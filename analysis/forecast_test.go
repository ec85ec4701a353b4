package analysis_test

import (
	"math"
	"testing"

	"headwater/analysis"
)

func TestAForecastFollowsTheDecay(t *testing.T) {
	backlog, retries, steady := []float64{}, []float64{}, []float64{}
	for i := range 8 {
		backlog = append(backlog, 100-10*float64(i))
		retries = append(retries, 100*math.Pow(0.8, float64(i)))
		steady = append(steady, 100+float64(i%2))
	}
	tests := []struct {
		name   string
		series []float64
		in     float64 // windows after the last
		decay  string
	}{
		{"a backlog", backlog, 2, "linear"},
		{"retries that die down", retries, math.Log(0.1)/math.Log(0.8) - 7, "exponential"},
		{"no decay", steady, 0, ""},
		{"too little to say", backlog[:3], 0, ""},
		{"well already", []float64{80, 60, 40, 20, 5}, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, decay, ok := analysis.WellIn(tt.series, 10)
			if decay != tt.decay || ok != (tt.decay != "") || math.Abs(in-tt.in) > 1e-6 {
				t.Errorf("well in %.3f windows, %q; want %.3f, %q", in, decay, tt.in, tt.decay)
			}
		})
	}
}
