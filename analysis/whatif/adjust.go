package whatif

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"headwater/analysis/simulate"
	"headwater/graph"
)

// A fit that does not do what happened is adjusted: numbers that windows tell only
// roughly (how much a service does at once, how many may wait there, for how long
// something went on) are changed one at a time, each time the one that brings the
// replay nearest to what was measured, until none does. That is indirect inference
// (Gourieroux, Monfort and Renault, Journal of Applied Econometrics, 1993) by
// coordinate descent.
const (
	// adjustRounds is how many numbers are changed at most, adjustMoves how many
	// changes are tried for each.
	adjustRounds = 5
	adjustMoves  = 32
	// nearer is the share of the distance that may be left after a change that is
	// worth it.
	nearer = 0.93
	// matters is how much slower something must have got, failsMore what share more
	// must have failed, for the time that it lasted to be looked at.
	matters   = 1.5
	failsMore = 0.1
)

// adjustment changes one number of a scenario that is a copy.
type adjustment struct {
	make func(*simulate.Scenario)
	of   string // what is changed; later ones of the same replace its words
	say  func(*simulate.Scenario) string
}

// The shares of the work that are done with the fit adjusted, and with the incident
// played again.
const (
	adjustDone = 0.07
	replayDone = 0.1
)

// adjust brings the fit nearer to what happened, and reports whether it could.
func (f *Fit) adjust(ctx context.Context, tell func(float64)) (bool, error) {
	was := f.Measure(f.measured)
	far := func(sc *simulate.Scenario) (float64, error) {
		windows, err := f.play(ctx, sc, 1)
		if err != nil {
			return 0, err
		}
		return f.distance(f.Measure(windows), was), nil
	}
	best, err := far(f.scenario)
	if err != nil {
		return false, err
	}
	words := map[string]string{}
	var order []string
	for round := range adjustRounds {
		tell(adjustDone * float64(round) / adjustRounds)
		off := best
		var next *simulate.Scenario
		var by adjustment
		for _, a := range f.adjustments() {
			sc, err := f.scenario.With()
			if err != nil {
				return false, err
			}
			sc.Parts.Databases = slices.Clone(sc.Parts.Databases)
			a.make(sc)
			d, err := far(sc)
			if err != nil {
				return false, err
			}
			if d < off {
				off, next, by = d, sc, a
			}
		}
		if next == nil || off > nearer*best {
			break
		}
		best, f.scenario = off, next
		if words[by.of] == "" {
			order = append(order, by.of)
		}
		words[by.of] = by.say(next)
	}
	if len(order) == 0 {
		return false, nil
	}
	var said []string
	for _, of := range order {
		said = append(said, words[of])
	}
	f.notes = append(f.notes, fmt.Sprintf("What was read from the windows did not do what happened until it was adjusted: %s.", strings.Join(said, "; ")))
	f.adopt()
	return true, nil
}

// adopt has the numbers of services say what the scenario has.
func (f *Fit) adopt() {
	for i := range f.services {
		s := &f.services[i]
		for _, spec := range f.scenario.Parts.Services {
			if spec.Name == s.name {
				s.Workers = spec.Workers
				if s.Queue > 0 {
					s.Queue = spec.Queue
				}
			}
		}
		for _, spec := range f.scenario.Parts.Databases {
			if spec.Name == s.name && s.Workers > 0 {
				s.Workers = spec.Parallelism
			}
		}
	}
}

// adjustments are the changes that are tried: of each half of them at most, where there
// are too many.
func (f *Fit) adjustments() []adjustment {
	numbers, lasts := f.roughly(), f.lasting()
	if len(numbers)+len(lasts) > adjustMoves {
		lasts = lasts[:min(len(lasts), max(adjustMoves/2, adjustMoves-len(numbers)))]
		numbers = numbers[:adjustMoves-len(lasts)]
	}
	return append(numbers, lasts...)
}

// roughly are other numbers of places, and of who may wait for one: first where most
// more was under way in the incident.
func (f *Fit) roughly() (out []adjustment) {
	number := func(of, what string, at func(*simulate.Scenario) *int) {
		now := *at(f.scenario)
		step := max(1, now/4)
		for _, v := range []int{now - step, now + step} {
			if v >= 1 {
				out = append(out, adjustment{of: of + what, make: func(sc *simulate.Scenario) { *at(sc) = v },
					say: func(sc *simulate.Scenario) string { return fmt.Sprintf(what, of, *at(sc)) }})
			}
		}
	}
	more := map[graph.NodeID]float64{}
	for i := range f.edges {
		more[f.edges[i].ID.Callee] += f.edges[i].occupied
	}
	limited := slices.Clone(f.services)
	slices.SortStableFunc(limited, func(a, b ServiceFit) int { return cmp.Compare(more[b.ID], more[a.ID]) })
	for _, l := range limited {
		for i, s := range f.scenario.Parts.Services {
			if s.Name != l.name {
				continue
			}
			if s.Workers > 0 {
				number(l.ID.Name, "%s does %d at once in each instance", func(sc *simulate.Scenario) *int { return &sc.Parts.Services[i].Workers })
			}
			if s.Queue > 0 && s.Queue < noLimit {
				number(l.ID.Name, "%s lets %d wait", func(sc *simulate.Scenario) *int { return &sc.Parts.Services[i].Queue })
			}
		}
		for i, s := range f.scenario.Parts.Databases {
			if s.Name == l.name && s.Parallelism > 0 {
				number(l.ID.Name, "%s does %d at once", func(sc *simulate.Scenario) *int { return &sc.Parts.Databases[i].Parallelism })
			}
		}
	}
	return out
}

// lasting are other ends of what went on.
func (f *Fit) lasting() (out []adjustment) {
	for i, x := range f.scenario.Faults {
		if x.Remedy || x.For == 0 || (x.Slow == nil || *x.Slow < matters) && (x.Errors == nil || *x.Errors < failsMore) {
			continue
		}
		for _, by := range []simulate.Duration{-3, -1, 1, 3} {
			until := x.At + x.For + by*simulate.Duration(f.length)
			if until <= x.At || until > f.scenario.Duration {
				continue
			}
			out = append(out, adjustment{of: fmt.Sprint("fault", i), make: func(sc *simulate.Scenario) { sc.Faults[i].For = until - x.At },
				say: func(sc *simulate.Scenario) string {
					y := &sc.Faults[i]
					return fmt.Sprintf("the trouble of %s lasts %s", f.names.nodes[y.Service+y.Database].Name, seconds(float64(y.For)/1e9))
				}})
		}
	}
	return out
}

// distance is how far a replay is from what happened: a number that is just off (see
// misses) counts one, and so do windows that all are.
func (f *Fit) distance(o, was Outcome) float64 {
	off := f.offBy(o, was)
	d := math.Abs(off.p95) + math.Abs(off.failed) + math.Abs(off.pain)
	if o.Recovered != was.Recovered {
		d++
	}
	if f.before(o) > f.before(was)+nearBefore {
		d += 100 // what was ill before is another system
	}
	each, n := 0.0, 0
	for i := range min(len(o.Course), len(was.Course)) {
		a, b := o.Course[i], was.Course[i]
		each += min(2, math.Abs(slowerBy(a.P95, b.P95))+math.Abs(a.Failed-b.Failed)/nearFailed)
		n++
	}
	return d + each/float64(max(n, 1))
}
