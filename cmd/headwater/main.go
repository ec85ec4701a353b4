package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type cli struct {
	Serve    serveCmd    `cmd:"" help:"Take spans over OTLP and show on a page where a cascade began."`
	Analyze  analyzeCmd  `cmd:"" help:"Read spans from files and print a report."`
	Check    checkCmd    `cmd:"" help:"Read all of a data folder and name what is damaged."`
	Demo     demoCmd     `cmd:"" help:"Play an incident and show how Headwater explains it."`
	Simulate simulateCmd `cmd:"" help:"Write the spans of a scenario, and what really happened, into files."`
	Accuracy accuracyCmd `cmd:"" help:"Measure the analysis on incidents whose cause is known."`
	Health   healthCmd   `cmd:"" help:"Ask a running Headwater whether it takes spans; for health checks."`

	Version kong.VersionFlag `help:"Print the version, what it was built from, and with what."`
}

const description = `Headwater tells where a cascade began, from OpenTelemetry spans alone.`

// terminal is where a command reads and writes. Reports go to out; what
// happens on the way goes to log.
type terminal struct {
	in  io.Reader
	out io.Writer
	log *slog.Logger
}

func main() {
	if err := run(interrupted(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "headwater:", err)
		os.Exit(1)
	}
}

// interrupted gives a context that ends with the first signal. A second one ends
// the process at once, which the store stands as it stands a crash.
func interrupted() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		second := <-signals
		fmt.Fprintln(os.Stderr, "headwater: ended at once by a second signal")
		code := 1
		if number, ok := second.(syscall.Signal); ok {
			code = 128 + int(number) // as shells say it
		}
		os.Exit(code)
	}()
	return ctx
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var c cli
	parser, err := kong.New(&c,
		kong.Name("headwater"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Vars{"version": buildText()}, kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w (headwater --help shows how it is used)", err)
	}
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(&terminal{in: stdin, out: stdout, log: slog.New(slog.NewTextHandler(stderr, nil))})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}
