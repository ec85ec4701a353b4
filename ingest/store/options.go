package store

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Options change how a Store works. The zero Options are good for most uses.
type Options struct {
	// Sync makes every write safe against a crash of the machine too.
	Sync bool
	// Window is the length of a window, 1 s to 1 h; 10 s by default.
	Window time.Duration
	// Settle is how far the watermark must be past the end of a window before
	// the window is derived; 30 s by default.
	Settle time.Duration
	// Keep is how far back from the newest spans windows are made and kept;
	// 24 h by default. Finish is not bound by age, but as everything it keeps at
	// most Keep/Window windows: those nearest to the newest spans.
	Keep time.Duration
	// KeepMinutes is how far back windows are kept by the minute; 15 days by
	// default. 0 < KeepMinutes <= Keep keeps none.
	KeepMinutes time.Duration
	// Reserve is the free disk space in bytes below which Write takes nothing;
	// 512 MiB by default.
	Reserve int64
	// MaxAge is how long spans are kept after they were written, and MaxBytes
	// how many bytes of them are kept, on disk. 0 keeps them for ever. They are
	// dropped by the bucket, of an hour or 256 MB.
	MaxAge   time.Duration
	MaxBytes int64
	// CacheSpans is how many decoded spans are kept in memory to derive windows
	// from and to show traces; 50,000 by default, which is about 70 MB.
	CacheSpans int
	// CacheWindows is how many bytes of windows are kept in memory beside those
	// on disk; 64 MiB by default.
	CacheWindows int64
	// MaxPending is how many bytes of batches may wait to be written; more are
	// refused as busy. 64 MiB by default: their spans need about three times
	// that.
	MaxPending int64
	// Scratch is for a folder that is thrown away once a recording was read:
	// windows are kept in memory and not on disk, and traces are waited for while
	// time goes by in leaps.
	Scratch bool
	// Log gets what is noteworthy; slog.Default() by default.
	Log *slog.Logger

	now   func() time.Time
	free  func(dir string) (uint64, error)
	pause time.Duration
	still bool                    // without upkeep
	reach func(step string) error // hears of the steps of merging, and may let them fail
}

func (o Options) withDefaults() (Options, error) {
	o.Window = cmp.Or(o.Window, 10*time.Second)
	o.Settle = cmp.Or(o.Settle, 30*time.Second)
	o.Keep = cmp.Or(o.Keep, 24*time.Hour)
	o.KeepMinutes = cmp.Or(o.KeepMinutes, 15*24*time.Hour)
	o.CacheWindows = cmp.Or(o.CacheWindows, 64<<20)
	o.MaxPending = cmp.Or(o.MaxPending, 64<<20)
	o.Reserve = cmp.Or(o.Reserve, 512<<20)
	o.CacheSpans = cmp.Or(o.CacheSpans, 50_000)
	if o.Window < time.Second || o.Window > time.Hour {
		return o, fmt.Errorf("windows of %v: want 1 s to 1 h", o.Window)
	}
	if o.Settle < 0 || o.Keep < o.Window || o.KeepMinutes < 0 || o.CacheWindows < 0 || o.MaxPending < 0 || o.Reserve < 0 || o.MaxAge < 0 || o.MaxBytes < 0 || o.CacheSpans < 0 {
		return o, errors.New("store options must not be negative, nor Keep shorter than Window")
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	o.pause = cmp.Or(o.pause, pauseTime)
	if o.now == nil {
		o.now = time.Now
	}
	if o.free == nil {
		o.free = freeBytes
	}
	if o.reach == nil {
		o.reach = func(string) error { return nil }
	}
	return o, nil
}
