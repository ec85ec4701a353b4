package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"headwater/analysis"
	"headwater/analysis/accuracy"
)

type accuracyCmd struct {
	Folders []string `arg:"" name:"dir" help:"Folders of labelled cases, or single ones: truth.json beside spans.* and, where there is one, baseline.*."`
	Given   bool     `help:"Give the analysis the trigger's time; else it looks for the incident itself."`
	Cases   bool     `help:"Print a line for every case, too."`
	Least   float64  `placeholder:"SHARE" help:"Fail where fewer than this share of the cases has the right cause first."`
}

func (c *accuracyCmd) Run(ctx context.Context, t *terminal) error {
	var table accuracy.Table
	cases, right := 0, 0
	for _, folder := range c.Folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.Name() != "truth.json" {
				return err
			}
			truth, result, err := c.score(ctx, t, filepath.Dir(path))
			if err != nil {
				return fmt.Errorf("%s: %w", filepath.Dir(path), err)
			}
			cases++
			if result.Rank == 1 {
				right++
			}
			if c.Cases {
				fmt.Fprintf(t.out, "%s: rank %d of %s\n", filepath.Base(filepath.Dir(path)), result.Rank, truth.Cause.Name)
			}
			table.Add(strings.TrimSpace(truth.Source+" "+truth.Fault), result)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if cases == 0 {
		return errors.New("no case found: a case is a folder with a truth.json")
	}
	if err := table.Write(t.out); err != nil {
		return err
	}
	if share := float64(right) / float64(cases); share < c.Least {
		return fmt.Errorf("%d of %d cases have the right cause first, wanted %.0f%%", right, cases, 100*c.Least)
	}
	return nil
}

// score analyses one case and compares the answer with its truth.
func (c *accuracyCmd) score(ctx context.Context, t *terminal, folder string) (*accuracy.Truth, accuracy.Result, error) {
	var truth accuracy.Truth
	text, err := os.ReadFile(filepath.Join(folder, "truth.json"))
	if err != nil {
		return nil, accuracy.Result{}, err
	}
	if err := json.Unmarshal(text, &truth); err != nil {
		return nil, accuracy.Result{}, fmt.Errorf("truth.json: %w", err)
	}
	files := func(name string) []string {
		found, _ := filepath.Glob(filepath.Join(folder, name+".*")) // the pattern is well formed
		return found
	}
	var in analysis.Input
	var read analyzeCmd
	if in.Windows, _, err = read.read(ctx, t, files("spans")); err != nil {
		return nil, accuracy.Result{}, err
	}
	if known := files("baseline"); len(known) > 0 {
		if in.Known, _, err = read.read(ctx, t, known); err != nil {
			return nil, accuracy.Result{}, err
		}
	}
	if c.Given && truth.TriggerStart != 0 {
		in.Incident = &analysis.Interval{Start: time.Unix(0, truth.TriggerStart).UTC()}
	}
	return &truth, accuracy.Score(&truth, analysis.Analyze(in, analysis.Options{})), nil
}
