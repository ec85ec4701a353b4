package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"headwater/analysis"
	"headwater/analysis/accuracy"
	"headwater/analysis/risk"
	"headwater/analysis/simulate"
	"headwater/analysis/whatif"
	"headwater/graph"
	"headwater/graph/trace"
)

// slowedEach is how many dependencies of a system are compared, the most used.
const slowedEach = 6

// measureSlow compares by what factor dependencies may slow, as a replay says, with
// what the engine that made the traffic does. Half of the systems are healthy and
// weak somewhere; the others had an incident before, that showed how they are set.
func (c *accuracyCmd) measureSlow(ctx context.Context, t *terminal) error {
	progress := newProgress(os.Stderr, int(c.Risks))
	defer progress.end()
	var table accuracy.SlowTable
	for seed := c.First; seed < c.First+c.Risks; seed++ {
		pairs, why, err := slowPairs(ctx, seed)
		if err != nil {
			return fmt.Errorf("seed %d: %w", seed, err)
		}
		if why != "" {
			table.AddUnknown(why)
		}
		for _, p := range pairs {
			table.Add(p)
			if c.Cases {
				fmt.Fprintln(t.err, p)
			}
		}
		progress.step()
	}
	progress.end()
	return table.Write(t.out)
}

// slowCase makes a system: healthy ones with a weakness, and such that were pushed
// over their limit before.
func slowCase(seed uint64) (sc *simulate.Scenario, until time.Duration, err error) {
	if seed%2 == 1 {
		sc, err = simulate.Pressed(seed)
		return sc, 0, err
	}
	sc, w, err := simulate.Weak(seed, true)
	return sc, w.FaultAt - 30*time.Second, err
}

// slowPairs plays one system and compares.
func slowPairs(ctx context.Context, seed uint64) (out []accuracy.Slowed, why string, err error) {
	sc, until, err := slowCase(seed)
	if err != nil {
		return nil, "", err
	}
	var spans []trace.Span
	if _, err = simulate.Run(ctx, sc, simulate.Options{Seed: seed}, func(b simulate.Batch) error {
		for i := range b.Spans {
			if until == 0 || b.Spans[i].Start < simulate.DefaultStart.Add(until).UnixNano() {
				spans = append(spans, b.Spans[i])
			}
		}
		return ctx.Err()
	}); err != nil {
		return nil, "", err
	}
	traces := assemble(spans)
	windows := derive(traces)
	opt := risk.Options{}
	if until == 0 {
		opt.Trouble = trouble(analysis.Analyze(analysis.Input{Windows: windows}, analysis.Options{}))
	}
	reader := risk.NewReader(opt)
	reader.Windows(windows)
	for _, tr := range traces {
		reader.Add(tr)
	}
	said := reader.Report()
	fit, err := whatif.NewHealthy(ctx, whatif.Well(reader.Seen()))
	if err != nil {
		return nil, err.Error(), ctx.Err()
	}
	if err := said.Play(ctx, fit, nil, slowedEach, nil); err != nil {
		return nil, "", err
	}
	true1 := newTrueSystem(sc, seed, windows, fit)
	for i := range said.Room {
		row := &said.Room[i]
		if row.Played == nil {
			continue
		}
		is := risk.RiskReport{Room: []risk.RiskRoom{{Node: row.Node}}}
		if err := is.Play(ctx, true1, nil, 1, nil); err != nil {
			return nil, "", err
		}
		p := accuracy.Slowed{Case: sc.Name, Node: row.Node.Name, Known: row.Played.Known, Why: row.Played.Why, Window: row.Factor, WindowBy: row.By}
		for _, l := range []struct {
			to       *accuracy.SlowLimit
			said, is risk.RiskLimit
		}{{&p.Felt, row.Played.Felt, is.Room[0].Played.Felt}, {&p.Stuck, row.Played.Stuck, is.Room[0].Played.Stuck}} {
			*l.to = accuracy.SlowLimit{Said: l.said.Factor, Least: l.said.Least, Exact: l.said.Exact(), True: l.is.Factor}
		}
		out = append(out, p)
	}
	return out, "", nil
}

