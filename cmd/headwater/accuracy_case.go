package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"headwater/analysis/accuracy"
	"headwater/analysis/simulate"
	"headwater/graph"
	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/dump"
)

// labelled is a case that can be loaded.
type labelled struct {
	name string
	seed uint64 // of a scenario
	felt bool   // it counts only where users feel it
	load func(context.Context) (*recorded, error)
}

// recorded is a loaded case.
type recorded struct {
	truth          *accuracy.Truth
	windows, known []*graph.Window
	traces         []*trace.Trace // of windows
}

// fault is the case's row in the table.
func (l *labelled) fault(t *accuracy.Truth) string {
	if l.seed > 0 {
		return t.Fault
	}
	return strings.TrimSpace(t.Source + " " + t.Fault)
}

// find lists the cases that were asked for, in order.
func (c *accuracyCmd) find(t *terminal) ([]labelled, error) {
	var out []labelled
	for _, folder := range c.Folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Name() == "truth.json" {
				out = append(out, folderCase(t, filepath.Dir(path)))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if c.Scenarios {
		for seed := c.First; seed < c.First+c.Seeds; seed++ {
			for _, name := range simulate.Names() {
				if ok, err := path.Match(c.Only, name); err != nil {
					return nil, fmt.Errorf("--only %q: %w", c.Only, err)
				} else if ok || c.Only == "" {
					out = append(out, scenarioCase(name, seed, c.Faint, c.losing(simulate.Load)))
				}
			}
		}
	}
	for seed := c.First; seed < c.First+c.Arbitrary; seed++ {
		one := scenarioCase("arbitrary", seed, c.Faint, c.losing(func(string) (*simulate.Scenario, error) { return simulate.Arbitrary(seed) }))
		one.felt = true
		out = append(out, one)
	}
	if len(out) == 0 {
		return nil, errNoCases
	}
	return out, nil
}

// losing makes scenarios lose the share of their spans that was asked for.
func (c *accuracyCmd) losing(load func(string) (*simulate.Scenario, error)) func(string) (*simulate.Scenario, error) {
	return func(name string) (*simulate.Scenario, error) {
		sc, err := load(name)
		if err == nil && c.Loss > 0 {
			sc.Loss = c.Loss
		}
		return sc, err
	}
}

// scenarioCase plays a scenario in memory.
func scenarioCase(name string, seed uint64, faint bool, scenarioOf func(string) (*simulate.Scenario, error)) labelled {
	return labelled{name, seed, faint, func(ctx context.Context) (*recorded, error) {
		scenario, err := scenarioOf(name)
		if err != nil {
			return nil, err
		}
		opt := simulate.Options{Seed: seed}
		if faint {
			scenario = scenario.Faint()
			opt.Sample = 0.2
		}
		var spans []trace.Span
		var r recorded
		r.truth, err = simulate.Run(ctx, scenario, opt, func(b simulate.Batch) error {
			spans = append(spans, b.Spans...)
			return nil
		})
		r.traces = assemble(spans)
		r.windows = derive(r.traces)
		return &r, err
	}}
}

// folderCase reads a recorded case: through a store, as any dump, and once more
// for the traces, which the simple methods want whole.
func folderCase(t *terminal, folder string) labelled {
	return labelled{filepath.Base(folder), 0, false, func(ctx context.Context) (*recorded, error) {
		r := recorded{truth: &accuracy.Truth{}}
		text, err := os.ReadFile(filepath.Join(folder, "truth.json"))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, r.truth); err != nil {
			return nil, fmt.Errorf("truth.json: %w", err)
		}
		files := func(name string) []string {
			found, _ := filepath.Glob(filepath.Join(folder, name+".*")) // the pattern is well formed
			return found
		}
		if r.windows, err = windowsOf(ctx, t, files("spans")); err != nil {
			return nil, err
		}
		if known := files("baseline"); len(known) > 0 {
			if r.known, err = windowsOf(ctx, t, known); err != nil {
				return nil, err
			}
		}
		inputs, err := dump.Paths(files("spans"), nil)
		if err != nil {
			return nil, err
		}
		var all gathered
		if _, err := dump.Read(ctx, inputs, &all, dump.Options{}); err != nil {
			return nil, err
		}
		r.traces = assemble(all.spans)
		return &r, nil
	}}
}

// gathered is a Sink that keeps the spans in memory.
type gathered struct{ spans []trace.Span }

func (g *gathered) Write(_ context.Context, b *ingest.Batch) error {
	g.spans = append(g.spans, b.Spans...)
	return nil
}

// assemble makes the traces of spans in any order.
func assemble(spans []trace.Span) []*trace.Trace {
	slices.SortStableFunc(spans, func(a, b trace.Span) int { return slices.Compare(a.TraceID[:], b.TraceID[:]) })
	var out []*trace.Trace
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].TraceID == spans[0].TraceID {
			n++
		}
		out = append(out, trace.Assemble(spans[:n]))
		spans = spans[n:]
	}
	return out
}

// caseWindow is the length of a window, in nanoseconds: the store's default.
const caseWindow = int64(10e9)

// derive makes the windows of traces.
func derive(traces []*trace.Trace) []*graph.Window {
	in := map[int64][]*trace.Trace{}
	for _, t := range traces {
		last := int64(-1)
		for i := range t.Spans { // by start
			if w := t.Spans[i].Start - t.Spans[i].Start%caseWindow; w != last {
				in[w], last = append(in[w], t), w
			}
		}
	}
	var out []*graph.Window
	for _, start := range slices.Sorted(maps.Keys(in)) {
		out = append(out, graph.Derive(start, caseWindow, slices.Values(in[start]), nil))
	}
	return out
}
