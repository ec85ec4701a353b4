package store

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// maxValue is the largest compressed block in bytes. Badger's value log must be
// able to hold it.
const maxValue = 64 << 20

func openDatabase(dir string, opt Options) (*badger.DB, error) {
	db, err := badger.Open(badger.DefaultOptions(filepath.Join(dir, databaseDir)).
		WithLogger(quiet{opt.Log}).
		WithMetricsEnabled(false).
		WithSyncWrites(opt.Sync).
		WithDetectConflicts(false).
		// Blocks are compressed by us, and checked on reading: what is damaged
		// must not be served.
		WithCompression(options.None).
		WithVerifyValueChecksum(true).
		// Blocks lie in the value log, where they are written once; the tree
		// holds keys and small headers.
		WithValueThreshold(1 << 10).
		WithValueLogFileSize(2 * maxValue).
		WithMemTableSize(4 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(4).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithNumCompactors(2).
		WithNumGoroutines(1))
	if err == nil {
		return db, nil
	}
	// Badger has no error value for this.
	if strings.Contains(err.Error(), "Another process is using this Badger database") {
		return nil, fmt.Errorf("data folder %q is in use by another Headwater", dir)
	}
	return nil, fmt.Errorf("data folder %q can't be opened: %w", dir, err)
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
