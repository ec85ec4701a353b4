package door

import (
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"
)

// watched is a value that is read from files, again whenever one of them has
// changed. There is nothing running: who asks for the value looks.
type watched[T any] struct {
	files []string
	read  func() (T, error)
	log   *slog.Logger
	what  string // for the log

	mu    sync.Mutex
	value T
	seen  []fs.FileInfo // as of the last reading
}

// watch reads for the first time; then an error is an error.
func watch[T any](log *slog.Logger, what string, files []string, read func() (T, error)) (*watched[T], error) {
	w := &watched[T]{files: files, read: read, log: log, what: what}
	w.seen = w.look()
	var err error
	w.value, err = read()
	return w, err
}

// get gives the newest value that could be read.
func (w *watched[T]) get() T {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.look()
	if slices.EqualFunc(now, w.seen, same) {
		return w.value
	}
	w.seen = now
	value, err := w.read()
	if err != nil {
		w.log.Error("what changed can't be used; what held before goes on to hold", "what", w.what, "error", err)
		return w.value
	}
	w.log.Info("read again after a change", "what", w.what)
	w.value = value
	return value
}

// look notes the state of the files; nil stands for one that is not there.
func (w *watched[T]) look() []fs.FileInfo {
	infos := make([]fs.FileInfo, len(w.files))
	for i, name := range w.files {
		if info, err := os.Stat(name); err == nil {
			infos[i] = info
		}
	}
	return infos
}

func same(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
