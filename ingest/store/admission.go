package store

import (
	"fmt"
	"sync"

	"headwater/ingest"
)

// admission bounds the bytes of the batches that wait to be written. A batch
// that is larger than the limit is let in alone.
type admission struct {
	limit int64

	mu    sync.Mutex
	bytes int64
}

// enter lets a batch in, or refuses it as busy; leave must follow where it
// does not fail.
func (a *admission) enter(size int64) (leave func(), err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.bytes > 0 && a.bytes+size > a.limit {
		return nil, fmt.Errorf("%d MiB of spans wait to be written: %w", a.bytes>>20, ingest.ErrBusy)
	}
	a.bytes += size
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.bytes -= size
	}, nil
}

func (a *admission) waiting() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.bytes
}
