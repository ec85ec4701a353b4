package store

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/dgraph-io/badger/v4"
)

// openBuckets is how many sealed buckets are open at a time.
const openBuckets = 4

// errGone is the error for a bucket that was dropped.
var errGone = errors.New("the bucket was dropped")

// pool holds the databases of buckets: those that are written to, and a few of
// the sealed ones, which are opened to read from as they are needed.
type pool struct {
	opt *Options

	mu    sync.Mutex
	freed sync.Cond // something was released or closed
	open  map[*bucket]*handle
	used  []*bucket // open and sealed, the last used at the end
}

type handle struct {
	db      *badger.DB
	users   int
	sealed  bool
	closing bool
}

func newPool(opt *Options) *pool {
	p := &pool{opt: opt, open: map[*bucket]*handle{}}
	p.freed.L = &p.mu
	return p
}

// adopt takes over the database of a bucket that is written to. It stays open
// until close.
func (p *pool) adopt(k *bucket, db *badger.DB) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[k] = &handle{db: db}
}

// use calls f with the bucket's database.
func (p *pool) use(k *bucket, f func(*badger.DB) error) error {
	h, err := p.acquire(k)
	if err != nil {
		return err
	}
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		h.users--
		p.freed.Broadcast()
	}()
	return f(h.db)
}

func (p *pool) acquire(k *bucket) (*handle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.open[k]
	for h != nil && h.closing {
		p.freed.Wait()
		h = p.open[k]
	}
	if k.gone {
		return nil, errGone
	}
	if h == nil {
		db, err := openSealed(k.dir, p.opt)
		if err != nil {
			return nil, err
		}
		h = &handle{db: db, sealed: true}
		p.open[k] = h
	}
	h.users++
	if h.sealed {
		p.used = append(slices.DeleteFunc(p.used, func(o *bucket) bool { return o == k }), k)
		p.shrink()
	}
	return h, nil
}

// openSealed opens a database to read from. One that was not closed in order is
// put in order first.
func openSealed(dir string, opt *Options) (*badger.DB, error) {
	if runtime.GOOS == "windows" { // where Badger can't open to read only
		return openDatabase(databaseOptions(dir, opt))
	}
	db, err := openDatabase(databaseOptions(dir, opt).WithReadOnly(true))
	if err == nil {
		return db, nil
	}
	if db, err = openDatabase(databaseOptions(dir, opt)); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, fmt.Errorf("close database %q: %w", dir, err)
	}
	return openDatabase(databaseOptions(dir, opt).WithReadOnly(true))
}

// shrink closes sealed buckets that were not used for longest.
func (p *pool) shrink() {
	for i := 0; i < len(p.used) && len(p.used) > openBuckets; {
		k := p.used[i]
		h := p.open[k]
		if h.users > 0 || h.closing {
			i++
			continue
		}
		p.used = slices.Delete(p.used, i, i+1)
		delete(p.open, k)
		if err := h.db.Close(); err != nil {
			p.opt.Log.Warn("bucket is not closed in order", "bucket", k.dir, "error", err)
		}
	}
}

// close closes the bucket's database once nobody uses it. With gone nobody can
// open it again.
func (p *pool) close(k *bucket, gone bool) error {
	if gone {
		p.mu.Lock()
		k.gone = true
		p.mu.Unlock()
	}
	return p.alone(k, func() error { return nil })
}

// alone closes the bucket's database once nobody uses it, and calls f before
// anybody can open it again.
func (p *pool) alone(k *bucket, f func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.open[k]
	for h != nil && h.closing {
		p.freed.Wait()
		h = p.open[k]
	}
	if h == nil {
		h = &handle{}
		p.open[k] = h
	}
	h.closing = true
	for h.users > 0 {
		p.freed.Wait()
	}
	p.mu.Unlock()
	var err error
	if h.db != nil {
		if err = h.db.Close(); err != nil { // may take a while: it writes all to the disk
			err = fmt.Errorf("close database %q: %w", k.dir, err)
		}
	}
	err = errors.Join(err, f())
	p.mu.Lock()
	delete(p.open, k)
	p.used = slices.DeleteFunc(p.used, func(o *bucket) bool { return o == k })
	p.freed.Broadcast()
	return err
}

// closeAll closes all databases.
func (p *pool) closeAll() error {
	p.mu.Lock()
	var all []*bucket
	for k := range p.open {
		all = append(all, k)
	}
	p.mu.Unlock()
	var errs []error
	for _, k := range all {
		errs = append(errs, p.close(k, false))
	}
	return errors.Join(errs...)
}
