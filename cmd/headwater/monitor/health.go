package monitor

import (
	"io"
	"net/http"
	"sync/atomic"
)

// Health answers whether the process lives (/healthz) and whether spans are
// taken (/readyz): not yet while it starts, and not any more while it ends.
type Health struct{ ready atomic.Bool }

// Ready says whether spans are taken.
func (h *Health) Ready(ready bool) { h.ready.Store(ready) }

// Live answers 200: what can answer lives.
func (h *Health) Live(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive\n") }

// Readiness answers 200 or 503.
func (h *Health) Readiness(w http.ResponseWriter, _ *http.Request) {
	if h.ready.Load() {
		say(w, http.StatusOK, "ready\n")
	} else {
		say(w, http.StatusServiceUnavailable, "starting or stopping\n")
	}
}

func say(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, text) // whoever asked is gone
}
