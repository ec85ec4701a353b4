package main

import (
	"context"
	"fmt"

	"headwater/ingest/store"
)

type checkCmd struct {
	Folder string `arg:"" help:"A data folder that no Headwater is using."`
}

func (c *checkCmd) Run(ctx context.Context, t *terminal) error {
	found, err := store.Check(ctx, c.Folder, store.Options{Log: t.log})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%d spans in %d blocks of %d buckets (%d bytes), %d windows, %d minutes, %d incidents\n",
		found.Spans, found.Blocks, found.Buckets, found.Bytes, found.Windows, found.Minutes, found.Incidents)
	for _, line := range found.Damage {
		if err == nil {
			_, err = fmt.Fprintln(t.out, "damaged:", line)
		}
	}
	if err == nil && len(found.Damage) > 0 {
		err = fmt.Errorf("%q is damaged in %d places; what is damaged is passed over, the rest is served", c.Folder, len(found.Damage))
	}
	return err
}
