package store

import "sync/atomic"

// block is a stored block as the index knows it.
type block struct {
	header
	number  uint64
	damaged atomic.Bool // it could not be read; this was logged
	dropped atomic.Bool // it grew too old, and was or is being deleted
}

// index lists the blocks in the order in which they became readable. A block's
// ordinal is its place in that order, counted from when the store was opened;
// it stays the same when older blocks are dropped.
type index struct {
	blocks []*block
	first  int // ordinal of blocks[0]
	spans  int64
	bytes  int64
}

func (x *index) add(b *block) {
	x.blocks = append(x.blocks, b)
	x.spans += int64(b.Spans)
	x.bytes += int64(b.Size)
}

// dropOldest takes the oldest n blocks out and returns them.
func (x *index) dropOldest(n int) []*block {
	out := x.blocks[:n:n]
	x.blocks = x.blocks[n:]
	x.first += n
	for _, b := range out {
		b.dropped.Store(true)
		x.spans -= int64(b.Spans)
		x.bytes -= int64(b.Size)
	}
	return out
}

// view is the index at one time. Later changes do not show in it.
type view struct {
	blocks []*block
	first  int
}

func (x *index) view() view { return view{x.blocks[:len(x.blocks):len(x.blocks)], x.first} }

// end is the ordinal that the next block will get.
func (v view) end() int { return v.first + len(v.blocks) }

// at is the block with the ordinal, or nil if it was dropped.
func (v view) at(ordinal int) *block {
	if ordinal < v.first || ordinal >= v.end() {
		return nil
	}
	return v.blocks[ordinal-v.first]
}
