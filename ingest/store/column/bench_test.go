package column

import (
	"testing"

	"headwater/graph/trace"
)

// traffic makes a full block as eight instances of a service would send it:
// batches of 512 spans with eleven attributes each, of about 450 bytes on the
// wire.
func traffic() [][]trace.Span {
	seed := uint64(7)
	next := func(limit uint64) uint64 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return (seed >> 20) % limit
	}
	text := func(k, v string) trace.Attr { return trace.Attr{Key: k, Value: trace.String(v)} }
	digits := func(limit uint64) string { return trace.Int(int64(next(limit))).Text() }
	lists := make([][]trace.Span, 8)
	for l := range lists {
		service := "service-" + digits(20)
		r := trace.NewResource([]trace.Attr{
			text("service.name", service), text("service.namespace", "shop"), text("service.version", "1.14.2"),
			text("k8s.pod.name", service+"-6d5f7c9b8-x2x9z"), text("host.name", "node-3.eu-west-1.compute.internal"),
		})
		scope := &trace.Scope{Name: "io.opentelemetry.auto", Version: "0.63.0"}
		for i := range MaxSpans / len(lists) {
			s := trace.Span{
				Name: "shop." + service + ".v1.Service/op" + digits(4), Kind: trace.KindServer, Resource: r, Scope: scope, Flags: 0x101,
				Start: 1_700_000_000_000_000_000 + int64(next(5_000_000)),
				Attrs: []trace.Attr{
					text("http.request.method", "GET"), text("http.route", "/api/v1/op/{id}"), text("url.path", "/api/v1/op/"+digits(1_000_000)),
					{Key: "http.response.status_code", Value: trace.Int(200)}, text("server.address", service+".shop.svc.cluster.local"),
					{Key: "server.port", Value: trace.Int(8080)}, text("client.address", "10.3."+digits(250)+"."+digits(250)),
					{Key: "thread.id", Value: trace.Int(int64(next(64)))}, text("thread.name", "worker-"+digits(64)),
					text("enduser.id", "user-"+digits(1_000_000)), text("app.tenant.id", "tenant-"+digits(200)),
				},
			}
			for b := range s.TraceID {
				s.TraceID[b] = byte(next(256))
			}
			if i%2 == 1 { // half of the spans are of the trace before
				s.TraceID, s.Parent = lists[l][i-1].TraceID, lists[l][i-1].SpanID
			}
			for b := range s.SpanID {
				s.SpanID[b] = byte(next(256))
			}
			s.End = s.Start + int64(next(9_000_000))
			lists[l] = append(lists[l], s)
		}
	}
	return lists
}

func report(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/MaxSpans, "ns/span")
}

func BenchmarkEncode(b *testing.B) {
	e, _ := newCodec(b)
	lists := traffic()
	var block []byte
	for b.Loop() {
		var err error
		if block, err = e.Append(block[:0], lists...); err != nil {
			b.Fatal(err)
		}
	}
	report(b)
	b.ReportMetric(float64(len(block))/MaxSpans, "B/span")
}

func BenchmarkDecode(b *testing.B) {
	for name, one := range map[string]bool{"all": false, "one trace": true} {
		b.Run(name, func(b *testing.B) {
			e, d := newCodec(b)
			lists := traffic()
			block, err := e.Append(nil, lists...)
			if err != nil {
				b.Fatal(err)
			}
			var want func(trace.TraceID) bool
			if one {
				want = func(id trace.TraceID) bool { return id == lists[3][100].TraceID }
			}
			for b.Loop() {
				if _, err := d.Decode(block, want); err != nil {
					b.Fatal(err)
				}
			}
			report(b)
		})
	}
}
