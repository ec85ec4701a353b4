package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"headwater/ingest/store/column"
)

// A block that holds more than half of mergedSpans spans or of mergedBytes bytes
// is copied as it is; smaller ones that follow one another are joined up to
// mergedSpans.
var mergedSpans = column.MaxSpans // smaller in tests

const mergedBytes = 4 << 20 // on disk

// mergeFactor is by how much there must be fewer blocks afterwards: to write a
// bucket anew for less is not worth it.
const mergeFactor = 4

// wellFilled is how many spans a block has, on average, in a bucket that is left as
// it is: it would save little, and where so much comes at once there is no time
// and no memory for it.
const wellFilled = 256

// mergeRest is how many times as long as it worked merging rests: senders come
// first.
const mergeRest = 4

// merge joins the small blocks of the buckets that nothing is written to any
// more. A bucket waits until the windows of its spans are settled: what they have
// seen is then told by the new blocks' numbers, too.
func (s *Store) merge(ctx context.Context) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for ctx.Err() == nil {
		k, blocks := s.takeSmall()
		if k == nil {
			return nil
		}
		err := s.mergeBucket(ctx, k, blocks)
		switch {
		case errors.Is(err, errLeft):
			s.opt.Log.Info("bucket is not merged", "bucket", k.dir, "reason", err)
		case err != nil:
			return fmt.Errorf("merge the blocks of bucket %q: %w", k.dir, err)
		}
	}
	return ctx.Err()
}

// errLeft is the reason why a bucket stays as it is.
var errLeft = errors.New("left as it is")

// takeSmall gives the oldest bucket that is to be merged, and its blocks. It is
// not given again, whatever becomes of it, but for the one that lacks room.
func (s *Store) takeSmall() (*bucket, []*block) {
	s.settling.Lock() // no window is on its way
	defer s.settling.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opt.Scratch {
		return nil, nil
	}
	byBucket := map[*bucket][]*block{}
	for _, b := range s.index.blocks {
		byBucket[b.bucket] = append(byBucket[b.bucket], b)
	}
	for _, k := range s.buckets {
		blocks := byBucket[k]
		if k == s.current || k.sealing || k.merged || !small(blocks) || s.pendingIn(blocks) {
			continue
		}
		if free, err := s.opt.free(s.dir); err != nil || free < uint64(s.opt.Reserve+2*k.bytes) {
			continue // for there are two of it for a while
		}
		k.merged = true
		return k, blocks
	}
	return nil, nil
}

// small reports whether merging leaves much fewer blocks.
func small(blocks []*block) bool {
	after, spans, bytes, all := 0, mergedSpans, 0, 0
	for _, b := range blocks {
		n, size := int(b.Spans), int(b.Size)
		all += n
		if spans+n > mergedSpans || bytes+size > mergedBytes {
			after, spans, bytes = after+1, 0, 0
		}
		if spans, bytes = spans+n, bytes+size; b.large() {
			spans = mergedSpans
		}
	}
	return mergeFactor*after <= len(blocks) && len(blocks) > 1 && all <= wellFilled*len(blocks)
}

func (b *block) large() bool { return int(b.Spans) > mergedSpans/2 || b.Size > mergedBytes/2 }

// pendingIn reports whether a window is still to be made because of one of the
// blocks. The store's lock is held.
func (s *Store) pendingIn(blocks []*block) bool {
	for _, b := range blocks {
		for _, slot := range b.slots {
			from := int64(slot) * slotLength
			for w := s.windows.startOf(from); w < from+slotLength; w += s.windows.length {
				seen, settled := s.windows.settled[w]
				_, dirty := s.windows.dirty[w]
				if settled && seen <= b.number || !settled && dirty {
					return true
				}
			}
		}
	}
	return false
}

// mergeBucket writes the bucket anew beside the old one, has everybody read the
// new one, and puts it in the place of the old one when nobody reads that any
// more. The old one stays whole until the new one stands on disk as a whole.
func (s *Store) mergeBucket(ctx context.Context, k *bucket, blocks []*block) error {
	next := &bucket{first: k.first, dir: k.dir + draftSuffix, merged: true}
	m := &merger{s: s, next: next}
	err := m.write(ctx, blocks)
	if err == nil && mergeFactor*len(m.blocks) > len(blocks) {
		err = fmt.Errorf("%d blocks would still be %d: %w", len(blocks), len(m.blocks), errLeft)
	}
	if err == nil {
		err = s.raise(m.blocks)
	}
	if err == nil {
		err = s.opt.reach("windows raised")
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(next.dir))
	}
	old := s.publish(k, next, m.blocks)
	if err := s.opt.reach("published"); err != nil {
		return err
	}
	old.Wait()
	if err := s.pool.close(k, true); err != nil {
		s.opt.Log.Warn("bucket is not closed in order", "bucket", k.dir, "error", err)
	}
	if err := s.pool.alone(next, func() error { return s.replace(k.dir, next) }); err != nil {
		return err
	}
	s.opt.Log.Info("merged small blocks", "bucket", k.dir, "blocks", len(blocks), "into", len(m.blocks), "bytes", k.bytes, "left", next.bytes)
	return nil
}

// raise has the windows that have seen a part of a new block say that they have
// seen all of it: none of its spans is news to them (pendingIn).
func (s *Store) raise(blocks []*block) error {
	s.settling.Lock()
	defer s.settling.Unlock()
	s.mu.Lock()
	raised := map[int64]uint64{}
	for start, seen := range s.windows.settled {
		for _, b := range blocks {
			if seen > b.begins && seen <= b.number {
				raised[start] = b.number + 1
			}
		}
	}
	s.mu.Unlock()
	if err := s.log.raise(raised, s.windows.length); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for start, seen := range raised {
		if _, ok := s.windows.settled[start]; ok {
			s.windows.settled[start] = seen
		}
	}
	return nil
}

// publish has everybody who looks from now on read the new bucket. It gives
// those who may read the old one still.
func (s *Store) publish(k, next *bucket, blocks []*block) *readers {
	s.folding.mu.Lock()
	defer s.folding.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range blocks {
		next.add(b)
	}
	for i := range s.buckets {
		if s.buckets[i] == k {
			s.buckets[i] = next
		}
	}
	s.index.replace(k, blocks)
	s.folding.old.replace(k, blocks)
	old := s.readers
	s.readers = new(readers)
	return old
}

// replace puts the new bucket in the place of the old one and deletes that. At
// every moment one of the two is there as a whole, and sweep knows which.
func (s *Store) replace(dir string, next *bucket) error {
	gone := dir + goneSuffix
	err := os.Rename(dir, gone)
	if err == nil {
		err = s.opt.reach("old one renamed")
	}
	if err == nil {
		err = os.Rename(next.dir, dir)
	}
	if err != nil {
		return err
	}
	next.dir = dir
	if err = s.opt.reach("new one renamed"); err == nil {
		err = syncFolder(dir, "..")
	}
	if err == nil {
		err = os.RemoveAll(gone)
	}
	return err
}
