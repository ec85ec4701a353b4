package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"headwater/analysis"
	"headwater/analysis/accuracy"
	"headwater/analysis/simulate"
	"headwater/analysis/whatif"
	"headwater/graph"
	"headwater/graph/trace"
)

// played is a case that can be played again.
type played struct {
	name     string
	seed     uint64
	scenario *simulate.Scenario
}

const (
	// pairsOfCandidates and pairsOfOthers are how many changes are compared for each
	// incident: of those that might contain it, and others.
	pairsOfCandidates = 3
	pairsOfOthers     = 3
	// sameWorth is the share of the pain by which changes must differ for one to be
	// better than the other, and useless how little one may spare.
	sameWorth = 0.01
	useless   = 0.05
	// whatifRuns is how many seeds each answer is made from.
	whatifRuns = 3
)

// measureWhatif compares what is said of changes with what becomes of the incident
// when the engine that made it runs again with them.
func (c *accuracyCmd) measureWhatif(ctx context.Context, t *terminal) error {
	cases, err := c.playable()
	if err != nil {
		return err
	}
	const atOnce = 2
	answers := make([]*whatifCase, len(cases))
	progress := newProgress(os.Stderr, len(cases))
	defer progress.end()
	var mu sync.Mutex
	group, playing := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, one := range cases {
		group.Go(func() error {
			a := &whatifCase{played: one}
			if err := a.measure(playing); err != nil {
				return fmt.Errorf("%s seed %d: %w", one.name, one.seed, err)
			}
			mu.Lock()
			defer mu.Unlock()
			answers[i] = a
			progress.step()
			if c.Cases {
				a.print(t)
			}
			return nil
		})
	}
	err = group.Wait()
	progress.end()
	if err != nil && ctx.Err() == nil {
		return err
	}
	var table accuracy.WhatIfTable
	done := 0
	for _, a := range answers {
		if a != nil {
			a.count(&table)
			done++
		}
	}
	if done < len(cases) {
		t.log.Warn("interrupted: the table is of what was measured so far", "cases", done, "of", len(cases))
	}
	return table.Write(t.out)
}

// playable lists the cases that were asked for.
func (c *accuracyCmd) playable() (out []played, err error) {
	for seed := c.First; c.Scenarios && seed < c.First+c.Seeds; seed++ {
		for _, name := range simulate.Names() {
			if ok, err := path.Match(c.Only, name); err != nil {
				return nil, fmt.Errorf("--only %q: %w", c.Only, err)
			} else if !ok && c.Only != "" {
				continue
			}
			sc, err := simulate.Load(name)
			if err != nil {
				return nil, err
			}
			if !sc.Healthy {
				out = append(out, played{name, seed, sc})
			}
		}
	}
	for seed := c.First; seed < c.First+c.Arbitrary; seed++ {
		draw := simulate.Arbitrary
		if seed%3 != 0 { // where more depends on how the system is set
			draw = simulate.Pressed
		}
		sc, err := draw(seed)
		if err != nil {
			return nil, err
		}
		out = append(out, played{sc.Name, seed, sc})
	}
	for seed := c.First; seed < c.First+c.Impatient; seed++ {
		sc, err := simulate.Impatient(seed)
		if err != nil {
			return nil, err
		}
		out = append(out, played{sc.Name, seed, sc})
	}
	if len(out) == 0 {
		return nil, errNoCases
	}
	return out, nil
}

// whatifCase is what was said of one incident, and what is true.
type whatifCase struct {
	played
	fit     *whatif.Fit
	found   bool
	answer  *whatif.WhatIf
	why     string
	was     whatif.Outcome
	pairs   []accuracy.Pair
	ranked  accuracy.Ranked
	first   string
	windows []*graph.Window
	names   trueNames
}

// record plays the case and makes the windows of its spans.
func (a *whatifCase) record(ctx context.Context) error {
	var spans []trace.Span
	if _, err := simulate.Run(ctx, a.scenario, simulate.Options{Seed: a.seed}, func(b simulate.Batch) error {
		spans = append(spans, b.Spans...)
		return nil
	}); err != nil {
		return err
	}
	// What began before the end of the scenario runs on after it, but nobody comes anew:
	// of that time no run says whether users are well.
	end := simulate.DefaultStart.Add(time.Duration(a.scenario.Duration)).UnixNano()
	a.windows = slices.DeleteFunc(derive(assemble(spans)), func(w *graph.Window) bool { return w.Start >= end })
	a.names = a.trueNames()
	return nil
}

func (a *whatifCase) measure(ctx context.Context) error {
	if err := a.record(ctx); err != nil {
		return err
	}
	in, err := incidentIn(analysis.Analyze(analysis.Input{Windows: a.windows}, analysis.Options{}), "worst")
	if err != nil {
		return nil //nolint:nilerr // it counts as not found
	}
	if len(in.Impact) == 0 {
		return nil // users felt nothing
	}
	a.found = true
	if a.fit, err = whatif.New(whatif.Input{Windows: a.windows, Incident: timeOf(in)}); err != nil {
		a.why = err.Error()
		return nil //nolint:nilerr // what can't be fitted counts as unknown
	}
	if a.answer, err = a.fit.Ask(ctx, nil, whatif.Options{Runs: whatifRuns}); err != nil {
		return err
	}
	a.was = a.answer.Happened
	if a.was.Seconds == 0 {
		a.found = false // nobody was hurt
		return nil
	}
	if !a.answer.Known {
		a.why = a.answer.Why
		return nil
	}
	return a.compare(ctx)
}

