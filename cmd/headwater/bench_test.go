//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"runtime"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/ingest/wire"
)

// BenchmarkDump reads and analyses a dump, and decodes the same dump with pdata
// alone. pdata-s/M and all-s/M are CPU-seconds per million spans, over-s/M is
// what is left for everything that is not decoding, and analysis-s/M what of it
// comes after the windows are made.
//
//	GOMAXPROCS=1 go test ./cmd/headwater -run '^$' -bench Dump -benchtime 3x
func BenchmarkDump(b *testing.B) {
	scenario, err := simulate.Load("slow-database")
	if err != nil {
		b.Fatal(err)
	}
	var lines, messages bytes.Buffer
	var requests, texts [][]byte
	spans := 0
	_, err = simulate.Run(context.Background(), scenario, simulate.Options{}, func(batch simulate.Batch) error {
		spans += len(batch.Spans)
		request, err := wire.Encode(batch.Spans)
		if err != nil {
			return err
		}
		text, err := wire.EncodeJSON(batch.Spans)
		if err != nil {
			return err
		}
		requests, texts = append(requests, request), append(texts, text)
		lines.Write(append(text, '\n'))
		messages.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(request))), request...))
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, c := range map[string]struct {
		dump   []byte
		parts  [][]byte
		decode func([]byte) (ptrace.Traces, error)
	}{
		"json":     {lines.Bytes(), texts, new(ptrace.JSONUnmarshaler).UnmarshalTraces},
		"protobuf": {messages.Bytes(), requests, new(ptrace.ProtoUnmarshaler).UnmarshalTraces},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(c.dump)))
			var pdata, all, analysis time.Duration
			for range b.N {
				pdata += spent(b, func() {
					for _, part := range c.parts {
						if _, err := c.decode(part); err != nil {
							b.Fatal(err)
						}
					}
				})
				all += spent(b, func() { analysis += analyzed(b, c.dump, spans) })
			}
			million := float64(b.N) * float64(spans) / 1e6
			b.ReportMetric(pdata.Seconds()/million, "pdata-s/M")
			b.ReportMetric(all.Seconds()/million, "all-s/M")
			b.ReportMetric((all-pdata).Seconds()/million, "over-s/M")
			b.ReportMetric(analysis.Seconds()/million, "analysis-s/M")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// analyzed goes the whole way of analyze, but for printing. It gives the
// processor time of the analysis by itself.
func analyzed(b *testing.B, dump []byte, spans int) time.Duration {
	b.Helper()
	t := &terminal{in: bytes.NewReader(dump), out: io.Discard, err: io.Discard, log: slog.New(slog.DiscardHandler), quiet: true}
	r, err := record(context.Background(), t, []string{"-"})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%+v", r.store.Stats())
	before := cpu(b)
	report := analysis.Analyze(analysis.Input{Windows: r.windows}, analysis.Options{})
	took := cpu(b) - before
	if int(report.Data.Spans) != spans {
		b.Fatalf("%d spans analysed, want %d", report.Data.Spans, spans)
	}
	if err := r.close(); err != nil {
		b.Fatal(err)
	}
	return took
}

// cpu is the processor time of this process so far.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// spent is the processor time that f takes, with the collection of its garbage.
func spent(b *testing.B, f func()) time.Duration {
	b.Helper()
	runtime.GC()
	before := cpu(b)
	f()
	runtime.GC()
	return cpu(b) - before
}