// trueSystem slows parts of the engine that made the traffic.
type trueSystem struct {
	whatifCase
	calm *simulate.Scenario
	fit  *whatif.Healthy
	base map[uint64][]*graph.Window
}

func newTrueSystem(sc *simulate.Scenario, seed uint64, windows []*graph.Window, fit *whatif.Healthy) *trueSystem {
	_, length := fit.Seconds()
	s := &trueSystem{whatifCase: whatifCase{played: played{scenario: sc, seed: seed}, windows: windows}, calm: sc.Well().Lasting(length), fit: fit, base: map[uint64][]*graph.Window{}}
	s.names = s.trueNames()
	return s
}

// Unlike implements risk.Player.
func (s *trueSystem) Unlike(id graph.NodeID) string {
	if _, err := s.slow(id, 1); err != nil {
		return err.Error()
	}
	return ""
}

func (s *trueSystem) slow(id graph.NodeID, factor float64) (*simulate.Scenario, error) {
	factor = 1 + (factor-1)*s.whole(id)
	at, _ := s.fit.Seconds()
	f := simulate.Fault{At: simulate.Duration(at), For: simulate.Duration(whatif.SlowFor), Slow: &factor}
	name := s.part(id.Name)
	parts := &s.scenario.Parts
	for _, p := range parts.Services {
		if p.Name == name {
			f.Service = name
		}
	}
	for _, q := range parts.Queues {
		if q.Name == name {
			f.Broker = q.Broker
		}
	}
	for _, list := range []struct {
		names []simulate.Station
		set   *string
	}{{parts.Databases, &f.Database}, {parts.Caches, &f.Cache}, {parts.Brokers, &f.Broker}, {parts.Externals, &f.External}} {
		for i := range list.names {
			if list.names[i].Name == name {
				*list.set = name
			}
		}
	}
	return s.calm.With(f)
}

// whole is how much longer than its work an answer of what sends no spans takes, by
// the way to it: it is slow by a factor as its callers see it.
func (s *trueSystem) whole(id graph.NodeID) float64 {
	if id.Kind == graph.Service {
		return 1
	}
	var all graph.Moments
	for _, w := range s.windows[:min(len(s.windows), 24)] { // before any fault
		if n := w.Nodes[id]; n != nil {
			all.Merge(n.All.TimeOK)
		}
	}
	work := 0.0
	for _, list := range s.stations() {
		for i := range list {
			if list[i].Name == s.part(id.Name) {
				work = float64(list[i].Time)
			}
		}
	}
	if work == 0 || all.N == 0 {
		return 1
	}
	return max(1, all.Mean()/work)
}

// Slow implements risk.Player.
func (s *trueSystem) Slow(ctx context.Context, id graph.NodeID, factor float64) (felt, stuck, seen bool, err error) {
	sc, err := s.slow(id, factor)
	if err != nil {
		return false, false, false, err
	}
	run := func(sc *simulate.Scenario, seed uint64) ([]*graph.Window, error) {
		return simulate.Windows(ctx, sc, simulate.Options{Seed: seed}, time.Duration(caseWindow), s.names)
	}
	const seeds = 3
	times := 0
	for k := range uint64(seeds) {
		if s.base[k] == nil {
			if s.base[k], err = run(s.calm, s.seed+k); err != nil {
				return false, false, false, err
			}
		}
		windows, err := run(sc, s.seed+k)
		if err != nil {
			return false, false, false, err
		}
		f, st := s.fit.Judge(s.base[k], windows)
		if k == 0 {
			felt = f
		}
		if st {
			times++
		} else if k == 0 {
			break
		}
	}
	return felt, 2*times > seeds, true, nil
}

// Retried implements risk.Player: what holds the system is not compared.
func (s *trueSystem) Retried(context.Context, graph.NodeID, float64) ([]graph.EdgeID, []float64, error) {
	return nil, nil, nil
}

// Mend implements risk.Player.
func (s *trueSystem) Mend(context.Context, graph.NodeID, float64, []graph.EdgeID) (string, int, error) {
	return "", 0, nil
}
