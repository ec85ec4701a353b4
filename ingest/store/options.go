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
	// Keep is how far back from the newest spans windows are made and kept in
	// memory; 24 h by default. Finish is not bound by age, but as everything it
	// keeps at most Keep/Window windows: those nearest to the newest spans.
	Keep time.Duration
	// Rederive is how far back from the newest spans windows are derived anew
	// after a restart; 2 h by default.
	Rederive time.Duration
	// Reserve is the free disk space in bytes below which Write takes nothing;
	// 512 MiB by default.
	Reserve int64
	// MaxAge is how long blocks are kept after they were written, and MaxBytes
	// how many bytes of blocks are kept. 0 keeps them for ever.
	MaxAge   time.Duration
	MaxBytes int64
	// CacheSpans is how many decoded spans are kept in memory to derive windows
	// from; 50,000 by default, which is about 100 MB.
	CacheSpans int
	// Log gets what is noteworthy; slog.Default() by default.
	Log *slog.Logger

	now  func() time.Time
	free func(dir string) (uint64, error)
}

func (o Options) withDefaults() (Options, error) {
	o.Window = cmp.Or(o.Window, 10*time.Second)
	o.Settle = cmp.Or(o.Settle, 30*time.Second)
	o.Keep = cmp.Or(o.Keep, 24*time.Hour)
	o.Rederive = cmp.Or(o.Rederive, 2*time.Hour)
	o.Reserve = cmp.Or(o.Reserve, 512<<20)
	o.CacheSpans = cmp.Or(o.CacheSpans, 50_000)
	if o.Window < time.Second || o.Window > time.Hour {
		return o, fmt.Errorf("windows of %v: want 1 s to 1 h", o.Window)
	}
	if o.Settle < 0 || o.Keep < o.Window || o.Rederive < 0 || o.Reserve < 0 || o.MaxAge < 0 || o.MaxBytes < 0 || o.CacheSpans < 0 {
		return o, errors.New("store options must not be negative, nor Keep shorter than Window")
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.free == nil {
		o.free = freeBytes
	}
	return o, nil
}
