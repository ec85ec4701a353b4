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
	joined bool   // packed is the encodings of several sketches, one after the other
}

// mostJoined is how many bytes of encodings are joined before they are added up:
// about what the sum takes in memory.
const mostJoined = 2 << 10

// Add counts one duration in nanoseconds; negative ones count as 0.
func (s *Sketch) Add(ns int64) {
	s.unpack()
	s.addBin(binOf(ns))
}

// noNegative is where negative durations would be counted: there are none.
var noNegative = store.NewDenseStore()

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

// addBin counts a duration by its bin. It is for windows in the making, which
// nobody reads: most of their sketches stay small, and are kept in a form that
// sorts itself as it is read.
func (s *Sketch) addBin(bin int) {
	if s.dd == nil && s.packed == nil {
		s.dd = ddsketch.NewDDSketch(sketchMapping, store.NewBufferedPaginatedStore(), noNegative)
	}
	s.unpack()
	if bin == zeroBin {
		_ = s.dd.Add(0) // fails only for what the mapping can't index
		return
	}
	s.dd.GetPositiveValueStore().Add(bin)
}

// Merge adds what o has counted; o is not changed. What is packed is only joined:
// most sums of sketches are never read.
func (s *Sketch) Merge(o *Sketch) {
	switch {
	case s.dd == nil && o.dd == nil && len(s.packed)+len(o.packed) <= mostJoined:
		s.joined = s.joined || o.joined || len(s.packed) > 0 && len(o.packed) > 0
		s.packed = append(s.packed, o.packed...)
	case o.dd != nil:
		s.unpack()
		_ = s.dd.MergeWith(o.dd) // fails only for differing mappings; there is one
	case len(o.packed) > 0:
		s.unpack()
		_ = s.dd.DecodeAndMergeWith(o.packed) // fails only for bytes that pack did not write
	}
}

// expect makes room in an empty sketch for so many bytes of encodings.
func (s *Sketch) expect(n int) {
	if n <= mostJoined {
		s.packed = make([]byte, 0, n)
	}
}

// unpack makes the sketch ready to be added to.
func (s *Sketch) unpack() {
	if s.dd == nil {
		s.dd = s.read()
		s.packed, s.joined = nil, false
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
	dd := ddsketch.NewDDSketch(sketchMapping, store.NewDenseStore(), noNegative)
	if len(s.packed) > 0 {
		_ = dd.DecodeAndMergeWith(s.packed)
	}
	return dd
}

// pack gives the sketch its small form.
func (s *Sketch) pack() {
	if s.dd != nil || s.joined {
		b := s.AppendBinary(nil)
		*s = Sketch{packed: b[:len(b):len(b)]}
	}
}

// AppendBinary appends the sketch in the encoding of DataDog's sketches, without
// the mapping; nothing for an empty one.
func (s *Sketch) AppendBinary(b []byte) []byte {
	if s.dd == nil && !s.joined {
		return append(b, s.packed...)
	}
	dd := s.read()
	if dd.IsEmpty() {
		return b
	}
	dd.Encode(&b, true)
	return b
}

// UnmarshalBinary reads what AppendBinary wrote; the bytes are kept.
func (s *Sketch) UnmarshalBinary(b []byte) error {
	if err := checkBins(b); err != nil {
		return fmt.Errorf("read a sketch: %w", err)
	}
	*s = Sketch{packed: b[:len(b):len(b)]}
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
