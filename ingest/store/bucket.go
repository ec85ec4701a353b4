package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"

	"headwater/ingest/store/column"
)

// A bucket takes blocks for bucketTime or until it holds bucketBytes.
const bucketTime = time.Hour

var bucketBytes = int64(256 << 20) // smaller in tests

// The names in and of a bucket's folder.
const (
	bucketsDir    = "buckets"
	indexFile     = "index"
	indexDraft    = "index.new"
	goneSuffix    = ".gone"    // is being deleted
	draftSuffix   = ".new"     // is being written, in place of another
	damagedSuffix = ".damaged" // could not be opened
)

// bucket is a stretch of blocks with a database of its own, so that it can be
// dropped as a whole.
type bucket struct {
	first uint64 // number of its first block
	dir   string
	gone  bool // it was dropped; guarded by the pool

	// Guarded by the store's lock.
	bytes   int64
	created int64 // wall clock of the first and the last write, Unix nanoseconds
	newest  int64
	sealing bool
	merged  bool // its blocks were merged, or are to stay as they are
}

func bucketDir(dir string, first uint64) string {
	return filepath.Join(dir, bucketsDir, fmt.Sprintf("%016d", first))
}

func (k *bucket) add(b *block) {
	if k.created == 0 {
		k.created = b.Written
	}
	k.bytes += int64(b.Size)
	k.newest = max(k.newest, b.Written)
}

func (k *bucket) full(now time.Time) bool {
	return k.bytes >= bucketBytes || k.created > 0 && now.UnixNano()-k.created >= int64(bucketTime)
}

// listBuckets gives the buckets of a folder by number.
func listBuckets(dir string) ([]*bucket, error) {
	entries, err := os.ReadDir(filepath.Join(dir, bucketsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list buckets: %w", cause(err))
	}
	var out []*bucket
	for _, e := range entries {
		if first, err := strconv.ParseUint(e.Name(), 10, 64); err == nil && e.IsDir() {
			out = append(out, &bucket{first: first, dir: filepath.Join(dir, bucketsDir, e.Name())})
		}
	}
	slices.SortFunc(out, func(a, b *bucket) int { return strings.Compare(a.dir, b.dir) })
	return out, nil
}

// sweep deletes what is left of buckets that were being dropped, or replaced by
// another. The new one takes the place of one that is not there any more: that it
// is whole shows in its index, which is written last.
func sweep(dir string) error {
	drafts, err := filepath.Glob(filepath.Join(dir, bucketsDir, "*"+draftSuffix))
	if err != nil {
		return err
	}
	for _, draft := range drafts {
		place := strings.TrimSuffix(draft, draftSuffix)
		_, old := os.Stat(place)
		_, whole := os.Stat(filepath.Join(draft, indexFile))
		if errors.Is(old, fs.ErrNotExist) && whole == nil {
			err = os.Rename(draft, place)
		} else {
			err = os.RemoveAll(draft)
		}
		if err != nil {
			return err
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, bucketsDir, "*"+goneSuffix))
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := os.RemoveAll(name); err != nil {
			return err
		}
	}
	return nil
}

// indexMagic begins an index file; its last byte is the version.
const indexMagic = "HWINDEX\x01"

// writeIndex seals the bucket: it writes down the headers of its blocks.
func (k *bucket) writeIndex(blocks []*block) error {
	b := []byte(indexMagic)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(blocks)))
	for _, x := range blocks {
		b = binary.LittleEndian.AppendUint64(b, x.number)
		b = appendHeader(b, &x.header)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(x.traces)))
		for _, print := range x.traces {
			b = binary.LittleEndian.AppendUint32(b, print)
		}
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	draft := filepath.Join(k.dir, indexDraft)
	err := writeSynced(draft, b)
	if err == nil {
		err = os.Rename(draft, filepath.Join(k.dir, indexFile))
	}
	if err != nil {
		return fmt.Errorf("seal bucket %q: %w", k.dir, err)
	}
	return nil
}

func writeSynced(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncFolder has the names in a folder stand on the disk, where the system can.
func syncFolder(path ...string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(filepath.Join(path...))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

var errIndex = errors.New("index is damaged")

// readIndex gives the blocks of a sealed bucket; sealed is false for one that
// has no index.
func (k *bucket) readIndex() (blocks []*block, sealed bool, err error) {
	b, err := os.ReadFile(filepath.Join(k.dir, indexFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, true, err
	}
	blocks, err = decodeIndex(b)
	for _, x := range blocks {
		x.bucket = k
	}
	return blocks, true, err
}

func decodeIndex(b []byte) ([]*block, error) {
	if len(b) < len(indexMagic)+8 || string(b[:len(indexMagic)]) != indexMagic {
		return nil, errIndex
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return nil, errIndex
	}
	rest := body[len(indexMagic):]
	n := binary.LittleEndian.Uint32(rest)
	rest = rest[4:]
	var blocks []*block
	for range n {
		if len(rest) < 8 {
			return nil, errIndex
		}
		x := &block{number: binary.LittleEndian.Uint64(rest)}
		var size int
		var err error
		if x.header, size, err = decodeHeader(rest[8:]); err != nil {
			return nil, err
		}
		rest = rest[8+size:]
		if len(rest) < 4 {
			return nil, errIndex
		}
		traces := binary.LittleEndian.Uint32(rest)
		rest = rest[4:]
		if uint64(len(rest)) < 4*uint64(traces) {
			return nil, errIndex
		}
		x.traces = make([]uint32, traces)
		for i := range x.traces {
			x.traces[i] = binary.LittleEndian.Uint32(rest[4*i:])
		}
		rest = rest[4*traces:]
		blocks = append(blocks, x)
	}
	if len(rest) != 0 {
		return nil, errIndex
	}
	return blocks, nil
}

// scan reads the headers of a bucket that has no index, and the trace ids out
// of its blocks. A block that can't be read is given to damaged.
func (k *bucket) scan(db *badger.DB, damaged func(number uint64, err error)) ([]*block, error) {
	var blocks []*block
	err := db.View(func(txn *badger.Txn) error {
		opt := badger.DefaultIteratorOptions
		opt.Prefix = []byte{headerPrefix}
		opt.PrefetchSize = 16
		it := txn.NewIterator(opt)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			number, ok := keyNumber(it.Item().Key())
			if !ok {
				continue
			}
			x := &block{number: number, bucket: k}
			err := it.Item().Value(func(v []byte) (err error) {
				x.header, _, err = decodeHeader(v)
				return err
			})
			if err == nil {
				x.traces, err = tracePrints(txn, number)
			}
			if err != nil {
				damaged(number, err)
				continue
			}
			blocks = append(blocks, x)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read bucket %q: %w", k.dir, err)
	}
	return blocks, nil
}

func tracePrints(txn *badger.Txn, number uint64) (prints []uint32, err error) {
	item, err := txn.Get(numberKey(blockPrefix, number))
	if err != nil {
		return nil, err
	}
	err = item.Value(func(v []byte) error {
		ids, err := column.TraceIDs(v)
		for _, id := range ids {
			prints = append(prints, fingerprint(id))
		}
		return err
	})
	return ascending(prints), err
}
