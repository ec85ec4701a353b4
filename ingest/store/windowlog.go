package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/klauspost/compress/zstd"

	"headwater/graph"
)

// minute is the length of the windows that are kept for long.
const minute = int64(time.Minute)

// memoryFactor is about how many times larger a window is in memory than
// written down.
const memoryFactor = 7

// windowLog keeps settled windows in meta, and the newest of those that were used
// in memory. Of a scratch folder all are in memory.
type windowLog struct {
	meta    *badger.DB
	scratch bool
	limit   int64 // bytes
	enc     *zstd.Encoder
	dec     *zstd.Decoder

	mu    sync.Mutex
	bytes int64
	at    map[int64]cachedWindow // by start
}

type cachedWindow struct {
	window *graph.Window
	bytes  int64
}

func newWindowLog(meta *badger.DB, opt *Options) (*windowLog, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxWindowBytes))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return &windowLog{meta: meta, scratch: opt.Scratch, limit: opt.CacheWindows, enc: enc, dec: dec, at: map[int64]cachedWindow{}}, nil
}

// maxWindowBytes bounds a window, written down and decompressed.
const maxWindowBytes = 512 << 20

func (l *windowLog) close() error {
	l.dec.Close()
	return l.enc.Close()
}

// settled is a window that was derived, and the number of the first block that
// it has not seen.
type settled struct {
	window *graph.Window
	seen   uint64
}

// save writes windows down, and removes those without spans. The windows in
// gone are removed too.
func (l *windowLog) save(done map[int64]settled, gone []int64) error {
	sizes := map[int64]int64{}
	if !l.scratch && len(done)+len(gone) > 0 {
		batch := l.meta.NewWriteBatch()
		defer batch.Cancel()
		for start, d := range done {
			if d.window.Spans == 0 {
				gone = append(gone, start)
				continue
			}
			value, size, err := l.encode(d.window)
			if err == nil {
				sizes[start] = size
				seen := seenValue(d.seen, d.window.Length)
				err = errors.Join(batch.Set(timeKey(windowPrefix, start), value), batch.Set(timeKey(seenPrefix, start), seen))
			}
			if err != nil {
				return fmt.Errorf("save window: %w", err)
			}
		}
		for _, start := range gone {
			if err := errors.Join(batch.Delete(timeKey(windowPrefix, start)), batch.Delete(timeKey(seenPrefix, start))); err != nil {
				return fmt.Errorf("remove window: %w", err)
			}
		}
		if err := batch.Flush(); err != nil {
			return fmt.Errorf("save %d windows: %w", len(done), err)
		}
	}
	for start, d := range done {
		if l.forget(start); d.window.Spans > 0 {
			l.keep(start, d.window, sizes[start])
		}
	}
	for _, start := range gone {
		l.forget(start)
	}
	return nil
}

// raise notes, of windows that are written down, another number of the first
// block that they have not seen.
func (l *windowLog) raise(seen map[int64]uint64, length int64) error {
	if l.scratch || len(seen) == 0 {
		return nil
	}
	batch := l.meta.NewWriteBatch()
	defer batch.Cancel()
	for start, number := range seen {
		if err := batch.Set(timeKey(seenPrefix, start), seenValue(number, length)); err != nil {
			return fmt.Errorf("note what a window has seen: %w", err)
		}
	}
	if err := batch.Flush(); err != nil {
		return fmt.Errorf("note what %d windows have seen: %w", len(seen), err)
	}
	return nil
}

func seenValue(seen uint64, length int64) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, seen), uint64(length))
}

// encode gives the bytes of a window, and how many it would have uncompressed.
func (l *windowLog) encode(w *graph.Window) ([]byte, int64, error) {
	plain, err := w.AppendBinary(nil)
	if err != nil {
		return nil, 0, err
	}
	return l.enc.EncodeAll(plain, nil), int64(len(plain)), nil
}

func (l *windowLog) decode(b []byte) (*graph.Window, int64, error) {
	plain, err := l.dec.DecodeAll(b, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("decompress window: %w", err)
	}
	w := new(graph.Window)
	err = w.UnmarshalBinary(plain)
	return w, int64(len(plain)), err
}

