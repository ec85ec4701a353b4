package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"headwater/analysis"
	"headwater/analysis/simulate"
)

type demoCmd struct {
	Scenario string `arg:"" optional:"" default:"slow-database" help:"Name of a shipped scenario, or a YAML file. Default: slow-database."`
	List     bool   `help:"Name the shipped scenarios."`
	Seed     uint64 `default:"1" help:"Another seed plays out differently. Default: 1."`
	addresses
}

func (c *demoCmd) Run(ctx context.Context, t *terminal) (err error) {
	if c.List {
		return list(t)
	}
	scenario, err := loadScenario(c.Scenario)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "headwater-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	for _, address := range []*string{&c.OTLPGRPC, &c.OTLPHTTP, &c.HTTP} {
		if err := c.avoidTaken(ctx, t, address); err != nil {
			return err
		}
	}
	l, err := open(ctx, filepath.Join(folder, "data"), c.addresses, keeping{}, unlocked, t.log)
	if err != nil {
		return err
	}
	t.say("%s: %s", scenario.Name, scenario.Description)
	t.say("page: %s   OTLP: %s (gRPC), %s (HTTP)   Ctrl-C ends it", l.address(), l.otlp.GRPCAddr(), l.otlp.HTTPAddr())

	g, playing := errgroup.WithContext(ctx)
	g.Go(func() error { return l.serve(playing) })
	g.Go(func() error { return tell(playing, t, l) })
	g.Go(func() error {
		return play(playing, t, scenario, simulate.Options{Seed: c.Seed}, l.otlp.GRPCAddr())
	})
	if err := g.Wait(); ctx.Err() == nil {
		return err
	}
	return nil // Ctrl-C is how a demo ends, whatever was on its way
}

// list names the shipped scenarios in a sentence each.
func list(t *terminal) error {
	for _, name := range simulate.Names() {
		description, err := simulate.Describe(name)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(t.out, "%-28s %s\n", name, description); err != nil {
			return err
		}
	}
	return nil
}

// avoidTaken replaces an address that another process listens on by a free one.
func (c *demoCmd) avoidTaken(ctx context.Context, t *terminal, address *string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *address)
	if err == nil {
		return listener.Close()
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	host, _, err := net.SplitHostPort(*address)
	if err != nil {
		return err
	}
	t.say("%s is taken by another process; the demo uses a free port instead", *address)
	*address = net.JoinHostPort(host, "0")
	return nil
}

// tell prints what the live loop says about incidents, when it says something
// new.
func tell(ctx context.Context, t *terminal, l *live) error {
	told := map[string]string{}
	for changes := l.watcher.Subscribe(ctx); ; {
		for _, in := range l.watcher.Report().Incidents {
			if news := in.Left; news.Any() && told["left by "+in.ID] != news.Sentence {
				told["left by "+in.ID] = news.Sentence
				t.say("%s", news.Sentence)
				t.say("  %s/incidents/%s?workflows=1", l.address(), in.ID)
			}
			news := headline(&in)
			if told[in.ID] == news {
				continue
			}
			told[in.ID] = news
			t.say("%s", in.Sentence)
			t.say("  %s   %s/incidents/%s", news, l.address(), in.ID)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
		}
	}
}

// headline is what of an incident is worth a new line.
func headline(in *analysis.Incident) string {
	if len(in.Causes) == 0 {
		return fmt.Sprintf("%s, no cause found yet", in.State)
	}
	return fmt.Sprintf("%s, cause: %s (%s)", in.State, in.Causes[0].Name, in.Causes[0].Kind)
}

// say prints a line with the time.
func (t *terminal) say(format string, args ...any) {
	fmt.Fprintf(t.out, "%s  %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}
