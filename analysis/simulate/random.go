package simulate

import (
	"math"
	"math/rand/v2"
	"time"
)

// part numbers what a random stream is for. A component draws from its own
// streams, told apart by its position in the file and never by its name, so
// that renaming changes nothing and a component added at the end of its list
// leaves the others' numbers as they were.
type part uint64

// The numbers stay: another number is another run from the same seed.
const (
	partEntry    part = 1
	partInstance part = 2
	partLink     part = 3
	partStation  part = 4
	partTrace    part = 5
	partSpan     part = 6
	partNames    part = 7
	partClock    part = 8
	partLoss     part = 9
	partGenerate part = 11
)

// newStream makes the random stream of one part of one component.
func newStream(seed uint64, p part, index ...int) *rand.Rand {
	h := mix(uint64(p))
	for _, i := range index {
		h = mix(h ^ uint64(i+1))
	}
	return rand.New(rand.NewPCG(seed, h))
}

// mix is the finaliser of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// shape is the form of a distribution of times.
type shape uint8

const (
	lognormal shape = iota
	exponential
	constant
)

// dist is a distribution of durations with the given mean.
type dist struct {
	shape  shape
	mean   float64 // nanoseconds
	mu, sd float64 // of the logarithm, for lognormal
}

func newDist(s shape, mean time.Duration, spread float64) dist {
	d := dist{shape: s, mean: float64(mean), sd: spread}
	if mean > 0 {
		d.mu = math.Log(float64(mean)) - float64(spread*spread)/2
	}
	return d
}

// draw gives one duration in nanoseconds.
func (d *dist) draw(r *rand.Rand) float64 {
	if d.mean <= 0 {
		return 0
	}
	switch d.shape {
	case exponential:
		return d.mean * r.ExpFloat64()
	case constant:
		return d.mean
	default:
		return math.Exp(d.mu + float64(d.sd*r.NormFloat64()))
	}
}
