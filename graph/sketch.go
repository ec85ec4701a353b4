package graph

import (
	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
)

// sketchAccuracy is the relative error of a quantile.
const sketchAccuracy = 0.01

// sketchMapping is shared: it is read only.
var sketchMapping = func() mapping.IndexMapping {
	m, err := mapping.NewLogarithmicMapping(sketchAccuracy)
	if err != nil {
		panic(err) // a constant that the library does not accept
	}
	return m
}()

// Sketch is a mergeable distribution of durations (DDSketch, Masson, Rim and
// Lee, VLDB 2019), with a relative error of 1%. Counts are whole numbers, so
// merging is exact. The zero Sketch is empty and ready to use.
type Sketch struct {
	dd *ddsketch.DDSketch
}

// Add counts one duration in nanoseconds; negative ones count as 0.
func (s *Sketch) Add(ns int64) {
	s.init()
	// Add fails only for values that the mapping can't index; durations can be.
	_ = s.dd.Add(float64(max(0, ns)))
}

// Merge adds what o has counted; o is not changed.
func (s *Sketch) Merge(o *Sketch) {
	if o.dd == nil {
		return
	}
	s.init()
	_ = s.dd.MergeWith(o.dd) // fails only for differing mappings; there is one
}

func (s *Sketch) init() {
	if s.dd == nil {
		// A dense store is only changed by writing to it, so that a window can be
		// read from several goroutines at once; a paginated one sorts as it is read.
		s.dd = ddsketch.NewDDSketch(sketchMapping, store.NewDenseStore(), store.NewDenseStore())
	}
}

// Count is the number of durations counted.
func (s *Sketch) Count() int64 {
	if s.dd == nil {
		return 0
	}
	return int64(s.dd.GetCount())
}

// Quantile is the duration in nanoseconds below which the share q of all lie; 0
// of an empty sketch.
func (s *Sketch) Quantile(q float64) float64 {
	if s.Count() == 0 {
		return 0
	}
	v, err := s.dd.GetValueAtQuantile(q)
	if err != nil {
		return 0
	}
	return v
}

// CountAbove is how many of the durations counted are longer than ns, to the
// sketch's accuracy.
func (s *Sketch) CountAbove(ns float64) int64 {
	n := 0.0
	if s.dd != nil {
		s.dd.ForEach(func(value, count float64) bool {
			if value > ns {
				n += count
			}
			return false
		})
	}
	return int64(n)
}
