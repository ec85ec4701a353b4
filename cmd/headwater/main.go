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
	Quiet   bool `short:"q" xor:"loud" help:"Say nothing but results and errors."`
	Verbose bool `short:"v" xor:"loud" help:"Say more about what happens on the way."`

	Serve      serveCmd      `cmd:"" help:"Take spans over OTLP and show on a page where a cascade began."`
	Analyze    analyzeCmd    `cmd:"" help:"Read spans from files and tell where a cascade began."`
	Explain    explainCmd    `cmd:"" help:"Show the arithmetic behind a cause's share."`
	Diff       diffCmd       `cmd:"" help:"Tell what changed between two recordings."`
	Workflows  workflowsCmd  `cmd:"" help:"Tell which workflows an incident left half done, did twice, or left waiting."`
	Risks      risksCmd      `cmd:"" help:"Tell from healthy traffic what would break when a dependency slows down."`
	Whatif     whatifCmd     `cmd:"" help:"Tell what would have contained an incident, or what a change would have made of it."`
	Convert    convertCmd    `cmd:"" help:"Write spans of any form in another."`
	Export     exportCmd     `cmd:"" help:"Write the spans of a data folder to a file."`
	Import     importCmd     `cmd:"" help:"Send the spans of files to a running Headwater."`
	Check      checkCmd      `cmd:"" help:"Read all of a data folder and name what is damaged."`
	Health     healthCmd     `cmd:"" help:"Ask a running Headwater whether it takes spans; for health checks."`
	Demo       demoCmd       `cmd:"" help:"Play an incident and show how Headwater explains it."`
	Simulate   simulateCmd   `cmd:"" help:"Write the spans of a scenario, and what really happened, into files."`
	Accuracy   accuracyCmd   `cmd:"" help:"Measure the analysis on incidents whose cause is known."`
	Completion completionCmd `cmd:"" help:"Print a script that completes commands in a shell."`

	Version kong.VersionFlag `help:"Print the version, what it was built from, and with what."`
}

const description = `Headwater tells where a cascade began, from OpenTelemetry spans alone.`

func main() {
	if err := run(interrupted(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		var code exitError
		if errors.As(err, &code) {
			os.Exit(int(code))
		}
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
	t := &terminal{in: stdin, out: stdout, err: stderr, quiet: c.Quiet}
	level := slog.LevelInfo
	switch {
	case c.Quiet:
		level = slog.LevelError
	case c.Verbose:
		level = slog.LevelDebug
	}
	t.log = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	err = command.Run(t, parser.Model)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}
