//go:build unix

package graph_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"time"

	"headwater/analysis/simulate"
	"headwater/graph"
	"headwater/graph/trace"
)

// played are the batches of a shipped scenario.
func played(b *testing.B, name string) (batches []simulate.Batch, spans int) {
	b.Helper()
	sc, err := simulate.Load(name)
	if err != nil {
		b.Fatal(err)
	}
	_, err = simulate.Run(context.Background(), sc, simulate.Options{}, func(batch simulate.Batch) error {
		batches = append(batches, batch)
		spans += len(batch.Spans)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return batches, spans
}

// cpu is the time that the process has spent on all processors.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// reporter reports the processor time a span; a million spans at 1500 ns are 1.5
// CPU-seconds.
func reporter(b *testing.B, spans int) func() {
	b.Helper()
	runtime.GC()
	before := cpu(b)
	return func() { b.ReportMetric(float64(cpu(b)-before)/float64(b.N)/float64(spans), "cpu-ns/span") }
}

// drive feeds a Folder as a store would: windows are taken 30 seconds after their
// end. It tells how many windows there were, and how many have to be derived.
func drive(f *graph.Folder, batches []simulate.Batch, taken func(graph.Taken)) (windows, derived int) {
	next := int64(0)
	for _, batch := range batches {
		f.Add(batch.Spans)
		f.Advance(batch.At)
		if next == 0 {
			next = batch.At - batch.At%tenSeconds - tenSeconds
		}
		for ; next+4*tenSeconds < batch.At; next += tenSeconds {
			t := f.Take(next)
			windows++
			if !t.Exact {
				derived++
			}
			taken(t)
		}
		derived += len(f.Stale())
	}
	return windows, derived
}

// BenchmarkFolder makes the windows of a simulated incident as its spans come.
// The limit is 1500 ns of processor time a span, decoding left out.
func BenchmarkFolder(b *testing.B) {
	for _, name := range []string{"slow-database", "retry-storm-outlives-trigger", "quiet-city"} {
		b.Run(name, func(b *testing.B) {
			batches, spans := played(b, name)
			report := reporter(b, spans)
			windows, derived, missing := 0, 0, 0
			for b.Loop() {
				w, d := drive(graph.NewFolder(tenSeconds), batches, func(t graph.Taken) { missing += len(t.Missing) })
				windows, derived = windows+w, derived+d
			}
			report()
			b.ReportMetric(float64(derived)/float64(windows), "derived/window")
			b.ReportMetric(float64(missing)/float64(windows), "missing/window")
			b.ReportMetric(float64(spans), "spans")
		})
	}
}

// BenchmarkFolderParts tells where BenchmarkFolder's time goes.
func BenchmarkFolderParts(b *testing.B) {
	batches, spans := played(b, "slow-database")
	traces := map[trace.TraceID][]trace.Brief{}
	b.Run("brief", func(b *testing.B) {
		report := reporter(b, spans)
		for b.Loop() {
			classes := trace.NewClasses()
			for _, batch := range batches {
				for i := range batch.Spans {
					classes.Brief(&batch.Spans[i])
				}
			}
		}
		report()
	})
	classes := trace.NewClasses()
	for _, batch := range batches {
		for i := range batch.Spans {
			s := &batch.Spans[i]
			traces[s.TraceID] = append(traces[s.TraceID], classes.Brief(s))
		}
	}
	b.Run("assemble", func(b *testing.B) {
		var a trace.Assembler
		report := reporter(b, spans)
		for b.Loop() {
			for id, briefs := range traces {
				a.Assemble(id, briefs)
			}
		}
		report()
	})
	runtime.KeepAlive(traces)
}

// BenchmarkFolderHeap feeds 50,000 spans a second for a minute of their time, by
// playing one incident many times over under other trace ids. The limit is 400 MB
// of live heap.
func BenchmarkFolderHeap(b *testing.B) {
	batches, spans := played(b, "slow-database")
	span := batches[len(batches)-1].At - batches[0].At
	copies := int(50_000 / (float64(spans) / (float64(span) / 1e9)))
	for b.Loop() {
		f := graph.NewFolder(tenSeconds)
		most, fed := int64(0), 0
		nextLook := batches[0].At
		var again []trace.Span
		next := batches[0].At - batches[0].At%tenSeconds
		var kept []graph.Taken
		for _, batch := range batches {
			if batch.At > batches[0].At+60e9 {
				break
			}
			again = append(again[:0], batch.Spans...)
			for n := range copies {
				for i := range again {
					binary.LittleEndian.PutUint32(again[i].TraceID[:4], uint32(n))
				}
				f.Add(again)
				fed += len(again)
			}
			f.Advance(batch.At)
			for ; next+4*tenSeconds < batch.At; next += tenSeconds {
				kept = append(kept, f.Take(next))
			}
			if batch.At >= nextLook {
				nextLook += 5e9
				most = max(most, heap())
			}
		}
		b.ReportMetric(float64(most)/1e6, "live-MB")
		b.ReportMetric(float64(fed)/60, "spans/s")
		runtime.KeepAlive(kept)
	}
	b.StopTimer()
	b.ReportMetric(float64(heap())/1e6, "scenario-MB") // part of live-MB, and not the Folder's
	runtime.KeepAlive(batches)
}

// wide makes traces of a system of many services, each of which calls ten
// others.
func wide(services, traces int) []simulate.Batch {
	const calls = 10
	r := rand.New(rand.NewPCG(1, 1))
	resources := make([]*trace.Resource, services)
	for i := range resources {
		resources[i] = trace.NewResource([]trace.Attr{
			{Key: "service.name", Value: trace.String(fmt.Sprintf("service-%d", i))},
			{Key: "service.instance.id", Value: trace.String("a")},
		})
	}
	base := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixNano()
	id := uint64(0)
	next := func() (s trace.SpanID) {
		id++
		binary.BigEndian.PutUint64(s[:], id)
		return s
	}
	var out []simulate.Batch
	for n := range traces {
		at := base + int64(n)*1e6
		var tid trace.TraceID
		binary.BigEndian.PutUint64(tid[:], r.Uint64())
		var spans []trace.Span
		var visit func(service int, parent trace.SpanID, from, to int64, depth int)
		visit = func(service int, parent trace.SpanID, from, to int64, depth int) {
			server := next()
			spans = append(spans, trace.Span{TraceID: tid, SpanID: server, Parent: parent, Kind: trace.KindServer, Name: "serve", Start: from, End: to, Resource: resources[service]})
			if depth == 0 {
				return
			}
			for range 2 {
				callee := (service*7 + r.IntN(calls)*13 + 1) % services
				client := next()
				step := (to - from) / 3
				spans = append(spans, trace.Span{TraceID: tid, SpanID: client, Parent: server, Kind: trace.KindClient, Name: "call", Start: from + step/2, End: from + step, Resource: resources[service]})
				visit(callee, client, from+step/2+step/16, from+step-step/16, depth-1)
				from += step
			}
		}
		visit(n%20*(services/20), trace.SpanID{}, at, at+200e6, 3)
		out = append(out, simulate.Batch{At: at + 3e9, Spans: spans})
	}
	return out
}

// BenchmarkFolderWide makes the windows of a system of 1,000 services and 10,000
// edges.
func BenchmarkFolderWide(b *testing.B) {
	batches := wide(1000, 60_000)
	spans := 0
	for _, batch := range batches {
		spans += len(batch.Spans)
	}
	report := reporter(b, spans)
	edges := 0
	var kept []graph.Taken
	for b.Loop() {
		kept = nil
		drive(graph.NewFolder(tenSeconds), batches, func(t graph.Taken) {
			kept = append(kept, t)
			edges = max(edges, len(t.Window.Edges))
		})
	}
	report()
	b.ReportMetric(float64(edges), "edges")
	with := heap()
	n := len(kept)
	kept = nil
	b.ReportMetric(float64(with-heap())/float64(n)/1e6, "MB/window")
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
