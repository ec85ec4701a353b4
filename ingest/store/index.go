package store

import (
	"context"
	"sync"
	"sync/atomic"
)

// block is a stored block as the index knows it.
type block struct {
	header
	number  uint64
	begins  uint64 // number of the first of the blocks that it was merged from, while it is published
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

// replace puts other blocks, with the same spans, in the place of those of a
// bucket.
func (x *index) replace(k *bucket, blocks []*block) {
	kept := make([]*block, 0, len(x.blocks))
	for _, b := range x.blocks {
		if b.bucket != k {
			kept = append(kept, b)
			continue
		}
		x.bytes -= int64(b.Size)
		for _, n := range blocks {
			x.bytes += int64(n.Size)
		}
		kept, blocks = append(kept, blocks...), nil
	}
	x.blocks = kept
}

// readers are those who read a view of the index.
type readers struct{ sync.WaitGroup }

// view is the index at one time. Later changes do not show in it, and until it
// is released the blocks in it can be read, whatever has taken their place.
type view struct {
	blocks []*block
	*readers
}

func (v view) release() { v.Done() }

// look gives the index as it is. The store's lock is held.
func (s *Store) look() view {
	s.readers.Add(1)
	blocks := s.index.blocks
	return view{blocks[:len(blocks):len(blocks)], s.readers}
}

// reading begins a use of the store that reads the index as it is now; unless it
// fails, leave must end it.
func (s *Store) reading(ctx context.Context) (v view, leave func(), err error) {
	left, err := s.enter(ctx)
	if err != nil {
		return v, nil, err
	}
	s.mu.Lock()
	v = s.look()
	s.mu.Unlock()
	return v, func() { v.release(); left() }, nil
}

// end is a number beyond those of the view's blocks.
func (v view) end() uint64 {
	if len(v.blocks) == 0 {
		return 0
	}
	return v.blocks[len(v.blocks)-1].number + 1
}
