package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"headwater/analysis"
	"headwater/analysis/watch"
	"headwater/graph"
	"headwater/ingest/otlp"
	"headwater/ingest/store"
	"headwater/web"
)

// Time limits for the page's readers and for an orderly end.
const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	shutdownTimeout   = 10 * time.Second
)

// live is a running Headwater: receivers, store, live loop and page.
type live struct {
	store    *store.Store
	otlp     *otlp.Server
	watcher  *watch.Watcher
	listener net.Listener
	page     *http.Server
}

// open makes all that serve needs; ports are open when it returns. It opens
// all or nothing.
func open(ctx context.Context, folder string, at addresses, keep keeping, log *slog.Logger) (_ *live, err error) {
	l := &live{}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close(ctx))
		}
	}()
	if l.store, err = store.Open(folder, keep.options(log)); err != nil {
		return nil, err
	}
	if l.otlp, err = otlp.Listen(otlp.Config{GRPC: at.OTLPGRPC, HTTP: at.OTLPHTTP}, l.store, log); err != nil {
		return nil, busy(err)
	}
	if l.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", at.HTTP); err != nil {
		return nil, busy(fmt.Errorf("serve the page: %w", err))
	}
	l.watcher, err = watch.New(ctx, watch.Config{
		Windows: l.store, Journal: journal{l.store}, Log: log,
		Analyze: func(windows []*graph.Window) *analysis.Report {
			return analysis.Analyze(analysis.Input{Windows: windows}, analysis.Options{})
		},
	})
	if err != nil {
		return nil, err
	}
	page, err := web.New(web.Config{
		Incidents: l.watcher, Traces: l.store, Windows: l.store, Spans: spans{l.store}, Log: log,
		Version: version(), Addr: l.listener.Addr().String(),
		Receivers: web.Receivers{GRPC: l.otlp.GRPCAddr(), HTTP: l.otlp.HTTPAddr()},
	})
	if err != nil {
		return nil, err
	}
	l.page = &http.Server{
		Handler: page.Handler(), ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	l.page.RegisterOnShutdown(page.Close)
	return l, nil
}

// serve works until ctx ends or a part fails, and then closes everything:
// spans that were taken are written before it returns.
func (l *live) serve(ctx context.Context) error {
	g, working := errgroup.WithContext(ctx)
	g.Go(l.otlp.Serve)
	g.Go(func() error {
		if err := l.page.Serve(l.listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the page: %w", err)
		}
		return nil
	})
	g.Go(func() error { return l.watcher.Run(working) })
	g.Go(func() error {
		<-working.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		return errors.Join(l.otlp.Shutdown(ending), l.page.Shutdown(ending))
	})
	return errors.Join(g.Wait(), l.store.Close())
}

// close undoes an opening that failed half way.
func (l *live) close(ctx context.Context) error {
	var errs []error
	if l.otlp != nil {
		errs = append(errs, l.otlp.Shutdown(ctx))
	}
	if l.listener != nil {
		errs = append(errs, l.listener.Close())
	}
	if l.store != nil {
		errs = append(errs, l.store.Close())
	}
	return errors.Join(errs...)
}

// address is where a browser finds the page.
func (l *live) address() string { return "http://" + l.listener.Addr().String() }

// busy says what to do about a port that is taken.
func busy(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w (--otlp-grpc, --otlp-http and --http set other addresses)", err)
	}
	return err
}

// journal is the store as the live loop wants it.
type journal struct{ *store.Store }

// Incidents implements watch.Journal.
func (j journal) Incidents(ctx context.Context) ([]watch.Record, error) {
	stored, err := j.Store.Incidents(ctx)
	if err != nil {
		return nil, err
	}
	records := make([]watch.Record, len(stored))
	for i, r := range stored {
		records[i] = watch.Record(r)
	}
	return records, nil
}
