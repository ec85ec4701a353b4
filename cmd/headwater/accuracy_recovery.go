package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"time"

	"headwater/analysis"
	"headwater/analysis/accuracy"
	"headwater/analysis/simulate"
	"headwater/graph"
	"headwater/graph/trace"
)

const (
	// leastRecovery is how long a recovery must take for its end to be forecast.
	leastRecovery = 2 * time.Minute
	// settles is how far behind the newest span the live loop's windows are.
	settles = 30 * time.Second
)

// measureRecovery plays faults that end and leave something behind. Halfway to
// the end of it, what came by then is analysed as the live loop would, and its
// forecast compared with the end; the verdict is taken from the whole.
func (c *accuracyCmd) measureRecovery(ctx context.Context, t *terminal) error {
	var table accuracy.RecoveryTable
	progress := newProgress(os.Stderr, int(c.Recovery))
	defer progress.end()
	for seed := c.First; seed < c.First+c.Recovery; seed++ {
		sc, err := simulate.Recovering(seed)
		if err != nil {
			return fmt.Errorf("seed %d: %w", seed, err)
		}
		if ok, err := path.Match(c.Only, sc.Fault); err != nil {
			return fmt.Errorf("--only %q: %w", c.Only, err)
		} else if !ok && c.Only != "" {
			progress.step()
			continue
		}
		o, err := recoveryOf(ctx, sc, seed)
		if err != nil {
			return fmt.Errorf("seed %d: %w", seed, err)
		}
		table.Add(o)
		if c.Cases {
			fmt.Fprintln(t.out, o)
		}
		progress.step()
	}
	progress.end()
	return table.Write(t.out)
}

// recoveryOf plays one case.
func recoveryOf(ctx context.Context, sc *simulate.Scenario, seed uint64) (o accuracy.Recovered, err error) {
	var spans []trace.Span
	truth, err := simulate.Run(ctx, sc, simulate.Options{Seed: seed}, func(b simulate.Batch) error {
		spans = append(spans, b.Spans...)
		return ctx.Err()
	})
	if err != nil {
		return o, err
	}
	o = accuracy.Recovered{Name: sc.Name, Kind: truth.Fault, Truth: truth, Helped: sc.Helped()}
	last := int64(0)
	for i := range spans {
		last = max(last, spans[i].Start)
	}
	whole := analysis.Analyze(analysis.Input{Windows: derive(assemble(spans))}, analysis.Options{})
	if in := lastOf(whole, truth); in != nil {
		o.Found, o.Said = true, in.Metastable
		o.Sustained = in.Sustained
	}
	o.Length = time.Duration(truth.Calm - truth.TriggerEnd)
	switch {
	case truth.Calm > last-int64(settles):
		o.Endless = true
		o.Length = 2 * 5 * time.Minute // looked at five minutes after the trigger's end
	case o.Length < leastRecovery || o.Helped:
		return o, nil
	}
	half := truth.TriggerEnd + int64(o.Length)/2
	o.Asked, o.At = true, time.Unix(0, half).UTC()
	var seen []trace.Span
	for i := range spans {
		if spans[i].End <= half {
			seen = append(seen, spans[i])
		}
	}
	var settled []*graph.Window
	for _, w := range derive(assemble(seen)) {
		if w.Start+w.Length <= half-int64(settles) {
			settled = append(settled, w)
		}
	}
	if in := lastOf(analysis.Analyze(analysis.Input{Windows: settled}, analysis.Options{}), truth); in != nil {
		o.Running = in.End == nil
		o.Forecast, o.Recovery = in.Forecast, in.Recovery
	}
	return o, nil
}

// lastOf is the incident that the fault made.
func lastOf(r *analysis.Report, t *accuracy.Truth) (last *analysis.Incident) {
	for i := range r.Incidents {
		in := &r.Incidents[i]
		if in.End == nil || in.End.UnixNano() > t.TriggerStart {
			if last == nil {
				last = in
			}
		}
	}
	return last
}
