package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"headwater/analysis/risk"
	"headwater/analysis/simulate"
	"headwater/graph"
	"headwater/graph/trace"
)

const (
	// firstRisks is how many risks a reader looks at.
	firstRisks = 3
	// usuallyPlayed is how many dependencies are played where nobody says otherwise.
	usuallyPlayed = 10
)

// measureRisks plants a weakness into healthy systems, one each, and looks where
// it stands among the risks of the time before a fault finds it. That the fault
// hurts more with the weakness than without is measured, too.
func (c *accuracyCmd) measureRisks(ctx context.Context, t *terminal) error {
	progress := newProgress(os.Stderr, int(c.Risks))
	defer progress.end()
	tw := tabwriter.NewWriter(t.out, 0, 0, 1, ' ', 0)
	fmt.Fprintln(tw, "| case\t| planted\t| rank\t| risks\t| first\t| users' harm\t| without it\t|")
	fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	found, exposed := 0, 0
	for seed := c.First; seed < c.First+c.Risks; seed++ {
		r, w, hurt, err := riskyRun(ctx, seed, true)
		if err != nil {
			return fmt.Errorf("seed %d: %w", seed, err)
		}
		_, _, calm, err := riskyRun(ctx, seed, false)
		if err != nil {
			return fmt.Errorf("seed %d: %w", seed, err)
		}
		rank := rankOf(r.report, w)
		if rank > 0 && rank <= firstRisks {
			found++
		}
		if hurt > 1.2*calm {
			exposed++
		}
		first := ""
		if len(r.report.Risks) > 0 {
			first = string(r.report.Risks[0].Kind) + ": " + r.report.Risks[0].Subject
		}
		fmt.Fprintf(tw, "| %s\t| %s: %v\t| %d\t| %d\t| %s\t| %.2f s\t| %.2f s\t|\n", r.name, w.Kind, w.Names, rank, len(r.report.Risks), first, hurt, calm)
		if c.Cases {
			for i := range r.report.Risks[:min(5, len(r.report.Risks))] {
				k := &r.report.Risks[i]
				fmt.Fprintf(t.err, "%s: %d %.2f %s %s\n", r.name, k.Rank, k.Score, k.Kind, k.Subject)
			}
		}
		progress.step()
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	share := float64(found) / float64(max(1, c.Risks))
	fmt.Fprintf(t.out, "\nAmong the first %d: %d of %d. The fault hurt more with the weakness in %d.\n", firstRisks, found, c.Risks, exposed)
	fmt.Fprintln(t.out, "Users' harm is the mean time of their requests from the fault on, a failed one counted as 5 s.")
	if share < c.Least {
		return fmt.Errorf("%d of %d planted weaknesses are among the first %d, wanted %.0f%%", found, c.Risks, firstRisks, 100*c.Least)
	}
	return nil
}

type riskyCase struct {
	name   string
	report *risk.RiskReport
}

// riskyRun plays a system. Its risks are told from the time before the fault; hurt
// is what a request of a user cost from then on, in seconds.
func riskyRun(ctx context.Context, seed uint64, planted bool) (out riskyCase, w simulate.Weakness, hurt float64, err error) {
	sc, w, err := simulate.Weak(seed, planted)
	if err != nil {
		return out, w, 0, err
	}
	out.name = sc.Name
	var spans []trace.Span
	_, err = simulate.Run(ctx, sc, simulate.Options{Seed: seed}, func(b simulate.Batch) error {
		spans = append(spans, b.Spans...)
		return ctx.Err()
	})
	if err != nil {
		return out, w, 0, err
	}
	first := int64(0)
	for i := range spans {
		if first == 0 || spans[i].Start < first {
			first = spans[i].Start
		}
	}
	traces := assemble(spans)
	until := first + int64(w.FaultAt) - int64(30*time.Second) // what is under way then is not seen whole
	reader := risk.NewReader(risk.Options{})
	var before []*trace.Trace
	n := 0
	for _, tr := range traces {
		s := &tr.Spans[0]
		switch {
		case s.Start < until:
			before = append(before, tr)
		case s.Start >= first+int64(w.FaultAt) && len(tr.Roots) > 0 && tr.Spans[tr.Roots[0]].Kind == trace.KindServer && tr.Spans[tr.Roots[0]].Resource.Service != w.Apart:
			root := &tr.Spans[tr.Roots[0]]
			hurt += min(float64(root.Duration())/1e9, 30)
			if root.Outcome != trace.OK {
				hurt += 5
			}
			n++
		}
	}
	if planted {
		for _, tr := range before {
			reader.Add(tr)
		}
		windows := derive(before)
		reader.Windows(windows)
		out.report = reader.Report()
		if err := playRisks(ctx, reader, out.report, usuallyPlayed, nil); err != nil {
			return out, w, 0, err
		}
	}
	return out, w, hurt / float64(max(1, n)), nil
}

// rankOf is where the planted weakness stands; 0 for nowhere. A risk tells of it
// that names all parts that it lies between on one path.
func rankOf(r *risk.RiskReport, w simulate.Weakness) int {
	for i := range r.Risks {
		k := &r.Risks[i]
		if string(k.Kind) != w.Kind && !slices.Contains(w.Also, string(k.Kind)) {
			continue
		}
		paths := [][]graph.NodeID{k.Path}
		for _, o := range k.Others {
			paths = append(paths, o.Path)
		}
		for _, path := range paths {
			if !slices.ContainsFunc(w.Names, func(n string) bool {
				return !slices.ContainsFunc(path, func(id graph.NodeID) bool { return id.Name == n })
			}) {
				return k.Rank
			}
		}
	}
	return 0
}
