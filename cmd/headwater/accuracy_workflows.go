package main

import (
	"context"
	"fmt"
	"os"

	"headwater/analysis"
	"headwater/analysis/accuracy"
	"headwater/analysis/simulate"
	"headwater/analysis/workflow"
)

// measureWorkflows compares what is said of workflows with the truth, one case
// at a time.
func (c *accuracyCmd) measureWorkflows(ctx context.Context, t *terminal, cases []labelled) error {
	var table accuracy.WorkflowTable
	progress := newProgress(os.Stderr, len(cases))
	for _, one := range cases {
		r, err := one.load(ctx)
		if err != nil {
			progress.end()
			return fmt.Errorf("%s: %w", one.name, err)
		}
		found := analysis.Analyze(analysis.Input{Windows: r.windows, Known: r.known}, analysis.Options{})
		reader := workflow.NewReader(workflow.Options{Trouble: trouble(found)})
		for _, tr := range r.traces {
			reader.Add(tr)
		}
		said := judgedIDs(reader.Report())
		table.Add(one.name, r.truth, said)
		if c.Cases {
			fmt.Fprintf(t.out, "%s seed %d: %d half done, %d twice, %d not over\n", one.name, one.seed, len(said.HalfDone), len(said.Twice), len(said.Running))
		}
		progress.step()
	}
	progress.end()
	return table.Write(t.out)
}

func judgedIDs(r *workflow.WorkflowReport) (out accuracy.Judged) {
	for i := range r.Workflows {
		w := &r.Workflows[i]
		id := w.TraceID.String()
		switch w.State {
		case workflow.HalfDone:
			out.HalfDone = append(out.HalfDone, id)
		case workflow.Running:
			out.Running = append(out.Running, id)
		}
		if len(w.Twice) > 0 {
			out.Twice = append(out.Twice, id)
		}
	}
	return out
}

// wellCases are healthy days of the systems, deployments and blinks included.
func (c *accuracyCmd) wellCases() (out []labelled) {
	for _, system := range simulate.DaySystems() {
		for seed := c.First; seed < c.First+c.Seeds; seed++ {
			out = append(out, scenarioCase(system, seed, c.Faint, c.losing(func(system string) (*simulate.Scenario, error) {
				return simulate.HealthyDay(system, seed, c.Healthy)
			})))
		}
	}
	return out
}
