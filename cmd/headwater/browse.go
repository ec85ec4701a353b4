package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"golang.org/x/sync/errgroup"

	"headwater/analysis"
	"headwater/web"
)

// browse serves the page for a recording until ctx ends.
func browse(ctx context.Context, t *terminal, address string, r *recording, report *analysis.Report) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("serve the page: %w", err)
	}
	page, err := web.New(web.Config{
		Incidents: finished{report}, Traces: r.store, Windows: r.store, Spans: spans{r.store}, Log: t.log,
		Version: buildOf().Version, Addr: listener.Addr().String(),
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := newPageServer(unlocked, page.Handler(), t.log)
	server.RegisterOnShutdown(page.Close)
	g, working := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the page: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		<-working.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		return server.Shutdown(ending)
	})
	fmt.Fprintf(t.out, "\nBrowse it at http://%s (Ctrl-C ends it)\n", listener.Addr())
	return g.Wait()
}

// finished is the one report of a recording, as the page wants it.
type finished struct{ report *analysis.Report }

// Report implements web.Incidents.
func (f finished) Report() *analysis.Report { return f.report }

// Incident implements web.Incidents.
func (f finished) Incident(id string) (*analysis.Incident, bool) {
	for i := range f.report.Incidents {
		if f.report.Incidents[i].ID == id {
			return &f.report.Incidents[i], true
		}
	}
	return nil, false
}

// Subscribe implements web.Incidents: nothing changes any more.
func (finished) Subscribe(context.Context) <-chan struct{} { return make(chan struct{}) }
