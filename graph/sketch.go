package graph

import (
	"fmt"

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
//
// A sketch that nothing is added to any more is packed: it then takes a tenth of
// the memory. Adding to it unpacks it.
type Sketch struct {
	dd     *ddsketch.DDSketch
	packed []byte // the library's encoding without the mapping, in place of dd
}

// Add counts one duration in nanoseconds; negative ones count as 0.
func (s *Sketch) Add(ns int64) { s.addBin(binOf(ns)) }

// zeroBin stands for a duration of 0.
const zeroBin = -1 << 31

// binOf is where sketches count a duration: what is counted in several of them
// is looked up once.
func binOf(ns int64) int {
	if ns <= 0 {
		return zeroBin
	}
	return sketchMapping.Index(float64(ns))
}

func (s *Sketch) addBin(bin int) {
	s.unpack()
	if bin == zeroBin {
		_ = s.dd.Add(0) // fails only for what the mapping can't index
		return
	}
	s.dd.GetPositiveValueStore().Add(bin)
}

// Merge adds what o has counted; o is not changed.
func (s *Sketch) Merge(o *Sketch) {
	switch {
	case o.dd != nil:
		s.unpack()
		_ = s.dd.MergeWith(o.dd) // fails only for differing mappings; there is one
	case len(o.packed) > 0:
		s.unpack()
		_ = s.dd.DecodeAndMergeWith(o.packed) // fails only for bytes that pack did not write
	}
}

// unpack makes the sketch ready to be added to.
func (s *Sketch) unpack() {
	if s.dd == nil {
		s.dd = s.read()
		s.packed = nil
	}
}

// read is the sketch in the library's form; it may be the sketch itself. A packed
// sketch is not changed by it, so that windows can be read from several
// goroutines at once.
func (s *Sketch) read() *ddsketch.DDSketch {
	if s.dd != nil {
		return s.dd
	}
	// A dense store is only changed by writing to it; a paginated one sorts as it
	// is read.
	dd := ddsketch.NewDDSketch(sketchMapping, store.NewDenseStore(), store.NewDenseStore())
	if len(s.packed) > 0 {
		_ = dd.DecodeAndMergeWith(s.packed)
	}
	return dd
}

// pack gives the sketch its small form.
func (s *Sketch) pack() {
	if s.dd != nil {
		s.packed = s.AppendBinary(nil)
		s.dd = nil
	}
}

// AppendBinary appends the sketch in the encoding of DataDog's sketches, without
// the mapping; nothing for an empty one.
func (s *Sketch) AppendBinary(b []byte) []byte {
	if s.dd == nil {
		return append(b, s.packed...)
	}
	if s.dd.IsEmpty() {
		return b
	}
	s.dd.Encode(&b, true)
	return b
}

// UnmarshalBinary reads what AppendBinary wrote; the bytes are kept.
func (s *Sketch) UnmarshalBinary(b []byte) error {
	dd := ddsketch.NewDDSketch(sketchMapping, store.NewBufferedPaginatedStore(), store.NewBufferedPaginatedStore())
	if err := dd.DecodeAndMergeWith(b); err != nil {
		return fmt.Errorf("read a sketch: %w", err)
	}
	*s = Sketch{packed: b}
	return nil
}

// Count is the number of durations counted.
func (s *Sketch) Count() int64 { return int64(s.read().GetCount()) }

// Quantile is the duration in nanoseconds below which the share q of all lie; 0
// of an empty sketch.
func (s *Sketch) Quantile(q float64) float64 {
	v, err := s.read().GetValueAtQuantile(q)
	if err != nil {
		return 0
	}
	return v
}

// CountAbove is how many of the durations counted are longer than ns, to the
// sketch's accuracy.
func (s *Sketch) CountAbove(ns float64) int64 {
	n := 0.0
	s.read().ForEach(func(value, count float64) bool {
		if value > ns {
			n += count
		}
		return false
	})
	return int64(n)
}

// pack gives all sketches of the window their small form.
func (w *Window) pack() {
	for _, n := range w.Nodes {
		n.All.Latency.pack()
		for _, v := range n.Operations {
			v.Latency.pack()
		}
		for _, v := range n.Instances {
			v.Latency.pack()
		}
	}
	for _, e := range w.Edges {
		e.Latency.pack()
	}
	for _, r := range w.Routes {
		r.Latency.pack()
	}
}
