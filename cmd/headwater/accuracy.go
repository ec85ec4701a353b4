package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"headwater/analysis"
	"headwater/analysis/accuracy"
)

type accuracyCmd struct {
	Folders   []string      `arg:"" optional:"" name:"dir" help:"Folders of labelled cases, or single ones: truth.json beside spans.* and, where there is one, baseline.*."`
	Scenarios bool          `help:"Measure on the shipped scenarios."`
	Only      string        `placeholder:"PATTERN" help:"Only scenarios with such names, or with --healthy systems, or with --recovery sorts of it (cold-cache): * stands for anything."`
	Seeds     uint64        `default:"1" help:"How many seeds each scenario is played with."`
	First     uint64        `default:"1" help:"The first seed."`
	Arbitrary uint64        `placeholder:"N" help:"Measure on N made-up scenarios: arbitrary faults in the shipped systems. Cases in which users feel nothing are left out."`
	Healthy   time.Duration `placeholder:"DURATION" help:"Play the shipped systems for so long with nothing wrong in them, and count the incidents reported all the same; fail where more than one system in ten has one."`
	Faint     bool          `help:"Play scenarios with faults of a third of their severity and record one trace in five. Cases in which users feel nothing are left out."`
	Loss      float64       `placeholder:"SHARE" help:"Lose this share of the spans of each scenario."`
	Workflows bool          `help:"Measure which workflows are found half done or done twice, in place of causes."`
	Risks     uint64        `placeholder:"N" help:"Plant a weakness into each of N healthy systems, and count how often it is among the first three risks."`
	Replay    bool          `help:"With --risks: compare how much dependencies may slow, by replay, with what the engine that made the traffic does."`
	Recovery  uint64        `placeholder:"N" help:"Play N faults that end and leave something behind, and measure the forecasts of the end and the verdicts on what keeps it up."`
	Whatif    bool          `help:"Measure what is said of changes, in place of causes: the engine that made each incident runs again with them."`
	Impatient uint64        `placeholder:"N" help:"With --whatif: N made-up scenarios in which users try again where they fail."`
	Given     bool          `help:"Give the analysis the trigger's time; else it looks for the incident itself."`
	Cases     bool          `help:"Print a line for every case, too."`
	JSON      string        `name:"json" placeholder:"FILE" help:"Write a line of JSON for every case."`
	Least     float64       `placeholder:"SHARE" help:"Fail where fewer than this share of the cases has the right cause first."`
}

// outcome is one case with what the analysis made of it.
type outcome struct {
	Case         string  `json:"case"`
	Seed         uint64  `json:"seed,omitempty"`
	Fault        string  `json:"fault"`
	Rank         int     `json:"rank"`
	Confidence   float64 `json:"confidence"`
	OnsetOff     float64 `json:"onset_off_seconds"`
	Unattributed float64 `json:"unattributed"` // share of the pain
	Truth        string  `json:"truth"`
	Answer       string  `json:"answer"`

	truth  *accuracy.Truth
	result accuracy.Result
	places []int // of the right answer: ours, then by accuracy.Methods
	unfelt bool
}

