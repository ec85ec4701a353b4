package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// upkeepEvery is how often old buckets are dropped, and closed ones merged.
const upkeepEvery = time.Minute

// keepUp drops old buckets and merges closed ones now and then, until ctx is
// done: one after the other.
func (s *Store) keepUp(ctx context.Context) {
	ticker := time.NewTicker(upkeepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.retain(ctx); err != nil && ctx.Err() == nil {
				s.opt.Log.Error("old spans are not deleted", "folder", s.dir, "error", err)
			}
			if err := s.merge(ctx); err != nil && ctx.Err() == nil {
				s.opt.Log.Error("small blocks are not merged", "folder", s.dir, "error", err)
			}
		}
	}
}

// retain drops the oldest buckets until the rest is young and small enough. The
// bucket that is written to stays. Meta gives room back that old windows had.
func (s *Store) retain(ctx context.Context) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for {
		k := s.takeSurplus()
		if k == nil {
			break
		}
		if err := s.drop(k); err != nil {
			return err
		}
		s.opt.Log.Info("dropped old spans", "bucket", k.dir, "bytes", k.bytes)
	}
	for ctx.Err() == nil {
		if err := s.meta.RunValueLogGC(0.5); err != nil {
			if errors.Is(err, badger.ErrNoRewrite) || errors.Is(err, badger.ErrRejected) {
				return nil
			}
			return fmt.Errorf("give disk space back: %w", err)
		}
	}
	return ctx.Err()
}

// takeSurplus takes the oldest bucket out of the index if it is too old or if
// there is too much.
func (s *Store) takeSurplus() *bucket {
	s.folding.mu.Lock()
	defer s.folding.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.buckets) == 0 || s.buckets[0] == s.current || s.buckets[0].sealing {
		return nil
	}
	k := s.buckets[0]
	old := s.opt.MaxAge > 0 && s.opt.now().UnixNano()-k.newest > int64(s.opt.MaxAge)
	much := s.opt.MaxBytes > 0 && s.index.bytes > s.opt.MaxBytes
	if !old && !much {
		return nil
	}
	s.buckets = s.buckets[1:]
	s.index.drop(k)
	s.folding.old.drop(k)
	return k
}

// drop deletes a bucket from the disk. Under another name first, so that half a
// bucket is never taken for one.
func (s *Store) drop(k *bucket) error {
	if err := s.pool.close(k, true); err != nil {
		s.opt.Log.Warn("bucket is not closed in order", "bucket", k.dir, "error", err)
	}
	gone := k.dir + goneSuffix
	err := os.RemoveAll(k.dir + draftSuffix) // it must not take the bucket's place
	if err == nil {
		err = os.Rename(k.dir, gone)
	}
	if err == nil {
		err = os.RemoveAll(gone)
	}
	if err != nil {
		return fmt.Errorf("drop bucket %q: %w", k.dir, cause(err))
	}
	return nil
}
