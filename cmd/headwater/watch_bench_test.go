//go:build unix

package main

import (
	"context"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/analysis/watch"
	"headwater/graph"
	"headwater/graph/trace"
	"headwater/ingest/store"
	"headwater/ingest/wire"
)

// BenchmarkWatch plays two hours of a healthy system, one trace in five of it, into
// a store, and measures what the live loop costs after each further ten seconds:
// watch-ms of CPU for a look, without that of settling the window, and read, the
// windows that it read from the store for it.
//
//	go test ./cmd/headwater -run '^$' -bench Watch -benchtime 1x
func BenchmarkWatch(b *testing.B) {
	for _, system := range []string{"shop", "metro"} {
		b.Run(system, func(b *testing.B) {
			for range b.N {
				spent, looks, read := watched(b, system)
				b.ReportMetric(float64(spent.Milliseconds())/float64(looks), "watch-ms")
				b.ReportMetric(float64(read)/float64(looks), "read")
			}
		})
	}
}

// measured is a store that says what settling costs, and what is read.
type measured struct {
	*store.Store
	b       *testing.B
	settled time.Duration
	read    int
}

func (m *measured) Settle(ctx context.Context, now time.Time) (windows []*graph.Window, err error) {
	before := cpu(m.b)
	windows, err = m.Store.Settle(ctx, now)
	m.settled += cpu(m.b) - before
	return windows, err
}

func (m *measured) Windows(ctx context.Context, from, to int64) ([]*graph.Window, error) {
	windows, err := m.Store.Windows(ctx, from, to)
	m.read += len(windows)
	return windows, err
}

func watched(b *testing.B, system string) (spent time.Duration, looks, read int) {
	const before, after = 2 * time.Hour, 10 * time.Minute
	sc, err := simulate.HealthyDay(system, 1, before+after)
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(b.TempDir(), store.Options{Log: quiet})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	m := &measured{Store: s, b: b}
	var w *watch.Watcher
	var follower analysis.Follower
	began := time.Now().Add(-before - after)
	look := func() {
		if w == nil {
			if w, err = watch.New(b.Context(), watch.Config{
				Windows: m, Journal: journal{s}, Log: quiet,
				Analyze: func(in analysis.Input) *analysis.Report { return follower.Analyze(in, analysis.Options{}) },
			}); err != nil {
				b.Fatal(err)
			}
			m.read, m.settled = 0, 0
		}
		looks++
		at := cpu(b)
		if err := w.Step(b.Context(), time.Now()); err != nil {
			b.Fatal(err)
		}
		spent += cpu(b) - at
	}
	var gathered []trace.Span
	since := began.UnixNano()
	_, err = simulate.Run(b.Context(), sc, simulate.Options{Seed: 1, Start: began, Sample: 0.2}, func(batch simulate.Batch) error {
		gathered = append(gathered, batch.Spans...)
		if batch.At-since < caseWindow {
			return nil
		}
		since = batch.At
		request, err := wire.Encode(gathered)
		if err != nil {
			return err
		}
		gathered = gathered[:0]
		written, err := wire.NewBatch(request)
		if err != nil {
			return err
		}
		if err := s.Write(b.Context(), written); err != nil {
			return err
		}
		if batch.At < began.Add(before).UnixNano() {
			_, err = s.Settle(b.Context(), time.Now())
			return err
		}
		look()
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return spent - m.settled, looks, m.read
}
