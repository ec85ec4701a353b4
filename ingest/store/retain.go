package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// upkeepEvery is how often old blocks are dropped.
const upkeepEvery = time.Minute

// keepUp drops old blocks now and then, until ctx is done.
func (s *Store) keepUp(ctx context.Context) {
	if s.opt.MaxAge == 0 && s.opt.MaxBytes == 0 {
		return
	}
	ticker := time.NewTicker(upkeepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.retain(ctx); err != nil && ctx.Err() == nil {
				s.opt.Log.Error("old blocks are not deleted", "folder", s.dir, "error", err)
			}
		}
	}
}

// retain deletes the oldest blocks until the rest is young and small enough,
// and lets Badger give disk space back.
func (s *Store) retain(ctx context.Context) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	s.mu.Lock()
	blocks := s.index.dropOldest(s.surplus())
	s.mu.Unlock()
	if len(blocks) == 0 {
		return nil
	}
	batch := s.db.NewWriteBatch()
	defer batch.Cancel()
	for _, b := range blocks {
		for _, prefix := range []byte{headerPrefix, blockPrefix} {
			if err := batch.Delete(blockKey(prefix, b.number)); err != nil {
				return fmt.Errorf("delete block %d: %w", b.number, err)
			}
		}
	}
	if err := batch.Flush(); err != nil {
		return fmt.Errorf("delete %d blocks: %w", len(blocks), err)
	}
	for ctx.Err() == nil {
		err := s.db.RunValueLogGC(0.5)
		if errors.Is(err, badger.ErrNoRewrite) || errors.Is(err, badger.ErrRejected) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("give disk space back: %w", err)
		}
	}
	return ctx.Err()
}

// surplus is how many of the oldest blocks are too old or too much.
func (s *Store) surplus() int {
	bytes, n := s.index.bytes, 0
	for _, b := range s.index.blocks {
		old := s.opt.MaxAge > 0 && s.opt.now().UnixNano()-b.Written > int64(s.opt.MaxAge)
		much := s.opt.MaxBytes > 0 && bytes > s.opt.MaxBytes
		if !old && !much {
			break
		}
		bytes -= int64(b.Size)
		n++
	}
	return n
}
