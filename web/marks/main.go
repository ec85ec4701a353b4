//go:build browser

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	spans := flag.Int("spans", 10_000_000, "spans of the large system")
	services := flag.Int("services", 1000, "services of the wide system")
	runs := flag.Int("runs", 5, "how often each is measured")
	program := flag.String("headwater", "", "the program to measure; built from here where it is not given")
	only := flag.String("only", "", "measure the large or the wide system alone")
	url := flag.String("url", "", "address of a page to measure that runs already; with -only")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, choice{*program, *only, *url, *spans, *services, *runs}, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "marks:", err)
		os.Exit(1)
	}
}

// choice is what the flags say.
type choice struct {
	program, only, url    string
	spans, services, runs int
}

func run(ctx context.Context, c choice, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "headwater-marks-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if c.program == "" && c.url == "" {
		c.program = filepath.Join(folder, "headwater")
		build := exec.CommandContext(ctx, "go", "build", "-o", c.program, "./cmd/headwater")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build headwater: %w", err)
		}
	}
	m := &measurement{folder: folder, choice: c}
	script, err := scriptSize("web/dist/assets")
	if err != nil {
		return err
	}
	m.add(mark{name: "script of all pages, compressed", limit: 150 << 10, values: []float64{script}, unit: "KiB"})
	if c.only != "wide" {
		if err := m.large(ctx); err != nil {
			return fmt.Errorf("store of %d spans: %w", c.spans, err)
		}
	}
	if c.only != "large" {
		if err := m.wide(ctx); err != nil {
			return fmt.Errorf("graph of %d services: %w", c.services, err)
		}
	}
	return m.print(out)
}

// measurement gathers the marks.
type measurement struct {
	choice
	folder string
	marks  []mark
}

// mark is one thing that was measured a few times.
type mark struct {
	name   string
	limit  float64 // 0 for what is told beside the marks
	values []float64
	unit   string
}

func (m *measurement) add(k mark) { m.marks = append(m.marks, k) }

// waits adds how long people waited.
func (m *measurement) waits(name string, limit time.Duration, values []float64) {
	m.add(mark{name, float64(limit.Milliseconds()), values, "ms"})
}

var errMissed = errors.New("a mark is missed")

// print writes the table; a mark is held by its median.
func (m *measurement) print(out io.Writer) error {
	missed := false
	fmt.Fprintln(out, "| | median | slowest | at most |\n|---|---|---|---|")
	for _, k := range m.marks {
		slices.Sort(k.values)
		median, worst := k.values[len(k.values)/2], k.values[len(k.values)-1]
		divide := 1.0
		if k.unit == "KiB" {
			divide = 1024
		}
		limit := ""
		if k.limit > 0 {
			limit = fmt.Sprintf("%.0f %s", k.limit/divide, k.unit)
			if median > k.limit {
				limit += ", missed"
				missed = true
			}
		}
		fmt.Fprintf(out, "| %s | %.0f %s | %.0f %s | %s |\n", k.name, median/divide, k.unit, worst/divide, k.unit, limit)
	}
	if missed {
		return errMissed
	}
	return nil
}
