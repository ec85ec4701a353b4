package analysis

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (f [3]float64) {
			for i := range f {
				f[i] = rapid.Float64Range(0, 1000).Draw(t, name)
			}
			return f
		}
		before, after := draw("before"), draw("after")
		parts := split(before, after)
		got := parts[0] + parts[1] + parts[2]
		want := after[0]*after[1]*after[2] - before[0]*before[1]*before[2]
		// The parts are as large as the products are: so is what rounding takes.
		scale := 1 + math.Abs(parts[0]) + math.Abs(parts[1]) + math.Abs(parts[2])
		if math.Abs(got-want) > 1e-9*scale {
			t.Fatalf("parts add up to %v, want %v", got, want)
		}
		for i := range 3 {
			if before[i] == after[i] && parts[i] != 0 {
				t.Fatalf("factor %d did not change and gets %v", i, parts[i])
			}
		}
	})
}
