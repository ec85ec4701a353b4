package graph

import (
	"fmt"
	"math"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/encoding"
	"github.com/DataDog/sketches-go/ddsketch/store"
)

// bins looks at the bins of an encoded sketch and keeps none. The library takes
// any: one that no duration has would make its stores as large as it is far off.
type bins struct {
	store.Store     // of what is never asked
	least, most int // that there may be; none where most is less
	err         error
}

var leastBin, mostBin = binOf(1), binOf(math.MaxInt64)

func (c *bins) Add(index int) { c.AddWithCount(index, 1) }

func (c *bins) AddWithCount(index int, count float64) {
	switch {
	case index < c.least || index > c.most:
		c.err = fmt.Errorf("bin %d is of no duration", index)
	case !whole(count):
		c.err = fmt.Errorf("bin %d counts %g", index, count)
	}
}

// DecodeAndMergeWith keeps the error, which the library passes over.
func (c *bins) DecodeAndMergeWith(b *[]byte, mode encoding.SubFlag) error {
	if err := store.DecodeAndMergeWith(c, b, mode); err != nil {
		c.err = err
		*b = nil
	}
	return c.err
}

func whole(count float64) bool {
	return count >= 0 && count <= math.MaxInt64 && count == math.Trunc(count)
}

// checkBins says whether the bytes are a sketch of durations.
func checkBins(b []byte) error {
	positive, negative := &bins{least: leastBin, most: mostBin}, &bins{most: -1}
	dd := ddsketch.NewDDSketch(sketchMapping, positive, negative)
	if err := dd.DecodeAndMergeWith(b); err != nil {
		return err
	}
	if positive.err != nil {
		return positive.err
	}
	if negative.err != nil {
		return negative.err
	}
	if n := dd.GetZeroCount(); !whole(n) {
		return fmt.Errorf("%g durations of 0", n)
	}
	return nil
}