// compare plays the changes in both engines.
func (a *whatifCase) compare(ctx context.Context) error {
	r := rand.New(rand.NewPCG(a.seed, 11))
	candidates := a.fit.Candidates()
	truth := make([]whatif.Outcome, len(candidates))
	for i, c := range candidates {
		o, err := a.again(ctx, c)
		if err != nil {
			return fmt.Errorf("%s: %w", queries(c), err)
		}
		truth[i] = o
	}
	for _, i := range r.Perm(len(candidates))[:min(len(candidates), pairsOfCandidates)] {
		if err := a.pair(ctx, candidates[i], truth[i]); err != nil {
			return err
		}
	}
	others := a.fit.Possible()
	for _, i := range r.Perm(len(others))[:min(len(others), pairsOfOthers)] {
		other := others[i : i+1]
		o, err := a.again(ctx, other)
		if err != nil {
			return fmt.Errorf("%s: %w", queries(other), err)
		}
		if err := a.pair(ctx, other, o); err != nil {
			return err
		}
	}
	a.ranked = accuracy.Ranked{Case: a.name, Of: len(candidates), None: true}
	for i := range truth {
		if truth[i].Pain < (1-useless)*a.was.Pain {
			a.ranked.None = false
		}
	}
	if len(a.answer.Containment) > 0 {
		a.first = queries(a.answer.Containment[0].Changes)
		at := slices.IndexFunc(candidates, func(c []whatif.Setting) bool { return queries(c) == a.first })
		a.ranked.Place = 1
		for i := range truth {
			if truth[i].Pain < truth[at].Pain-sameWorth*a.was.Pain {
				a.ranked.Place++
			}
		}
	}
	return nil
}

func (a *whatifCase) pair(ctx context.Context, c []whatif.Setting, is whatif.Outcome) error {
	said, err := a.fit.Ask(ctx, c, whatif.Options{Runs: whatifRuns})
	if err != nil {
		return fmt.Errorf("%s: %w", queries(c), err)
	}
	o := said.Changed.Outcome
	a.pairs = append(a.pairs, accuracy.Pair{
		Case: a.name, Change: queries(c), SaidP95: o.P95, P95: is.P95, SaidFailed: o.Failed, Failed: is.Failed,
		SaidRecovered: o.Recovered, Recovered: is.Recovered,
		SaidOpen: said.Changed.Open, SaidBeyond: slices.ContainsFunc(said.Notes, func(n string) bool { return !slices.Contains(a.answer.Notes, n) }), SaidPain: o.Pain, Pain: is.Pain, PainAsItWas: a.was.Pain,
	})
	return nil
}

// queries are changes in words.
func queries(changes []whatif.Setting) string {
	var words []string
	for i := range changes {
		words = append(words, changes[i].Query())
	}
	return strings.Join(words, ", ")
}

// again runs the engine that made the incident with changes.
func (a *whatifCase) again(ctx context.Context, changes []whatif.Setting) (whatif.Outcome, error) {
	var faults []simulate.Fault
	for _, c := range changes {
		fault, err := a.remedy(c)
		if err != nil {
			return whatif.Outcome{}, err
		}
		faults = append(faults, fault)
	}
	sc, err := a.scenario.With(faults...)
	if err != nil {
		return whatif.Outcome{}, err
	}
	windows, err := simulate.Windows(ctx, sc, simulate.Options{Seed: a.seed}, time.Duration(caseWindow), a.names)
	if err != nil {
		return whatif.Outcome{}, err
	}
	o := a.fit.Measure(windows)
	a.fit.Charge(&o, windows, changes)
	return o, nil
}

func (a *whatifCase) count(table *accuracy.WhatIfTable) {
	switch {
	case !a.found:
		table.AddMissed()
		return
	case a.why != "":
		table.AddUnknown(a.why)
		return
	}
	for _, p := range a.pairs {
		table.Add(p)
	}
	table.AddRanked(a.ranked)
}

func (a *whatifCase) print(t *terminal) {
	switch {
	case !a.found:
		fmt.Fprintf(t.out, "%s seed %d: no incident that users felt\n", a.name, a.seed)
		return
	case a.why != "":
		fmt.Fprintf(t.out, "%s seed %d: unknown: %s\n", a.name, a.seed, a.why)
		return
	}
	fmt.Fprintf(t.out, "%s seed %d: first %q, place %d of %d (none helps: %v)\n", a.name, a.seed, a.first, a.ranked.Place, a.ranked.Of, a.ranked.None)
	for _, p := range a.pairs {
		fmt.Fprintf(t.out, "    %-50s p95 %.2f, true %.2f (was %.2f); failed %.3f, true %.3f (was %.3f); recovers %s, true %v; pain %.0f, true %.0f (was %.0f)\n",
			p.Change, p.SaidP95, p.P95, a.was.P95, p.SaidFailed, p.Failed, a.was.Failed, said(&p), p.Recovered, p.SaidPain, p.Pain, p.PainAsItWas)
	}
}

// said is what was said of whether users recover.
func said(p *accuracy.Pair) string {
	if p.SaidOpen {
		return "open"
	}
	return fmt.Sprint(p.SaidRecovered)
}
