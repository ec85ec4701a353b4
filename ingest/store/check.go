package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// Checked is what Check found in a data folder.
type Checked struct {
	Buckets, Blocks, Windows, Minutes, Incidents int
	Spans, Bytes                                 int64
	// Damage names what can't be read, one line each, in order.
	Damage []string
}

// Check reads everything in a data folder, which nobody else may use. It mends
// what opening the folder mends, notes the blocks that it finds damaged so that
// they are passed over from then on, and changes nothing else. The error is for
// a folder that can't be opened at all.
func Check(ctx context.Context, dir string, opt Options) (*Checked, error) {
	if _, err := os.Stat(filepath.Join(dir, formatFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%q is no data folder of Headwater", dir)
	}
	opt.still = true
	s, err := Open(dir, opt)
	if err != nil {
		return nil, err
	}
	c, err := s.check(ctx)
	return c, errors.Join(err, s.Close())
}

func (s *Store) check(ctx context.Context) (*Checked, error) {
	s.mu.Lock()
	v := s.look()
	c := &Checked{Buckets: len(s.buckets), Blocks: len(v.blocks), Windows: len(s.windows.settled), Bytes: s.index.bytes}
	starts := s.windows.within(0, lastTime)
	s.mu.Unlock()
	defer v.release()
	for _, b := range v.blocks {
		spans, err := s.decode(ctx, b, nil, nil)
		if err != nil {
			return nil, err
		}
		c.Spans += int64(len(spans))
	}
	for _, start := range starts {
		if _, err := s.log.window(start); err != nil {
			c.Damage = append(c.Damage, err.Error())
			s.rederive(start, err)
		}
	}
	minutes, err := s.log.minutesWithin(ctx, 0, lastTime)
	if err != nil {
		c.Damage = append(c.Damage, err.Error())
	}
	c.Minutes = len(minutes)
	incidents, err := s.Incidents(ctx)
	if err != nil {
		c.Damage = append(c.Damage, err.Error())
	}
	c.Incidents = len(incidents)
	blocks, err := s.damagedBlocks()
	if err != nil {
		return nil, err
	}
	aside, err := filepath.Glob(filepath.Join(s.dir, bucketsDir, "*"+damagedSuffix))
	if err != nil {
		return nil, err
	}
	slices.Sort(aside)
	for _, name := range aside {
		blocks = append(blocks, "bucket "+filepath.Base(strings.TrimSuffix(name, damagedSuffix))+" can't be opened and was put aside")
	}
	c.Damage = append(c.Damage, blocks...)
	return c, nil
}

// damagedBlocks describes the blocks that are passed over.
func (s *Store) damagedBlocks() (out []string, err error) {
	err = s.meta.View(func(txn *badger.Txn) error {
		opt := badger.DefaultIteratorOptions
		opt.Prefix = []byte{damagedPrefix}
		it := txn.NewIterator(opt)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			number, ok := keyNumber(it.Item().Key())
			if !ok {
				continue
			}
			err := it.Item().Value(func(v []byte) error {
				if len(v) < 4 {
					return errHeader
				}
				spans := "an unknown number of spans"
				if n := binary.LittleEndian.Uint32(v); n > 0 {
					spans = fmt.Sprintf("%d spans", n)
				}
				out = append(out, fmt.Sprintf("block %d with %s: %s", number, spans, v[4:]))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
