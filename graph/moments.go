package graph

import (
	"math"
	"math/bits"
)

// Moments are the count, the sum and the sum of squares of durations, exact in
// integers so that merging is associative. Squares are of microseconds in 128
// bits: 10^9 durations of a day still fit.
type Moments struct {
	N          int64
	Sum        int64 // nanoseconds
	sqHi, sqLo uint64
}

// Add counts one duration in nanoseconds; negative ones count as 0.
func (m *Moments) Add(ns int64) {
	ns = max(0, ns)
	m.N++
	m.Sum += ns
	us := uint64(ns) / 1000
	hi, lo := bits.Mul64(us, us)
	m.addSquares(hi, lo)
}

// Merge adds what o has counted.
func (m *Moments) Merge(o Moments) {
	m.N += o.N
	m.Sum += o.Sum
	m.addSquares(o.sqHi, o.sqLo)
}

func (m *Moments) addSquares(hi, lo uint64) {
	var carry uint64
	m.sqLo, carry = bits.Add64(m.sqLo, lo, 0)
	m.sqHi, _ = bits.Add64(m.sqHi, hi, carry)
}

// Mean is the mean in nanoseconds, 0 of nothing.
func (m Moments) Mean() float64 {
	if m.N == 0 {
		return 0
	}
	return float64(m.Sum) / float64(m.N)
}

// Deviation is the standard deviation in nanoseconds, 0 of fewer than two.
func (m Moments) Deviation() float64 {
	if m.N < 2 {
		return 0
	}
	squares := (float64(m.sqHi)*(1<<64) + float64(m.sqLo)) * 1e6
	mean := m.Mean()
	return math.Sqrt(max(0, (squares-float64(m.N)*mean*mean)/float64(m.N-1)))
}

// StandardError is the standard error of the mean in nanoseconds.
func (m Moments) StandardError() float64 {
	if m.N == 0 {
		return 0
	}
	return m.Deviation() / math.Sqrt(float64(m.N))
}
