package column

import (
	"hash/maphash"
	"math/bits"
)

var seed = maphash.MakeSeed()

// index finds numbers by hash: an open table whose entries are compared by its
// user. It keeps its room from one block to the next.
type index struct {
	slots []uint32 // number + 1; 0 is free
	shift uint8
	n     int
}

func (x *index) reset() {
	clear(x.slots)
	x.n = 0
}

// grown makes room for one more and reports whether all must be entered anew.
func (x *index) grown() bool {
	if 4*(x.n+1) <= 3*len(x.slots) {
		return false
	}
	size := max(64, 2*len(x.slots))
	x.slots = make([]uint32, size)
	x.shift = uint8(64 - bits.TrailingZeros(uint(size)))
	x.n = 0
	return true
}

// texts numbers different strings by their first occurrence.
type texts struct {
	index
	values []string
	hashes []uint64
}

func (t *texts) reset() {
	t.index.reset()
	clear(t.values)
	t.values, t.hashes = t.values[:0], t.hashes[:0]
}

// number gives the number of s, and whether it is new.
func (t *texts) number(s string) (n uint32, isNew bool) {
	h := maphash.String(seed, s)
	if t.grown() {
		for i, h := range t.hashes {
			t.enter(h, uint32(i))
		}
	}
	mask := uint64(len(t.slots) - 1)
	for at := h >> t.shift; ; at = (at + 1) & mask {
		slot := t.slots[at]
		if slot == 0 {
			n = uint32(len(t.values))
			t.slots[at] = n + 1
			t.n++
			t.values, t.hashes = append(t.values, s), append(t.hashes, h)
			return n, true
		}
		if i := slot - 1; t.hashes[i] == h && t.values[i] == s {
			return i, false
		}
	}
}

func (t *texts) enter(h uint64, n uint32) {
	mask := uint64(len(t.slots) - 1)
	at := h >> t.shift
	for t.slots[at] != 0 {
		at = (at + 1) & mask
	}
	t.slots[at] = n + 1
	t.n++
}

func (t *texts) len() int { return len(t.values) }
