package store

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// maxValue is the largest block in bytes. Badger's value log must be able to
// hold it.
const maxValue = 64 << 20

var errInUse = errors.New("in use by another process")

// databaseOptions are what all databases of a folder have in common. Their
// values are compressed by us. Those over 1 KiB lie in the value log, where
// they are written once; the tree holds keys and small headers, so that its
// memory can be small.
func databaseOptions(dir string, opt *Options) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(quiet{opt.Log}).
		WithMetricsEnabled(false).
		WithSyncWrites(opt.Sync).
		WithDetectConflicts(false).
		WithCompression(options.None).
		WithVerifyValueChecksum(true). // what is damaged must not be served
		WithValueThreshold(1 << 10).
		WithValueLogFileSize(2 * maxValue).
		WithMemTableSize(1 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(4).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithNumCompactors(2).
		WithNumGoroutines(1)
}

// openDatabase opens a database of a folder that is held by this process.
func openDatabase(o badger.Options) (*badger.DB, error) {
	if err := dropEmpty(o.Dir); err != nil {
		return nil, fmt.Errorf("open database %q: %w", o.Dir, err)
	}
	db, err := badger.Open(o)
	// Badger has no error value for this.
	if err != nil && strings.Contains(err.Error(), "Another process is using this Badger database") {
		return nil, errInUse
	}
	if err != nil {
		return nil, fmt.Errorf("open database %q: %w", o.Dir, err)
	}
	return db, nil
}

// dropEmpty deletes the logs of a database that have not a byte in them. A process
// that is killed leaves such a file where it had just made it, or was about to delete
// one whose content stands elsewhere; Badger takes it for new, and refuses to open
// what is new and yet there (https://github.com/dgraph-io/badger/issues/2207).
func dropEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".mem" && ext != ".vlog" {
			continue
		}
		name := filepath.Join(dir, e.Name())
		info, statErr := e.Info()
		switch {
		case statErr != nil:
			err = errors.Join(err, statErr)
		case info.Size() == 0:
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}

// quiet hands what Badger has to say to slog at debug level.
type quiet struct{ log *slog.Logger }

func (q quiet) Errorf(format string, args ...any)   { q.say(format, args) }
func (q quiet) Warningf(format string, args ...any) { q.say(format, args) }
func (q quiet) Infof(format string, args ...any)    { q.say(format, args) }
func (q quiet) Debugf(format string, args ...any)   { q.say(format, args) }

func (q quiet) say(format string, args []any) {
	q.log.Debug("badger", "message", strings.TrimSpace(fmt.Sprintf(format, args...)))
}
