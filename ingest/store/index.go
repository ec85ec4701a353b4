package store

import "sync/atomic"

// block is a stored block as the index knows it.
type block struct {
	header
	number  uint64
	bucket  *bucket
	damaged atomic.Bool  // it can't be read; this was logged
	longest atomic.Int64 // 1 more than the longest duration in it; 0 until a search has told
}

// index lists the blocks by number, which is the order in which they became
// readable. The number of a block never changes, and is not given out again.
type index struct {
	blocks []*block
	spans  int64
	bytes  int64
}

func (x *index) add(b *block) {
	x.blocks = append(x.blocks, b)
	x.spans += int64(b.Spans)
	x.bytes += int64(b.Size)
}

// drop takes the blocks of a bucket out.
func (x *index) drop(k *bucket) {
	kept := make([]*block, 0, len(x.blocks))
	for _, b := range x.blocks {
		if b.bucket != k {
			kept = append(kept, b)
			continue
		}
		x.spans -= int64(b.Spans)
		x.bytes -= int64(b.Size)
	}
	x.blocks = kept
}

// view is the index at one time. Later changes do not show in it.
type view struct{ blocks []*block }

func (x *index) view() view { return view{x.blocks[:len(x.blocks):len(x.blocks)]} }

// end is a number beyond those of the view's blocks.
func (v view) end() uint64 {
	if len(v.blocks) == 0 {
		return 0
	}
	return v.blocks[len(v.blocks)-1].number + 1
}
