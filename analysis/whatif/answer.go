package whatif

import (
	"context"
	"fmt"
	"math"
	"slices"

	"headwater/analysis/simulate"
	"headwater/graph"
)

// WhatIf is what a change would have changed, or which change would have changed
// most. Without Known, nothing is said of changes.
type WhatIf struct {
	Known bool   `json:"known"`
	Why   string `json:"why,omitempty"` // it is not known
	Route string `json:"route"`         // the one that was hurt most: p95 and failures are its
	// Happened is what was measured, Replayed what the fit does without a change.
	Happened Outcome `json:"happened"`
	Replayed Effect  `json:"replayed"`
	// Changed is what the changes that were asked for would have made of it, all
	// together; null where none was.
	Changed *Effect `json:"changed"`
	// Containment are changes that were tried out, best first; empty where changes
	// were asked for.
	Containment []Effect `json:"containment"`
	// Ramp is how traffic could have come back; null where it need not be held back.
	Ramp  *Ramp    `json:"ramp"`
	Notes []string `json:"notes"`
}

// Effect is what came of runs with changes.
type Effect struct {
	Changes []Setting `json:"changes"`
	Outcome Outcome   `json:"outcome"` // the middle of the runs, number by number
	Runs    int       `json:"runs"`
	// Well is in how many of the runs users were well by the end; Open is set where
	// the runs disagree so much that chance decides, and Outcome.Recovered is a guess.
	Well int  `json:"runs_recovered"`
	Open bool `json:"recovery_open"`
	// Seed is that of the run in the middle, by what users lost: Play plays it again.
	Seed int64 `json:"seed"`
	// Low and High are the least and the greatest of the runs.
	P95Low      float64 `json:"p95_low"`
	P95High     float64 `json:"p95_high"`
	FailedLow   float64 `json:"failed_low"`
	FailedHigh  float64 `json:"failed_high"`
	SecondsLow  float64 `json:"seconds_low"`
	SecondsHigh float64 `json:"seconds_high"`
	// Spared is the share of the users' pain that would not have been.
	Spared   float64 `json:"spared"`
	Sentence string  `json:"sentence"`
	Command  string  `json:"command"` // the flags that ask for it
	// Beyond are the nodes to which more comes than was ever seen, and how much more:
	// whether they bear it is not known.
	Beyond []string `json:"beyond"`
}

// Options say how thoroughly to look.
type Options struct {
	// Runs is how many random seeds each answer is made from; 0 means 5.
	Runs int
	// Tell is called with how much of the work is done, from 0 to 1; it may be nil.
	Tell func(done float64)
}

const usualRuns = 5

func (o *Options) runs() int {
	if o.Runs > 0 {
		return o.Runs
	}
	return usualRuns
}

func (o *Options) tell(done float64) {
	if o.Tell != nil {
		o.Tell(min(1, done))
	}
}

// run plays the incident with changes, once with each seed.
func (f *Fit) run(ctx context.Context, changes []Setting, seeds []uint64) (Effect, error) {
	sc, err := f.With(changes...)
	if err != nil {
		return Effect{}, err
	}
	e := Effect{Changes: slices.Clone(changes), Runs: len(seeds), Beyond: []string{}}
	var outcomes []Outcome
	for i, seed := range seeds {
		windows, err := f.play(ctx, sc, seed)
		if err != nil {
			return Effect{}, err
		}
		if i == 0 {
			e.Beyond = f.unborne(windows)
		}
		o := f.Measure(windows)
		f.Charge(&o, windows, changes)
		outcomes = append(outcomes, o)
	}
	e.sum(outcomes, seeds)
	return e, nil
}

// farMore is by what factor more must come to a node than was ever seen for it not to
// be known whether it bears that.
const farMore = 1.5

// unborne are the nodes to which far more comes in a run than was ever seen, and
// whose limits did not show.
func (f *Fit) unborne(windows []*graph.Window) []string {
	out := []string{}
	limited := map[graph.NodeID]bool{}
	for i := range f.services {
		limited[f.services[i].ID] = f.services[i].Workers > 0
	}
	for _, id := range sortedNodes(f.usually.Nodes) {
		if limited[id] {
			continue
		}
		seen, now := float64(f.usually.Nodes[id].All.Visits)/float64(f.usually.Length)*float64(f.length), 0.0
		for _, w := range f.measured {
			seen = max(seen, float64(nodeOf(w, id).All.Visits))
		}
		for _, w := range windows {
			now = max(now, float64(nodeOf(w, id).All.Visits))
		}
		if seen >= fewVisits && now > farMore*seen+sure*math.Sqrt(seen) {
			out = append(out, fmt.Sprintf("%s %.1f times", id.Name, now/seen))
		}
	}
	return out
}

// seedsTried is how many seeds are tried before the fit is adjusted, seedsRare how many
// in all where none of them does what happened, and seedsEach how many for each run
// that is asked for where some do.
const (
	seedsTried = 20
	seedsRare  = 80
	seedsEach  = 4
)

// replayed is what the fit does without a change: of the runs with these seeds,
// which did what happened. Where none did, it is of those that were tried, and off
// says what they missed.
type replayed struct {
	effect Effect
	seeds  []uint64
	off    []string
}

