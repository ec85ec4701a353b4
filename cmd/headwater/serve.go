package main

import (
	"context"
	"os"
	"runtime/debug"
)

type serveCmd struct {
	Data string `default:"headwater-data" env:"HEADWATER_DATA" type:"path" placeholder:"FOLDER" help:"Folder in which spans are kept. Default: headwater-data (${env})."`
	addresses
	keeping
	lock
}

// addresses are what is listened on. This machine alone is the default: without
// a token Headwater is open to all who reach it.
type addresses struct {
	OTLPGRPC string `name:"otlp-grpc" default:"127.0.0.1:4317" env:"HEADWATER_OTLP_GRPC" placeholder:"HOST:PORT" help:"Take OTLP over gRPC here. Default: ${default} (${env})."`
	OTLPHTTP string `name:"otlp-http" default:"127.0.0.1:4318" env:"HEADWATER_OTLP_HTTP" placeholder:"HOST:PORT" help:"Take OTLP over HTTP here. Default: ${default} (${env})."`
	HTTP     string `name:"http" default:"127.0.0.1:7317" env:"HEADWATER_HTTP" placeholder:"HOST:PORT" help:"Serve the page here. Default: ${default} (${env})."`
}

// garbagePercent is the GOGC that serve runs with, unless the environment sets
// it: most of the heap are spans that are waited for, and little garbage is made
// beside them, so that memory is worth more than the time to collect it.
const garbagePercent = 50

func (c *serveCmd) Run(ctx context.Context, t *terminal) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	locked, err := c.lock.open(t.log)
	if err != nil {
		return err
	}
	locked.warn(t.log, c.addresses)
	l, err := open(ctx, c.Data, c.addresses, c.keeping, locked, t.log)
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
