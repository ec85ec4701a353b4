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

	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"

	"headwater/analysis"
	"headwater/analysis/watch"
	"headwater/cmd/headwater/monitor"
	"headwater/ingest/otlp"
	"headwater/ingest/store"
	"headwater/web"
)

// shutdownTimeout bounds an orderly end; what is on its way then is cut off.
const shutdownTimeout = 10 * time.Second

// live is a running Headwater: receivers, store, live loop and page.
type live struct {
	store    *store.Store
	otlp     *otlp.Server
	watcher  *watch.Watcher
	listener net.Listener
	page     *http.Server
	scheme   string // of the page's address
	health   monitor.Health
	judging  *web.Turn // who tells what is half done
	log      *slog.Logger
}

// open makes all that serve needs; ports are open when it returns. It opens
// all or nothing.
func open(ctx context.Context, folder string, at addresses, keep keeping, locked *opened, log *slog.Logger) (_ *live, err error) {
	l := &live{log: log, judging: web.NewTurn()}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close(ctx))
		}
	}()
	if l.store, err = store.Open(folder, keep.options(log)); err != nil {
		return nil, err
	}
	build := buildOf()
	own := monitor.New(build, l.store)
	if l.otlp, err = otlp.Listen(locked.receivers(at, own.Observe), l.store, log); err != nil {
		return nil, busy(err)
	}
	if l.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", at.HTTP); err != nil {
		return nil, busy(fmt.Errorf("serve the page: %w", err))
	}
	l.listener = netutil.LimitListener(l.listener, locked.MaxConnections)
	var follower analysis.Follower // the Watcher asks one thing after the other
	l.watcher, err = watch.New(ctx, watch.Config{
		Windows: l.store, Journal: journal{l.store}, Log: log,
		Analyze: func(in analysis.Input) *analysis.Report { return follower.Analyze(in, analysis.Options{}) },
		Left:    l.left,
	})
	if err != nil {
		return nil, err
	}
	page, err := web.New(web.Config{
		Incidents: l.watcher, Traces: l.store, Windows: l.store, Spans: spans{l.store}, Log: log,
		Turn: l.judging, Version: build.Version, Addr: l.listener.Addr().String(),
		Authorized: locked.authorized(), Secure: locked.scheme() == "https",
		Receivers: web.Receivers{GRPC: l.otlp.GRPCAddr(), HTTP: l.otlp.HTTPAddr()},
	})
	if err != nil {
		return nil, err
	}
	l.scheme = locked.scheme()
	l.page = newPageServer(locked, l.pages(locked, own, page.Handler()), log)
	l.page.RegisterOnShutdown(page.Close)
	return l, nil
}

// serve works until ctx ends or a part fails, and then closes everything:
// spans that were taken are written before it returns.
func (l *live) serve(ctx context.Context) error {
	g, working := errgroup.WithContext(ctx)
	g.Go(l.otlp.Serve)
	g.Go(func() error {
		if err := servePage(l.page, l.listener, l.scheme); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the page: %w", err)
		}
		return nil
	})
	g.Go(func() error { return l.watcher.Run(working) })
	g.Go(func() error {
		<-working.Done()
		l.health.Ready(false)
		l.log.Info("stopping: what was taken is being written; a second signal ends at once")
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		err := errors.Join(l.otlp.Shutdown(ending), l.page.Shutdown(ending))
		if errors.Is(err, context.DeadlineExceeded) {
			l.log.Warn("cut off what did not come to an end; its senders were not told that it was taken", "waited", shutdownTimeout)
			return nil
		}
		return err
	})
	l.health.Ready(true)
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
func (l *live) address() string { return l.scheme + "://" + l.listener.Addr().String() }

// busy says what to do about a port that is taken.
func busy(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w (--otlp-grpc, --otlp-http and --http set other addresses)", err)
	}
	return err
}
