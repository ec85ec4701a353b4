package main

import (
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"headwater/ingest"
	"headwater/ingest/wire"
)

type importCmd struct {
	Files []string `arg:"" name:"file" help:"Files, folders, patterns, or - for standard input, in any form that analyze reads."`
	To    string   `default:"127.0.0.1:4317" env:"HEADWATER_OTLP_GRPC" placeholder:"HOST:PORT" help:"Where spans are taken over OTLP with gRPC. Default: ${default} (${env})."`
}

// Help implements kong.HelpProvider.
func (importCmd) Help() string {
	return `Spans go over OTLP, as an exporter would send them: any server that takes OTLP
over gRPC will do. A running Headwater keeps all of them, and looks for incidents
in those that are not much older than the newest ones it has.

Examples:
  headwater import traces/*.json
  headwater import --to 10.0.0.7:4317 spans.jsonl.zst`
}

// connectTimeout is how long the receiver may take to answer at all.
const connectTimeout = 5 * time.Second

func (c *importCmd) Run(ctx context.Context, t *terminal) error {
	dialer := net.Dialer{Timeout: connectTimeout}
	probe, err := dialer.DialContext(ctx, "tcp", c.To)
	if err != nil {
		return fmt.Errorf("nothing takes OTLP at %s: %w (--to sets another address)", c.To, err)
	}
	if err := probe.Close(); err != nil {
		return err
	}
	conn, err := grpc.NewClient(c.To, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	stats, err := readDumps(ctx, t, c.Files, remote{conn})
	if err == nil {
		t.note("%s sent to %s", spansText(stats.Spans), c.To)
	}
	return err
}

// remote is a Sink that sends batches on.
type remote struct{ conn *grpc.ClientConn }

// sentAtOnce keeps requests below the 4 MB that receivers take by default.
const sentAtOnce = 1 << 20

// Write implements ingest.Sink.
func (r remote) Write(ctx context.Context, b *ingest.Batch) error {
	parts := b.Size/sentAtOnce + 1
	for spans := range slices.Chunk(b.Spans, len(b.Spans)/parts+1) {
		request, err := wire.Encode(spans)
		if err != nil {
			return err
		}
		if err := export(ctx, r.conn, request); err != nil {
			return err
		}
	}
	return nil
}
