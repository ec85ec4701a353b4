package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/dgraph-io/badger/v4"

	"headwater/graph/trace"
)

// ErrClosed is returned by every method once Close was called.
var ErrClosed = errors.New("the store is closed")

// Store is an open data folder. It is safe for concurrent use.
type Store struct {
	dir   string
	opt   Options
	db    *badger.DB
	codec *codec
	cache *cache

	// inUse is held for reading by every method while it works, so that Close
	// can wait for them.
	inUse  sync.RWMutex
	closed bool
	stop   context.CancelFunc
	upkeep sync.WaitGroup

	// settling is held while windows are derived, by one at a time.
	settling sync.Mutex
	found    map[trace.TraceID]place

	mu      sync.Mutex // guards all below
	index   index
	next    uint64 // number of the next block
	clock   watermark
	windows windows
	late    int64
	damaged int64
}

// Open opens the data folder, and creates it where it is missing. Its errors
// are one line and name the folder: it can't be created or written to, another
// process uses it, it holds something else, or its format is not this one.
func Open(dir string, opt Options) (*Store, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := claim(dir); err != nil {
		return nil, err
	}
	db, err := openDatabase(dir, opt)
	if err != nil {
		return nil, err
	}
	codec, err := newCodec()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &Store{
		dir: dir, opt: opt, db: db, codec: codec,
		cache:   newCache(opt.CacheSpans),
		found:   map[trace.TraceID]place{},
		clock:   newWatermark(opt.now()),
		windows: newWindows(opt),
	}
	if err := s.rebuild(); err != nil {
		codec.close()
		return nil, errors.Join(fmt.Errorf("data folder %q can't be read: %w", dir, err), db.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.upkeep.Go(func() { s.keepUp(ctx) })
	return s, nil
}

// rebuild fills the index from the headers, and notes the windows that are to
// be derived anew.
func (s *Store) rebuild() error {
	err := s.db.View(func(txn *badger.Txn) error {
		opt := badger.DefaultIteratorOptions
		opt.Prefix = []byte{headerPrefix}
		opt.PrefetchSize = 16
		it := txn.NewIterator(opt)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			number, ok := blockNumber(it.Item().Key())
			if !ok {
				continue
			}
			s.next = number + 1
			var h header
			err := it.Item().Value(func(v []byte) (err error) {
				h, err = decodeHeader(v)
				return err
			})
			if err != nil {
				s.damaged++
				s.opt.Log.Error("block passed over", "folder", s.dir, "block", number, "error", err)
				continue
			}
			s.index.add(&block{header: h, number: number})
			s.clock.restore(h.Mark)
		}
		return nil
	})
	if err != nil {
		return err
	}
	oldest := s.clock.event - int64(s.opt.Rederive)
	for _, b := range s.index.blocks {
		for _, slot := range b.slots {
			from := int64(slot) * slotLength
			for w := s.windows.startOf(from); w < from+slotLength; w += s.windows.length {
				if w+s.windows.length > oldest {
					s.windows.touch(w)
				}
			}
		}
	}
	s.windows.bound(s.clock.event)
	return nil
}

// Close waits for what is under way and closes the folder. A second call does
// nothing.
func (s *Store) Close() error {
	s.stop()
	s.upkeep.Wait()
	s.inUse.Lock()
	defer s.inUse.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.codec.close()
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close data folder %q: %w", s.dir, err)
	}
	return nil
}

// enter begins a use of the store; unless it fails, leave must end it.
func (s *Store) enter(ctx context.Context) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.inUse.RLock()
	if s.closed {
		s.inUse.RUnlock()
		return nil, ErrClosed
	}
	return s.inUse.RUnlock, nil
}

// Stats is what a Store holds and what happened to it since it was opened.
type Stats struct {
	Blocks  int
	Spans   int64 // as written: duplicates count
	Bytes   int64 // of the blocks, compressed
	Late    int64 // spans that came when their window had been settled
	Damaged int64 // blocks that could not be read
	Outside int64 // windows not made because they lie too far from the others

	// Oldest and Newest are the first start and the last end of a span in Unix
	// nanoseconds, 0 without spans.
	Oldest, Newest int64
}

// Stats counts. It works on a closed store too.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Stats{
		Blocks: len(s.index.blocks), Spans: s.index.spans, Bytes: s.index.bytes,
		Late: s.late, Damaged: s.damaged, Outside: s.windows.outside,
	}
	for i, b := range s.index.blocks {
		if i == 0 {
			st.Oldest, st.Newest = b.MinStart, b.MaxEnd
		}
		st.Oldest, st.Newest = min(st.Oldest, b.MinStart), max(st.Newest, b.MaxEnd)
	}
	return st
}

// Watermark is the time, in Unix nanoseconds, up to which spans are held to
// have come, as of the last Settle; 0 before the first, and the largest int64
// after Finish.
func (s *Store) Watermark() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.mark
}
