package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"headwater/analysis/compare"
	"headwater/graph"
)

type diffCmd struct {
	Before string `arg:"" help:"A recording: a file or a folder, in any form that analyze reads."`
	After  string `arg:"" help:"The recording to compare with it."`
	Format string `enum:"text,json" default:"text" help:"text for people, json for machines. Default: text."`
}

// Help implements kong.HelpProvider.
func (diffCmd) Help() string {
	return `It tells what differs by more than chance explains: services, routes and calls
that came or went, what is slower or faster, fails, is retried or called more,
and requests whose traces are made of other spans than before. For where an
incident began, see analyze --baseline.

Examples:
  headwater diff before.json after.json
  headwater diff --format json release-1/ release-2/`
}

func (c *diffCmd) Run(ctx context.Context, t *terminal) error {
	var sides [2][]*graph.Window
	for i, path := range []string{c.Before, c.After} {
		r, err := record(ctx, t, []string{path})
		if err != nil {
			return err
		}
		sides[i] = r.windows
		if err := r.close(); err != nil {
			return err
		}
		if r.interrupted {
			return errors.New("interrupted")
		}
		if len(r.windows) == 0 {
			return fmt.Errorf("%s: no spans", path)
		}
	}
	d := compare.Compare(sides[0], sides[1])
	if c.Format == "json" {
		out := json.NewEncoder(t.out)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		return out.Encode(d)
	}
	return compare.Text(t.out, d)
}
