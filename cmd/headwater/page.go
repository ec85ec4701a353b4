package main

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"headwater/cmd/headwater/monitor"
)

// Limits for the page's readers.
const (
	pageHeaderTime = 10 * time.Second
	pageReadTime   = 30 * time.Second
	pageWriteTime  = time.Minute // event streams set their own, with every write
	pageIdleTime   = 2 * time.Minute
	pageMaxHeader  = 64 << 10
)

// pages is what is served beside OTLP: health for all who ask; metrics and the
// page for those who may.
func (l *live) pages(locked *opened, own *monitor.Monitor, page http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", l.health.Live)
	mux.HandleFunc("GET /readyz", l.health.Readiness)
	mux.Handle("GET /metrics", locked.known(locked.bearer(own.Metrics())))
	mux.Handle("/", locked.known(page)) // which asks for the token by itself: a browser logs in
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A writer that knows no deadline (in tests) can't get stuck either.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(pageWriteTime))
		mux.ServeHTTP(w, r)
	})
}

func newPageServer(locked *opened, handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, TLSConfig: locked.pageTLS(),
		ReadHeaderTimeout: pageHeaderTime, ReadTimeout: pageReadTime, IdleTimeout: pageIdleTime, MaxHeaderBytes: pageMaxHeader,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func servePage(s *http.Server, l net.Listener, scheme string) error {
	if scheme == "https" {
		return s.ServeTLS(l, "", "")
	}
	return s.Serve(l)
}
