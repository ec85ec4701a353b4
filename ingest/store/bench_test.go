package store

import (
	"context"
	"encoding/binary"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/wire"
)

// benchBatch makes a request of 512 spans of 32 traces, which eight services
// share: part is the service. Its times are now.
func benchBatch(b *testing.B, n, part int, now time.Time) *ingest.Batch {
	b.Helper()
	spans := make([]trace.Span, 512)
	for i := range spans {
		s := &spans[i]
		binary.BigEndian.PutUint64(s.TraceID[:], uint64(n*32+i/16)*0x9e3779b97f4a7c15)
		binary.BigEndian.PutUint64(s.TraceID[8:], uint64(n*32+i/16)+1)
		binary.BigEndian.PutUint64(s.SpanID[:], uint64((n*8+part)*512+i)*0xbf58476d1ce4e5b9+1)
		if part > 0 {
			binary.BigEndian.PutUint64(s.Parent[:], uint64((n*8+part-1)*512+i)*0xbf58476d1ce4e5b9+1)
		}
		s.Name, s.Kind, s.Resource = "GET /api/v1/"+strconv.Itoa(i%8), trace.KindServer, resource("service-"+strconv.Itoa(part))
		s.Start = now.UnixNano() + int64(i)*1000
		s.End = s.Start + int64(i%97)*1e5
		s.Attrs = []trace.Attr{
			{Key: "http.route", Value: trace.String("/api/v1/" + strconv.Itoa(i%8))}, {Key: "http.response.status_code", Value: trace.Int(200)},
			{Key: "user.id", Value: trace.String("user-" + strconv.Itoa(n*i%100_000))}, {Key: "thread.id", Value: trace.Int(int64(i % 64))},
		}
	}
	request, err := wire.Encode(spans)
	if err != nil {
		b.Fatal(err)
	}
	batch, err := wire.NewBatch(request)
	if err != nil {
		b.Fatal(err)
	}
	return batch
}

// BenchmarkWrite writes from eight senders at once, with all that comes with it:
// encoding, committing, folding into windows.
func BenchmarkWrite(b *testing.B) {
	s, err := Open(b.TempDir(), Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		b.StopTimer()
		batches := make([]*ingest.Batch, 8)
		for part := range batches {
			batches[part] = benchBatch(b, n, part, time.Now())
		}
		n++
		b.StartTimer()
		var wg sync.WaitGroup
		for _, batch := range batches {
			wg.Go(func() {
				if err := s.Write(context.Background(), batch); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/span")
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkTrace finds a trace among a million spans by its id.
func BenchmarkTrace(b *testing.B) {
	s, err := Open(b.TempDir(), Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	var id trace.TraceID
	for n := range 244 {
		var wg sync.WaitGroup
		for part := range 8 {
			batch := benchBatch(b, n, part, now.Add(time.Duration(n)*time.Second))
			if n == 100 && part == 0 {
				id = batch.Spans[7].TraceID
			}
			wg.Go(func() {
				if err := s.Write(context.Background(), batch); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
	}
	for b.Loop() {
		if spans, err := s.Trace(context.Background(), id); err != nil || len(spans) != 128 {
			b.Fatal(len(spans), err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
