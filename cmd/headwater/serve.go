package main

import (
	"context"
	"log/slog"
	"time"

	"headwater/ingest/store"
)

type serveCmd struct {
	Data string `default:"headwater-data" env:"HEADWATER_DATA" type:"path" placeholder:"FOLDER" help:"Folder in which spans are kept. Default: headwater-data (${env})."`
	addresses
	keeping
}

// keeping is how spans are kept. The zero value keeps them for ever.
type keeping struct {
	Sync    bool          `env:"HEADWATER_SYNC" help:"Answer a sender only when its spans are safe even if the machine loses power. Costs throughput (${env})."`
	MaxAge  time.Duration `name:"max-age" default:"360h" env:"HEADWATER_MAX_AGE" placeholder:"TIME" help:"Drop spans that were written longer ago than this. Default: ${default}; 0 keeps them (${env})."`
	MaxSize byteSize      `name:"max-size" default:"0" env:"HEADWATER_MAX_SIZE" placeholder:"SIZE" help:"Drop the oldest spans when all take more than this, such as 50GB. Default: 0, no limit (${env})."`
	Reserve byteSize      `name:"disk-reserve" default:"512MiB" env:"HEADWATER_DISK_RESERVE" placeholder:"SIZE" help:"Take no spans while the disk has less room than this. Default: ${default} (${env})."`
}

func (k keeping) options(log *slog.Logger) store.Options {
	return store.Options{Log: log, Sync: k.Sync, MaxAge: k.MaxAge, MaxBytes: int64(k.MaxSize), Reserve: int64(k.Reserve)}
}

// addresses are what is listened on. This machine alone is the default:
// Headwater has no passwords.
type addresses struct {
	OTLPGRPC string `name:"otlp-grpc" default:"127.0.0.1:4317" env:"HEADWATER_OTLP_GRPC" placeholder:"HOST:PORT" help:"Take OTLP over gRPC here. Default: ${default} (${env})."`
	OTLPHTTP string `name:"otlp-http" default:"127.0.0.1:4318" env:"HEADWATER_OTLP_HTTP" placeholder:"HOST:PORT" help:"Take OTLP over HTTP here. Default: ${default} (${env})."`
	HTTP     string `name:"http" default:"127.0.0.1:7317" env:"HEADWATER_HTTP" placeholder:"HOST:PORT" help:"Serve the page here. Default: ${default} (${env})."`
}

func (c *serveCmd) Run(ctx context.Context, t *terminal) error {
	l, err := open(ctx, c.Data, c.addresses, c.keeping, t.log)
	if err != nil {
		return err
	}
	t.log.Info("serving", "page", l.address(), "otlp_grpc", l.otlp.GRPCAddr(), "otlp_http", l.otlp.HTTPAddr(), "data", c.Data)
	if err := l.serve(ctx); err != nil {
		return err
	}
	t.log.Info("stopped")
	return nil
}
