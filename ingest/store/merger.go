package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/dgraph-io/badger/v4"

	"headwater/graph/trace"
	"headwater/ingest/store/column"
)

// merger writes the blocks of a bucket, merged, to a new one.
type merger struct {
	s       *Store
	next    *bucket
	db      *badger.DB
	encoder *column.Encoder
	blocks  []*block // of the new bucket

	waiting []*block // to be joined
	lists   [][]trace.Span
	spans   int
	size    int
	began   time.Time
}

func (m *merger) write(ctx context.Context, blocks []*block) (err error) {
	if err := os.RemoveAll(m.next.dir); err != nil {
		return err
	}
	if err := os.Mkdir(m.next.dir, 0o700); err != nil {
		return err
	}
	opt := m.s.opt
	opt.Sync = false // all is synced when it is closed
	if m.encoder, err = column.NewEncoder(); err != nil {
		return err
	}
	defer m.encoder.Close()
	if m.db, err = openDatabase(databaseOptions(m.next.dir, &opt)); err != nil {
		return err
	}
	err = m.all(ctx, blocks)
	if err := errors.Join(err, m.db.Close()); err != nil {
		return err
	}
	if err := m.s.opt.reach("blocks written"); err != nil {
		return err
	}
	if err := m.next.writeIndex(m.blocks); err != nil {
		return err
	}
	if err := syncFolder(m.next.dir); err != nil {
		return err
	}
	return m.s.opt.reach("index written")
}

func (m *merger) all(ctx context.Context, blocks []*block) error {
	m.began = time.Now()
	for _, b := range blocks {
		if b.large() {
			err := m.flush(ctx)
			if err == nil {
				err = m.copy(ctx, b)
			}
			if err != nil {
				return err
			}
			continue
		}
		spans, err := m.s.decode(ctx, b, nil, nil)
		if err != nil {
			return err
		}
		if len(spans) == 0 {
			return fmt.Errorf("block %d can't be read: %w", b.number, errLeft)
		}
		size := weigh(spans)
		opened := m.s.folding.old.opened // whether a block is older tells whether memory knows its traces
		split := len(m.waiting) > 0 && m.waiting[0].number < opened && b.number >= opened
		if split || m.spans+len(spans) > mergedSpans || m.size+size > blockBytes {
			if err := m.flush(ctx); err != nil {
				return err
			}
		}
		m.waiting, m.lists = append(m.waiting, b), append(m.lists, spans)
		m.spans, m.size = m.spans+len(spans), m.size+size
	}
	return m.flush(ctx)
}

// flush joins what waits to one block, with the number of the last.
func (m *merger) flush(ctx context.Context) error {
	if len(m.waiting) == 0 {
		return nil
	}
	last := m.waiting[len(m.waiting)-1]
	value, err := m.encoder.Append(nil, m.lists...)
	if err != nil {
		return err
	}
	if len(value) > maxValue {
		return fmt.Errorf("a block of %d bytes: %w", len(value), errLeft)
	}
	b := &block{header: summarize(m.lists...), number: last.number, begins: m.waiting[0].number}
	b.Written, b.Mark, b.Size = last.Written, last.Mark, uint32(len(value))
	clear(m.lists)
	m.waiting, m.lists, m.spans, m.size = m.waiting[:0], m.lists[:0], 0, 0
	return m.put(ctx, b, value)
}

// copy writes a block as it is.
func (m *merger) copy(ctx context.Context, from *block) error {
	var value []byte
	err := m.s.read(from, func(v []byte) error {
		_, err := column.TraceIDs(v) // checks its sum
		value = append(value, v...)
		return err
	})
	if err != nil {
		return fmt.Errorf("block %d can't be read: %w: %w", from.number, errLeft, err)
	}
	return m.put(ctx, &block{header: from.header, number: from.number, begins: from.number}, value)
}

func (m *merger) put(ctx context.Context, b *block, value []byte) error {
	if err := m.s.checkReserve(); err != nil {
		return fmt.Errorf("%w: %w", errLeft, err)
	}
	b.bucket = m.next
	if err := putBlock(m.db, b, value); err != nil {
		return err
	}
	m.blocks = append(m.blocks, b)
	if err := m.s.opt.reach("block written"); err != nil {
		return err
	}
	rest := time.NewTimer(mergeRest * time.Since(m.began))
	defer rest.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-rest.C:
		m.began = time.Now()
		return nil
	}
}
