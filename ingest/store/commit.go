package store

import (
	"fmt"
	"os"
	"time"

	"github.com/dgraph-io/badger/v4"

	"headwater/graph/trace"
	"headwater/ingest/store/column"
)

// Batches are gathered into a block until it is full, but no longer than
// gatherTime after the first, or pauseTime after the last: who sends one batch
// after the other must not wait for others that do not come.
const (
	gatherTime = 20 * time.Millisecond
	pauseTime  = 4 * time.Millisecond
)

// group is what is written as one block.
type group struct {
	requests []*submission
	lists    [][]trace.Span
	spans    int
	size     int
}

func (g *group) fits(r *submission) bool {
	return g.spans == 0 || g.spans+len(r.spans) <= column.MaxSpans && g.size+r.size <= blockBytes
}

func (g *group) add(r *submission) {
	g.requests, g.lists = append(g.requests, r), append(g.lists, r.spans)
	g.spans, g.size = g.spans+len(r.spans), g.size+r.size
}

// finish answers all requests and empties the group.
func (g *group) finish(err error) {
	for _, r := range g.requests {
		r.done <- err
	}
	clear(g.requests)
	clear(g.lists)
	g.requests, g.lists, g.spans, g.size = g.requests[:0], g.lists[:0], 0, 0
}

// commitAll gathers what comes in the queue into blocks and writes them, one at
// a time, until the queue is closed.
func (s *Store) commitAll(encoder *column.Encoder) {
	defer close(s.committed)
	defer encoder.Close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var g group
	var left *submission // did not fit into the last group
	var room []byte      // for a block
	for {
		if left == nil {
			var ok bool
			if left, ok = <-s.queue; !ok {
				return
			}
		}
		g.add(left)
		left = s.fill(&g, timer)
		value, err := encoder.Append(room[:0], g.lists...)
		if err == nil {
			err = s.commit(&g, value)
		}
		g.finish(err)
		if room = value; cap(room) > 1<<20 {
			room = nil
		}
	}
}

// fill fills the group, and returns the request that did not fit.
func (s *Store) fill(g *group, timer *time.Timer) *submission {
	latest := time.Now().Add(gatherTime)
	for g.spans < column.MaxSpans && g.size < blockBytes {
		timer.Reset(min(s.opt.pause, time.Until(latest)))
		select {
		case r, ok := <-s.queue:
			if !ok {
				return nil
			}
			if !g.fits(r) {
				return r
			}
			g.add(r)
		case <-timer.C:
			return nil
		}
	}
	return nil
}

// commit writes the group as a block, which is value. When it returns nil the
// block is safe and can be read.
func (s *Store) commit(g *group, value []byte) error {
	b := &block{header: summarize(g.lists...)}
	if len(value) > maxValue {
		return tooLarge(&g.lists[0][0], g.size)
	}
	b.Size = uint32(len(value))
	now := s.opt.now()
	s.mu.Lock()
	for _, spans := range g.lists {
		s.clock.observe(spans, now)
	}
	b.number, b.Written, b.Mark = s.next, now.UnixNano(), s.clock.event
	s.next++
	s.mu.Unlock()
	k, err := s.bucketFor(b.number, now)
	if err != nil {
		return err
	}
	b.bucket = k
	err = s.pool.use(k, func(db *badger.DB) error {
		return putBlock(db, b, value)
	})
	if err != nil {
		return fmt.Errorf("write to data folder %q: %w", s.dir, err)
	}
	s.folding.mu.Lock()
	defer s.folding.mu.Unlock()
	s.folding.add(g.lists, b.Mark)
	s.folding.old.add(b, b.Mark)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.index.add(b)
	k.add(b)
	s.note(g)
	s.windows.boundWhenLarge(s.clock.event)
	return nil
}

// putBlock writes a block and its header.
func putBlock(db *badger.DB, b *block, value []byte) error {
	return db.Update(func(txn *badger.Txn) error {
		if err := txn.Set(numberKey(blockPrefix, b.number), value); err != nil {
			return err
		}
		return txn.Set(numberKey(headerPrefix, b.number), appendHeader(nil, &b.header))
	})
}

// bucketFor gives the bucket that takes the next block. A full one is sealed
// while a new one is written to already.
func (s *Store) bucketFor(number uint64, now time.Time) (*bucket, error) {
	s.mu.Lock()
	k := s.current
	full := k != nil && k.full(now)
	s.mu.Unlock()
	if k != nil && !full {
		return k, nil
	}
	next := &bucket{first: number, dir: bucketDir(s.dir, number)}
	if err := os.MkdirAll(next.dir, 0o700); err != nil {
		return nil, fmt.Errorf("begin a bucket in %q: %w", s.dir, cause(err))
	}
	db, err := openDatabase(databaseOptions(next.dir, &s.opt))
	if err != nil {
		return nil, fmt.Errorf("begin a bucket in %q: %w", s.dir, err)
	}
	s.pool.adopt(next, db)
	s.mu.Lock()
	s.current = next
	if full {
		k.sealing = true
	}
	s.buckets = append(s.buckets, next)
	s.mu.Unlock()
	if full {
		s.work.Go(func() {
			if err := s.seal(k); err != nil {
				s.opt.Log.Error("bucket is not sealed", "bucket", k.dir, "error", err)
			}
		})
	}
	return next, nil
}

// seal writes the index of a bucket that is not written to any more, and closes
// it.
func (s *Store) seal(k *bucket) error {
	s.mu.Lock()
	var blocks []*block
	for _, b := range s.index.blocks {
		if b.bucket == k {
			blocks = append(blocks, b)
		}
	}
	s.mu.Unlock()
	err := s.pool.close(k, false)
	if err == nil {
		err = k.writeIndex(blocks)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k.sealing = false
	return err
}

// note marks the windows in which the spans start as not yet derived, and
// counts what came.
func (s *Store) note(g *group) {
	s.counts.accepted += int64(g.spans)
	s.counts.batches += int64(len(g.requests))
	s.counts.bytesIn += int64(g.size)
	anyDue := false
	for _, start := range s.windows.windowStarts(g.lists) {
		s.windows.touch(start)
		anyDue = anyDue || s.windows.due(start, s.clock.mark)
	}
	for _, spans := range g.lists {
		for i := range spans {
			if anyDue && timely(spans[i].Start) && s.windows.due(s.windows.startOf(spans[i].Start), s.clock.mark) {
				s.counts.late++
			}
			if s.counts.recent.seen(&spans[i]) {
				s.counts.duplicates++
			}
		}
	}
}
