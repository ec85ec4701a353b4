package main

import (
	"log/slog"
	"time"

	"headwater/ingest/store"
)

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
