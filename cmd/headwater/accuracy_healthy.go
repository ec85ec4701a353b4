package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"slices"
	"text/tabwriter"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/graph"
)

// The analysis looks at healthy systems as the live loop does: at each look, a
// stretch of new windows and what came before it.
const (
	lookEvery = time.Hour
	lookBack  = 30 * time.Minute
	// settling is how far behind the newest spans a window is taken.
	settling = 60 * time.Second
)

// feltBy is the share of the requests of a route, in one look, that may fail on a day
// that is called healthy.
const feltBy = 0.05

// measureHealthy plays days on which nothing is wrong and counts the incidents
// that are reported all the same.
func (c *accuracyCmd) measureHealthy(ctx context.Context, t *terminal) error {
	var systems []string
	for _, system := range simulate.DaySystems() {
		if ok, err := path.Match(c.Only, system); err != nil {
			return fmt.Errorf("--only %q: %w", c.Only, err)
		} else if ok || c.Only == "" {
			systems = append(systems, system)
		}
	}
	progress := newProgress(os.Stderr, len(systems)*int(c.Seeds))
	defer progress.end()
	tw := tabwriter.NewWriter(t.out, 0, 0, 1, ' ', 0)
	fmt.Fprintln(tw, "| system\t| seed\t| windows\t| most failed\t| incidents\t| the first\t|")
	fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|---\t|---\t|")
	runs, incidents := 0, 0
	for seed := c.First; seed < c.First+c.Seeds; seed++ {
		for _, system := range systems {
			day, err := healthyRun(ctx, system, seed, c.Healthy, c.Faint)
			if err != nil {
				return fmt.Errorf("%s: %w", system, err)
			}
			if day.failed > feltBy {
				return fmt.Errorf("%s, seed %d: %.0f%% of the requests of a route fail at some time: this is no healthy day", system, seed, 100*day.failed)
			}
			first := ""
			if len(day.alarms) > 0 {
				first = day.alarms[0].Sentence
			}
			runs++
			incidents += len(day.alarms)
			fmt.Fprintf(tw, "| %s\t| %d\t| %d\t| %.1f%%\t| %d\t| %s\t|\n", system, seed, day.windows, 100*day.failed, len(day.alarms), first)
			progress.step()
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\nIncidents in %d healthy systems over %s each: %d.\n", runs, c.Healthy, incidents)
	if 10*incidents > runs {
		return fmt.Errorf("%d incidents in %d healthy systems, wanted at most one in ten", incidents, runs)
	}
	return nil
}

// healthyDay is what came of a day.
type healthyDay struct {
	windows int
	failed  float64             // largest share of the requests of a route that failed between two looks
	alarms  []analysis.Incident // that were reported
}

// felt takes in which requests failed.
func (d *healthyDay) felt(windows []*graph.Window) {
	for _, r := range graph.Sum(windows).Routes {
		if r.Requests >= 30 {
			d.failed = max(d.failed, float64(r.Failed)/float64(r.Requests))
		}
	}
}

// healthyRun plays one system and gives the incidents that were reported.
func healthyRun(ctx context.Context, system string, seed uint64, length time.Duration, faint bool) (day healthyDay, err error) {
	sc, err := simulate.HealthyDay(system, seed, length)
	if err != nil {
		return day, err
	}
	opt := simulate.Options{Seed: seed}
	if faint {
		opt.Sample = 0.2
	}
	folder := graph.NewFolder(caseWindow)
	var kept []*graph.Window
	looked := int64(0) // up to here
	look := func() {
		if len(kept) == 0 {
			return
		}
		fresh := slices.IndexFunc(kept, func(w *graph.Window) bool { return w.Start >= looked })
		day.felt(kept[fresh:])
		for _, inc := range analysis.Analyze(analysis.Input{Windows: kept}, analysis.Options{}).Incidents {
			if inc.Start.UnixNano() >= looked {
				day.alarms = append(day.alarms, inc)
			}
		}
		looked = kept[len(kept)-1].Start + caseWindow
		kept = slices.DeleteFunc(kept, func(w *graph.Window) bool { return w.Start < looked-int64(lookBack) })
	}
	take := func(until int64) {
		for _, start := range folder.Starts() {
			if start+caseWindow > until {
				break
			}
			kept = append(kept, folder.Take(start).Window)
			day.windows++
			if looked == 0 {
				looked = start
			}
			if start+caseWindow-looked >= int64(lookEvery) {
				look()
			}
		}
	}
	_, err = simulate.Run(ctx, sc, opt, func(b simulate.Batch) error {
		folder.Add(b.Spans)
		folder.Advance(b.At)
		take(b.At - int64(settling))
		return ctx.Err()
	})
	if err != nil {
		return day, err
	}
	folder.Finish()
	take(1<<63 - 1)
	if n := len(kept); n > 0 && kept[n-1].Start >= looked {
		look()
	}
	return day, nil
}
