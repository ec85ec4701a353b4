package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"headwater/analysis"
	"headwater/analysis/render"
)

type explainCmd struct {
	Cause string   `arg:"" help:"A cause, by its rank, name or id."`
	Files []string `arg:"" name:"file" help:"A report that analyze --format json wrote, or the recording itself."`
	question
}

// Help implements kong.HelpProvider.
func (explainCmd) Help() string {
	return `Examples:
  headwater explain 1 traces.json
  headwater explain orders-db report.json
  headwater explain 'checkout->orders' traces.json`
}

func (c *explainCmd) Run(ctx context.Context, t *terminal) error {
	report, err := c.report(ctx, t)
	if err != nil {
		return err
	}
	if len(report.Incidents) == 0 {
		return errors.New("there is no incident to explain a cause of")
	}
	found := 0
	for i := range report.Incidents {
		in := &report.Incidents[i]
		for j := range in.Causes {
			if !c.means(&in.Causes[j]) {
				continue
			}
			found++
			err := render.Explain(t.out, in, &in.Causes[j], render.TextOptions{Width: width(t.out), Color: colored(t.out)})
			if err != nil {
				return err
			}
		}
	}
	if found == 0 {
		return fmt.Errorf("no cause %q; there are %s", c.Cause, strings.Join(names(report), ", "))
	}
	return nil
}

// report reads a report, or makes one of a recording.
func (c *explainCmd) report(ctx context.Context, t *terminal) (*analysis.Report, error) {
	if len(c.Files) == 1 {
		if r := readReport(c.Files[0]); r != nil {
			return r, nil
		}
	}
	r, err := record(ctx, t, c.Files)
	if err != nil {
		return nil, err
	}
	report, err := c.ask(ctx, t, r)
	return report, errors.Join(err, r.close())
}

// largestReport bounds what is read to see whether a file is a report.
const largestReport = 64 << 20

// readReport reads a file that analyze wrote, or gives nil.
func readReport(path string) *analysis.Report {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Size() > largestReport {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return nil
	}
	var r struct {
		Incidents json.RawMessage `json:"incidents"`
		analysis.Report
	}
	if json.Unmarshal(text, &r) != nil || r.Incidents == nil || r.Version != analysis.ReportVersion {
		return nil
	}
	if json.Unmarshal(r.Incidents, &r.Report.Incidents) != nil {
		return nil
	}
	return &r.Report
}

// means reports whether a cause is the one that was asked for.
func (c *explainCmd) means(cause *analysis.Cause) bool {
	if rank, err := strconv.Atoi(c.Cause); err == nil {
		return rank == cause.Rank
	}
	return c.Cause == cause.ID || c.Cause == cause.Name
}

func names(r *analysis.Report) (all []string) {
	for i := range r.Incidents {
		for _, c := range r.Incidents[i].Causes {
			all = append(all, fmt.Sprintf("%d %s", c.Rank, c.Name))
		}
	}
	return all
}
