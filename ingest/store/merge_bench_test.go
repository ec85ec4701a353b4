package store

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"headwater/graph/trace"
)

// trickle is little traffic: 200 spans a second, in batches of so many from one
// of 40 instances at a time. Traces have 20 spans.
func trickle(batches, size int, send func(spans []trace.Span)) {
	random := rand.New(rand.NewPCG(1, 2))
	var instances []*trace.Resource
	for i := range 40 {
		instances = append(instances, trace.NewResource([]trace.Attr{
			{Key: "service.name", Value: trace.String(fmt.Sprintf("service-%d", i/2))}, {Key: "service.version", Value: trace.String("1.4.2")},
			{Key: "service.instance.id", Value: trace.String(fmt.Sprintf("7d9f-%d", i))}, {Key: "host.name", Value: trace.String(fmt.Sprintf("node-%d", i%7))},
			{Key: "telemetry.sdk.language", Value: trace.String("go")}, {Key: "telemetry.sdk.name", Value: trace.String("opentelemetry")},
		}))
	}
	scope := &trace.Scope{Name: "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", Version: "0.58.0"}
	for n := range batches {
		spans := make([]trace.Span, size)
		for i := range spans {
			s := &spans[i]
			number := n*size + i
			group := uint64(number/(40*20)*40 + number%40) // the traces that are under way
			binary.BigEndian.PutUint64(s.TraceID[:], group*0x9e3779b97f4a7c15)
			binary.BigEndian.PutUint64(s.TraceID[8:], group*0xbf58476d1ce4e5b9+1)
			binary.BigEndian.PutUint64(s.SpanID[:], random.Uint64()|1)
			binary.BigEndian.PutUint64(s.Parent[:], random.Uint64()|1)
			route := random.IntN(8)
			s.Name, s.Kind = fmt.Sprintf("GET /api/v1/things/%d", route), trace.KindServer
			s.Resource, s.Scope, s.Flags = instances[n%40], scope, 0x101
			s.Start = at(float64(number)/200) + random.Int64N(1e9)
			s.End = s.Start + random.Int64N(5e8)
			s.Attrs = []trace.Attr{
				{Key: "http.request.method", Value: trace.String("GET")}, {Key: "http.route", Value: trace.String(s.Name[4:])},
				{Key: "url.path", Value: trace.String(fmt.Sprintf("/api/v1/things/%d/%d", route, random.IntN(5000)))}, {Key: "url.scheme", Value: trace.String("https")},
				{Key: "http.response.status_code", Value: trace.Int(200)}, {Key: "server.address", Value: trace.String("api.example.com")},
				{Key: "client.address", Value: trace.String(fmt.Sprintf("10.1.%d.%d", random.IntN(4), random.IntN(250)))}, {Key: "user_agent.original", Value: trace.String("Mozilla/5.0 (X11; Linux x86_64)")},
				{Key: "network.protocol.version", Value: trace.String("1.1")}, {Key: "app.user", Value: trace.Int(random.Int64N(20000))},
			}
		}
		send(spans)
	}
}

// BenchmarkMerge merges an hour of 200 spans a second, which came in batches of
// so many, and tells the bytes of disk that a span takes before and after, all
// files of the bucket counted.
func BenchmarkMerge(b *testing.B) {
	const total = 720_000
	for _, size := range []int{25, 100, 250} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				clock := new(fakeClock)
				clock.set(0)
				dir := b.TempDir()
				s, err := Open(dir, Options{Log: slog.New(slog.DiscardHandler), now: clock.get, pause: time.Nanosecond, still: true})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				trickle(total/size, size, func(spans []trace.Span) {
					n += len(spans)
					clock.set(float64(n) / 200)
					write(b, s, spans...)
				})
				closeBucket(s)
				write(b, s, span(1, 1, 0, "shop", trace.KindServer, 3600, 3601))
				if _, err := s.Finish(b.Context()); err != nil {
					b.Fatal(err)
				}
				s.work.Wait()
				before, blocks := onDisk(b, bucketDir(dir, 0)), s.Stats().Blocks
				b.StartTimer()
				if err := s.merge(b.Context()); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				after := onDisk(b, bucketDir(dir, 0))
				b.ReportMetric(float64(before)/float64(n), "B/span-before")
				b.ReportMetric(float64(after)/float64(n), "B/span")
				b.ReportMetric(float64(blocks), "blocks-before")
				b.ReportMetric(float64(s.Stats().Blocks), "blocks")
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// onDisk sums up the files of a folder.
func onDisk(b *testing.B, dir string) (sum int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return sum
}