// replay plays the incident without a change, until as many seeds did what
// happened as are asked for: chance decides whether a system tips over, and what
// happened says which way it decided. Where none did, the fit is adjusted, and as many
// tried once more; at last it is given more chances.
func (f *Fit) replay(ctx context.Context, opt Options) (*replayed, error) {
	runs := opt.runs()
	if r := f.replayed[runs]; r != nil {
		return r, nil
	}
	r, err := f.tryOut(ctx, runs, 1, seedsTried)
	if err == nil && len(r.off) > 0 && !f.adjusted {
		f.adjusted = true
		var better bool
		if better, err = f.adjust(ctx, opt.tell); better && err == nil {
			r, err = f.tryOut(ctx, runs, 1, seedsTried)
		}
	}
	if err == nil && len(r.off) > 0 {
		opt.tell(adjustDone)
		var rare *replayed
		if rare, err = f.tryOut(ctx, runs, seedsTried+1, seedsRare); err == nil && len(rare.off) == 0 {
			r = rare
		}
	}
	if err != nil {
		return nil, err
	}
	f.replayed[runs] = r
	return r, nil
}

// tryOut plays the incident with one seed after the other, until as many as are asked
// for did what happened. Whether any does hangs on no number of runs.
func (f *Fit) tryOut(ctx context.Context, runs, from, to int) (*replayed, error) {
	var r replayed
	var did, all []Outcome
	var tried []uint64
	for seed := uint64(from); len(did) < runs; seed++ {
		if seed > uint64(to) && (len(did) == 0 || seed > uint64(seedsEach*runs)) {
			break
		}
		windows, err := f.play(ctx, f.scenario, seed)
		if err != nil {
			return nil, err
		}
		o := f.Measure(windows)
		all, tried = append(all, o), append(tried, seed)
		if len(f.misses(o)) == 0 {
			did, r.seeds = append(did, o), append(r.seeds, seed)
		}
	}
	if len(did) == 0 {
		if r.off = f.misses(middle(all)); len(r.off) == 0 {
			r.off = f.misses(all[0])
		}
		did = all
	} else {
		tried = r.seeds
	}
	r.effect = Effect{Changes: []Setting{}, Beyond: []string{}, Runs: len(did), Sentence: "The incident played again without a change."}
	r.effect.sum(did, tried)
	return &r, nil
}

// With is the fitted scenario with changes.
func (f *Fit) With(changes ...Setting) (*simulate.Scenario, error) {
	var all []simulate.Fault
	for _, c := range changes {
		faults, err := f.faults(c)
		if err != nil {
			return nil, err
		}
		all = append(all, faults...)
	}
	return f.scenario.With(all...)
}

// Charge counts in an outcome what changes cost users: requests that are turned
// away are failures, and answers for which a call failed that is now optional are
// half of one. The windows are those of the outcome.
func (f *Fit) Charge(o *Outcome, windows []*graph.Window, changes []Setting) {
	for _, c := range changes {
		if c.Kind == MakeOptional {
			o.Pain += failureWorth / 2 * float64(f.missed(windows, c.Target))
		}
		if c.Kind != Shed {
			continue
		}
		from := f.from
		if c.At != nil {
			from += int(*c.At / f.length.Seconds())
		}
		worst := f.worst()
		var turned, all float64
		for _, id := range f.routes {
			if c.Target != AllRoutes && c.Target != id.Operation && c.Target != id.Node.Name+" "+id.Operation {
				continue
			}
			for _, w := range f.measured[min(max(from, 0), f.to):f.to] {
				n := c.Value * float64(routeOf(w, id).Requests)
				o.Pain += failureWorth * n
				if id == worst {
					turned += n
				}
			}
		}
		if turned > 0 {
			for _, w := range f.measured[f.from:f.to] {
				all += float64(routeOf(w, worst).Requests)
			}
			part := turned / all
			o.Failed = part + (1-part)*o.Failed
		}
	}
}

// missed is how many calls of an edge failed in the incident.
func (f *Fit) missed(windows []*graph.Window, target string) (n int64) {
	edges, err := f.edgesOf(target)
	if err != nil {
		return 0
	}
	begin, end := f.Span()
	for _, w := range windows {
		if w.Start >= begin.UnixNano() && w.Start < end.UnixNano() {
			for _, e := range edges {
				n += edgeOf(w, e.ID).Failed
			}
		}
	}
	return n
}

// openFrom is by which part of the runs at least must end otherwise than the others
// for whether users recover to be open: a third.
const openFrom = 3

// sum takes runs together, each of a seed.
func (e *Effect) sum(outcomes []Outcome, seeds []uint64) {
	e.Outcome = middle(outcomes)
	e.Well = recovered(outcomes)
	e.Open = min(e.Well, len(outcomes)-e.Well)*openFrom >= len(outcomes)
	off := math.Inf(1)
	for i := range outcomes {
		if d := math.Abs(outcomes[i].Pain - e.Outcome.Pain); d < off {
			off, e.Seed = d, int64(seeds[i])
		}
	}
	e.P95Low, e.FailedLow, e.SecondsLow = math.Inf(1), math.Inf(1), math.Inf(1)
	for _, o := range outcomes {
		e.P95Low, e.P95High = min(e.P95Low, o.P95), max(e.P95High, o.P95)
		e.FailedLow, e.FailedHigh = min(e.FailedLow, o.Failed), max(e.FailedHigh, o.Failed)
		e.SecondsLow, e.SecondsHigh = min(e.SecondsLow, o.Seconds), max(e.SecondsHigh, o.Seconds)
	}
	for _, v := range []*float64{&e.P95Low, &e.P95High, &e.FailedLow, &e.FailedHigh, &e.Outcome.P95, &e.Outcome.Failed} {
		*v = round(*v, 4)
	}
	e.Outcome.Pain = round(e.Outcome.Pain, 1)
}
