package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/dgraph-io/badger/v4"

	"headwater/ingest/store/column"
)

// ErrClosed is returned by every method once Close was called.
var ErrClosed = errors.New("the store is closed")

// Store is an open data folder. It is safe for concurrent use.
type Store struct {
	dir     string
	held    *os.File // what holds the folder for this process
	opt     Options
	meta    *badger.DB
	pool    *pool
	decoder *column.Decoder
	cache   *cache
	log     *windowLog

	// inUse is held for reading by every method while it works, so that Close
	// can wait for them.
	inUse  sync.RWMutex
	closed bool
	stop   context.CancelFunc
	work   sync.WaitGroup // upkeep, sealing

	pending   admission
	queue     chan *submission
	committed chan struct{} // closed when the committer has ended

	// settling is held while windows are derived, by one at a time.
	settling sync.Mutex
	folding  folding

	mu      sync.Mutex // guards all below
	index   index
	buckets []*bucket // by number
	current *bucket   // the one that is written to, or nil
	next    uint64    // number of the next block
	readers *readers  // of the index as it is
	clock   watermark
	windows windows
	counts  counts
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
	held, err := hold(dir)
	var s *Store
	if err == nil {
		s, err = openHeld(dir, opt, held)
	}
	if errors.Is(err, errInUse) {
		err = fmt.Errorf("data folder %q is in use by another Headwater", dir)
	}
	if err != nil {
		return nil, errors.Join(err, release(held))
	}
	return s, nil
}

// openHeld opens a data folder that this process holds.
func openHeld(dir string, opt Options, held *os.File) (*Store, error) {
	meta, err := openDatabase(databaseOptions(filepath.Join(dir, metaDir), &opt).WithMemTableSize(4 << 20).WithValueLogFileSize(4 * maxIncident))
	if err != nil {
		return nil, fmt.Errorf("data folder %q can't be opened: %w", dir, err)
	}
	decoder, err := column.NewDecoder()
	if err != nil {
		return nil, errors.Join(err, meta.Close())
	}
	s := &Store{
		dir: dir, held: held, opt: opt, meta: meta, decoder: decoder,
		cache:     newCache(opt.CacheSpans),
		queue:     make(chan *submission),
		committed: make(chan struct{}),
		clock:     newWatermark(opt.now()),
		windows:   newWindows(opt),
		readers:   new(readers),
	}
	s.pool = newPool(&s.opt)
	s.pending.limit = opt.MaxPending
	encoder, err := column.NewEncoder()
	if err == nil {
		s.log, err = newWindowLog(meta, &s.opt)
	}
	if err == nil {
		err = s.rebuild()
	}
	if err != nil {
		decoder.Close()
		return nil, errors.Join(fmt.Errorf("data folder %q can't be read: %w", dir, err), s.pool.closeAll(), meta.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	if !s.opt.still {
		s.work.Go(func() { s.keepUp(ctx) })
	}
	go s.commitAll(encoder)
	return s, nil
}

// rebuild finds the buckets and their blocks, the windows that were settled,
// and those that are to be derived.
func (s *Store) rebuild() error {
	if err := sweep(s.dir); err != nil {
		return err
	}
	known, err := s.loadDamaged()
	if err != nil {
		return err
	}
	buckets, err := listBuckets(s.dir)
	if err != nil {
		return err
	}
	for _, k := range buckets {
		if err := s.addBucket(k, known); err != nil {
			return err
		}
	}
	for _, b := range s.index.blocks {
		b.bucket.add(b)
	}
	if err := s.resume(); err != nil {
		return err
	}
	for _, b := range s.index.blocks {
		s.clock.restore(b.Mark)
	}
	if err := s.loadWindows(); err != nil {
		return err
	}
	s.findDue()
	s.folding.start(&s.windows, s.clock.event, s.index.blocks)
	if s.opt.Scratch {
		s.folding.folder.Patience, s.folding.old.young = patience, youngBlocks
	}
	return nil
}

// addBucket takes a bucket into the index. Those without an index file were not
// closed in order: they are sealed, but for the last. One that can't be opened is
// put aside.
func (s *Store) addBucket(k *bucket, known map[uint64]bool) error {
	blocks, sealed, err := k.readIndex()
	if err != nil {
		s.opt.Log.Warn("index of a bucket is made again", "bucket", k.dir, "error", err)
	}
	again := err != nil
	if !sealed || again {
		db, err := openDatabase(databaseOptions(k.dir, &s.opt))
		if err != nil {
			return s.putAside(k, err)
		}
		s.pool.adopt(k, db)
		blocks, err = k.scan(db, func(number uint64, err error) {
			s.next = max(s.next, number+1)
			if !known[number] {
				s.quarantine(number, 0, err)
			}
		})
		if err != nil {
			return err
		}
	}
	if last := s.current; last != nil { // a later bucket was begun
		s.current = nil
		if err := s.seal(last); err != nil {
			return err
		}
	}
	if !sealed {
		s.current = k
	}
	s.buckets = append(s.buckets, k)
	s.next = max(s.next, k.first)
	for _, b := range blocks {
		if known[b.number] {
			b.damaged.Store(true)
		}
		s.index.add(b)
		s.next = max(s.next, b.number+1)
	}
	if again {
		return s.seal(k)
	}
	return nil
}

// resume goes on with the last bucket if it has room, and else seals it.
func (s *Store) resume() error {
	if len(s.buckets) == 0 {
		return nil
	}
	k := s.buckets[len(s.buckets)-1]
	full := k.full(s.opt.now())
	switch {
	case full && s.current == k:
		s.current = nil
		return s.seal(k)
	case full || s.current == k:
		return nil
	}
	if err := os.Remove(filepath.Join(k.dir, indexFile)); err != nil {
		return err
	}
	db, err := openDatabase(databaseOptions(k.dir, &s.opt))
	if err != nil {
		return err
	}
	s.pool.adopt(k, db)
	s.current = k
	return nil
}

func (s *Store) putAside(k *bucket, reason error) error {
	s.counts.damagedBuckets++
	s.opt.Log.Error("bucket put aside", "bucket", k.dir, "error", reason)
	if err := os.Rename(k.dir, k.dir+damagedSuffix); err != nil {
		return fmt.Errorf("put a damaged bucket aside: %w", err)
	}
	return nil
}

// Close waits for what is under way and closes the folder. A second call does
// nothing.
func (s *Store) Close() error {
	s.stop()
	s.work.Wait() // upkeep uses the store as others do
	s.inUse.Lock()
	defer s.inUse.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.queue)
	<-s.committed
	s.work.Wait()
	s.decoder.Close()
	var sealed error
	if s.current != nil { // so that it need not be scanned next time
		sealed = s.seal(s.current)
	}
	if err := errors.Join(sealed, s.pool.closeAll(), s.log.close(), s.meta.Close(), release(s.held)); err != nil {
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

// Watermark is the time, in Unix nanoseconds, up to which spans are held to
// have come, as of the last Settle; 0 before the first, and the largest int64
// after Finish.
func (s *Store) Watermark() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.mark
}
