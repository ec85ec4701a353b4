package analysis

import (
	"math"
	"testing"
)

func TestHypergeometricTail(t *testing.T) {
	// Of 31 copies 8 are struck; all 8 on a host are: 1 of C(31,8) draws.
	if got, want := hypergeometricTail(31, 8, 8, 8), 1/7888725.0; math.Abs(got-want) > 1e-12 {
		t.Errorf("8 of 8 on the host: %g, want %g", got, want)
	}
	// Fisher's tea: 3 or 4 right of 4, by 8 cups of which 4 are marked.
	if got, want := hypergeometricTail(8, 4, 4, 3), 17.0/70; math.Abs(got-want) > 1e-12 {
		t.Errorf("three cups of four: %g, want %g", got, want)
	}
	if got := hypergeometricTail(8, 4, 4, 0); math.Abs(got-1) > 1e-12 {
		t.Errorf("none or more: %g, want 1", got)
	}
}
