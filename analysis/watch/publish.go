package watch

import (
	"context"

	"headwater/analysis"
)

func (w *Watcher) publish(r *analysis.Report, known history) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.report, w.known = r, known
	for ch := range w.readers {
		select {
		case ch <- struct{}{}:
		default: // one waits already
		}
	}
}

// Report is the newest report, never nil. Beside the incidents of its range it
// lists those that were told before. It must not be changed.
func (w *Watcher) Report() *analysis.Report {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.report
}

// Incident finds an incident by its id: one of the report, one that the report
// no longer shows, or one that was merged into another, which then is found. It
// must not be changed.
func (w *Watcher) Incident(id string) (*analysis.Incident, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	r, ok := w.known.find(id)
	if !ok {
		return nil, false
	}
	return &r.Incident, true
}

// Subscribe gives a channel that gets a value after every change of the report,
// until ctx ends. At most one value waits: several changes may give one.
func (w *Watcher) Subscribe(ctx context.Context) <-chan struct{} {
	ch := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.readers[ch] = struct{}{}
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.readers, ch)
	})
	return ch
}
