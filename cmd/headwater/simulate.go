package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"headwater/analysis/accuracy"
	"headwater/analysis/simulate"
	"headwater/ingest/wire"
)

type simulateCmd struct {
	Scenario string `arg:"" help:"Name of a shipped scenario (headwater demo --list names them), or a YAML file."`
	Seed     uint64 `default:"1" help:"Another seed plays out differently. Default: 1."`
	Out      string `type:"path" placeholder:"FOLDER" help:"Folder for spans.jsonl.zst and truth.json. Default: named after the scenario."`
}

func (c *simulateCmd) Run(ctx context.Context, t *terminal) error {
	scenario, err := loadScenario(c.Scenario)
	if err != nil {
		return err
	}
	folder := cmp.Or(c.Out, scenario.Name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	spans := filepath.Join(folder, "spans.jsonl.zst")
	written := 0
	var truth *accuracy.Truth
	err = writeFile(spans, func(w io.Writer) error {
		packed, err := zstd.NewWriter(w)
		if err != nil {
			return err
		}
		truth, err = simulate.Run(ctx, scenario, simulate.Options{Seed: c.Seed}, func(b simulate.Batch) error {
			written += len(b.Spans)
			line, err := wire.EncodeJSON(b.Spans)
			if err != nil {
				return err
			}
			_, err = packed.Write(append(line, '\n'))
			return err
		})
		return errors.Join(err, packed.Close())
	})
	if err != nil {
		return err
	}
	err = writeFile(filepath.Join(folder, "truth.json"), func(w io.Writer) error {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(truth)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%d spans in %s, the truth beside it\n", written, spans)
	return err
}

// loadScenario takes the name of a shipped scenario or a file.
func loadScenario(name string) (*simulate.Scenario, error) {
	if slices.Contains(simulate.Names(), name) || !strings.ContainsAny(name, "./\\") {
		return simulate.Load(name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return simulate.Parse(data, name)
}

// writeFile makes a file, or none when writing fails.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(f)
	err = errors.Join(write(buffered), buffered.Flush(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