// keep keeps a window in memory. The newest stay there: who asks for many, asks
// for all up to the newest, again and again.
func (l *windowLog) keep(start int64, w *graph.Window, size int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.at[start]; ok {
		return
	}
	l.at[start] = cachedWindow{w, size * memoryFactor}
	l.bytes += size * memoryFactor
	for l.bytes > l.limit && len(l.at) > 1 && !l.scratch {
		oldest := start
		for other := range l.at {
			oldest = min(oldest, other)
		}
		l.remove(oldest)
	}
}

func (l *windowLog) forget(start int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(start)
}

func (l *windowLog) remove(start int64) {
	l.bytes -= l.at[start].bytes
	delete(l.at, start)
}

func (l *windowLog) cached(start int64) *graph.Window {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at[start].window
}

// window gives a settled window.
func (l *windowLog) window(start int64) (*graph.Window, error) {
	if w := l.cached(start); w != nil {
		return w, nil
	}
	var w *graph.Window
	var size int64
	err := l.meta.View(func(txn *badger.Txn) error {
		item, err := txn.Get(timeKey(windowPrefix, start))
		if err != nil {
			return err
		}
		return item.Value(func(v []byte) (err error) {
			w, size, err = l.decode(v)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the window at %s: %w", time.Unix(0, start).UTC().Format(time.RFC3339), err)
	}
	l.keep(start, w, size)
	return w, nil
}

// starts gives the windows of that length that are written down, and the first
// block that each has not seen. Others are removed.
func (l *windowLog) starts(length int64) (map[int64]uint64, error) {
	out := map[int64]uint64{}
	var gone []int64
	err := l.scan(seenPrefix, 0, lastTime, func(start int64, v []byte) error {
		if len(v) == 16 && int64(binary.LittleEndian.Uint64(v[8:])) == length {
			out[start] = binary.LittleEndian.Uint64(v)
		} else {
			gone = append(gone, start)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, l.save(nil, gone)
}

// scan calls f with the values of a prefix whose times are in [from, to).
func (l *windowLog) scan(prefix byte, from, to int64, f func(start int64, v []byte) error) error {
	return l.meta.View(func(txn *badger.Txn) error {
		opt := badger.DefaultIteratorOptions
		opt.Prefix = []byte{prefix}
		opt.PrefetchValues = false
		it := txn.NewIterator(opt)
		defer it.Close()
		for it.Seek(timeKey(prefix, max(0, from))); it.Valid(); it.Next() {
			number, ok := keyNumber(it.Item().Key())
			start := int64(number)
			if !ok {
				continue
			}
			if start >= to {
				return nil
			}
			if err := it.Item().Value(func(v []byte) error { return f(start, v) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// minutesWithin gives the windows that are kept by the minute, those that start
// in [from, to).
func (l *windowLog) minutesWithin(ctx context.Context, from, to int64) (out []*graph.Window, err error) {
	err = l.scan(minutePrefix, from, to, func(_ int64, v []byte) error {
		w, _, err := l.decode(v)
		out = append(out, w)
		return errors.Join(err, ctx.Err())
	})
	if err != nil {
		return nil, fmt.Errorf("read windows of a minute: %w", err)
	}
	return out, nil
}

// archive joins windows to minutes, writes these down, and removes the windows
// and the minutes that start before the time.
func (l *windowLog) archive(starts []int64, before int64) error {
	minutes := map[int64]*graph.Window{}
	for _, start := range starts {
		w, err := l.window(start)
		if err != nil {
			continue // it can't be read: the minute goes without
		}
		m := start - start%minute
		if minutes[m] == nil {
			minutes[m] = graph.NewWindow(m, minute)
		}
		minutes[m].Merge(w)
	}
	batch := l.meta.NewWriteBatch()
	defer batch.Cancel()
	for start, w := range minutes {
		value, _, err := l.encode(w)
		if err == nil {
			err = batch.Set(timeKey(minutePrefix, start), value)
		}
		if err != nil {
			return fmt.Errorf("save a minute: %w", err)
		}
	}
	err := l.scan(minutePrefix, 0, before, func(start int64, _ []byte) error {
		return batch.Delete(timeKey(minutePrefix, start))
	})
	if err == nil {
		err = batch.Flush()
	}
	if err != nil {
		return fmt.Errorf("save %d minutes: %w", len(minutes), err)
	}
	return l.save(nil, starts)
}