func (c *accuracyCmd) Run(ctx context.Context, t *terminal) error {
	if c.Healthy > 0 && c.Workflows {
		return c.measureWorkflows(ctx, t, c.wellCases())
	}
	if c.Healthy > 0 {
		return c.measureHealthy(ctx, t)
	}
	if c.Risks > 0 && c.Replay {
		return c.measureSlow(ctx, t)
	}
	if c.Risks > 0 {
		return c.measureRisks(ctx, t)
	}
	if c.Recovery > 0 {
		return c.measureRecovery(ctx, t)
	}
	if c.Whatif {
		return c.measureWhatif(ctx, t)
	}
	cases, err := c.find(t)
	if err != nil {
		return err
	}
	if c.Workflows {
		return c.measureWorkflows(ctx, t, cases)
	}
	outcomes, err := c.score(ctx, cases)
	if err != nil {
		return err
	}
	var table accuracy.Table
	var comparison accuracy.Comparison
	right, sick, unfelt := 0, 0, 0
	for _, o := range outcomes {
		switch {
		case o.unfelt:
			unfelt++
			continue
		case o.truth.Healthy:
			table.AddHealthy(o.Fault, o.result)
		default:
			table.Add(o.Fault, o.result)
			comparison.Add(o.places...)
			sick++
			if o.Rank == 1 {
				right++
			}
		}
		if c.Cases {
			fmt.Fprintf(t.out, "%s seed %d: rank %d of %s; first: %s\n", o.Case, o.Seed, o.Rank, o.Truth, o.Answer)
		}
	}
	if err := c.writeJSON(outcomes); err != nil {
		return err
	}
	if err := table.Write(t.out); err != nil {
		return err
	}
	if unfelt > 0 {
		fmt.Fprintf(t.out, "\nLeft out, since users felt nothing: %d.\n", unfelt)
	}
	fmt.Fprintln(t.out, "\nThe simple methods on the same cases; they are told when the incident was, and a node is enough:")
	fmt.Fprintln(t.out)
	if err := comparison.Write(t.out); err != nil {
		return err
	}
	if share := float64(right) / float64(max(sick, 1)); share < c.Least {
		return fmt.Errorf("%d of %d cases have the right cause first, wanted %.0f%%", right, sick, 100*c.Least)
	}
	return nil
}

// score analyses the cases, as many at a time as there are processors that help.
func (c *accuracyCmd) score(ctx context.Context, cases []labelled) ([]outcome, error) {
	const atOnce = 2 // each holds the spans of a case
	out := make([]outcome, len(cases))
	progress := newProgress(os.Stderr, len(cases))
	defer progress.end()
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, one := range cases {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			o, err := c.analyse(ctx, one)
			if err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			out[i] = o
			progress.step()
			return nil
		})
	}
	return out, group.Wait()
}

func (c *accuracyCmd) analyse(ctx context.Context, one labelled) (outcome, error) {
	r, err := one.load(ctx)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{Case: one.name, Seed: one.seed, Fault: one.fault(r.truth), Truth: r.truth.Cause.Name, truth: r.truth}
	if one.felt && !r.truth.Healthy && r.truth.UsersHit == 0 {
		o.unfelt = true
		return o, nil
	}
	if r.cut != nil {
		if err := r.cut(ctx); err != nil {
			return outcome{}, err
		}
	}
	in := analysis.Input{Windows: r.windows, Known: r.known}
	if c.Given && r.truth.TriggerStart != 0 {
		in.Incident = &analysis.Interval{Start: time.Unix(0, r.truth.TriggerStart).UTC()}
	}
	report := analysis.Analyze(in, analysis.Options{})
	o.result = accuracy.Score(r.truth, report)
	o.Rank, o.Confidence, o.OnsetOff = o.result.Rank, o.result.Confidence, o.result.Onset.Seconds()
	o.Unattributed = o.result.Aspects.Unattributed
	for i := range report.Incidents {
		if causes := report.Incidents[i].Causes; len(causes) > 0 {
			o.Answer = causes[0].Name
		}
	}
	if !r.truth.Healthy {
		from, to := r.truth.TriggerStart, max(r.truth.TriggerEnd, r.truth.UsersWell)
		if to == 0 {
			to = r.windows[len(r.windows)-1].Start + 1
		}
		scene := accuracy.NewScene(slices.Concat(r.known, r.windows), r.traces, from, to)
		o.places = []int{o.Rank}
		for _, m := range accuracy.Methods {
			o.places = append(o.places, r.truth.RankOf(m.Rank(scene)))
		}
	}
	return o, nil
}

func (c *accuracyCmd) writeJSON(outcomes []outcome) error {
	if c.JSON == "" {
		return nil
	}
	return writeFile(c.JSON, func(w io.Writer) error {
		out := json.NewEncoder(w)
		for i := range outcomes {
			if !outcomes[i].unfelt {
				if err := out.Encode(&outcomes[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

var errNoCases = errors.New("no case found: a case is a folder with a truth.json; --scenarios takes the shipped scenarios, --arbitrary made-up ones")
