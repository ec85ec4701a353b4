package store

import (
	"errors"
	"fmt"
	"log/slog"
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

func openDatabase(o badger.Options) (*badger.DB, error) {
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

// quiet hands what Badger has to say to slog at debug level.
type quiet struct{ log *slog.Logger }

func (q quiet) Errorf(format string, args ...any)   { q.say(format, args) }
func (q quiet) Warningf(format string, args ...any) { q.say(format, args) }
func (q quiet) Infof(format string, args ...any)    { q.say(format, args) }
func (q quiet) Debugf(format string, args ...any)   { q.say(format, args) }

func (q quiet) say(format string, args []any) {
	q.log.Debug("badger", "message", strings.TrimSpace(fmt.Sprintf(format, args...)))
}
