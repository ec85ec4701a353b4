package webtest

import (
	"encoding/binary"
	"fmt"
	"time"

	"headwater/graph/trace"
)

// spansOf gives the spans of a known trace, none of another.
func spansOf(id trace.TraceID, large int) []trace.Span {
	b := &builder{trace: id, resources: map[string]*trace.Resource{}}
	switch id {
	case CalmTrace:
		b.base = Begin.Add(3 * time.Minute)
		b.calm()
	case FailedTrace:
		b.base = Onset.Add(4 * time.Minute)
		b.failed()
	case LargeTrace:
		b.base = Onset.Add(5 * time.Minute)
		b.large(large)
	}
	return b.spans
}

type builder struct {
	trace     trace.TraceID
	base      time.Time
	spans     []trace.Span
	resources map[string]*trace.Resource
}

// resource is one per service; notifications runs on a host whose clock is late.
func (b *builder) resource(service string) *trace.Resource {
	if r := b.resources[service]; r != nil {
		return r
	}
	r := trace.NewResource([]trace.Attr{
		{Key: "service.name", Value: trace.String(service)},
		{Key: "service.namespace", Value: trace.String("shop")},
		{Key: "service.version", Value: trace.String("2.14.1")},
		{Key: "deployment.environment.name", Value: trace.String("prod")},
		{Key: "k8s.pod.name", Value: trace.String(service + "-6f9c-1")},
		{Key: "k8s.node.name", Value: trace.String("node-" + service[:1])},
		{Key: "telemetry.sdk.language", Value: trace.String("go")},
	})
	b.resources[service] = r
	return r
}

// add adds a span between two offsets in milliseconds and returns its id.
func (b *builder) add(parent trace.SpanID, service, name string, kind trace.Kind, from, to float64, attrs ...trace.Attr) trace.SpanID {
	var id trace.SpanID
	binary.BigEndian.PutUint64(id[:], uint64(len(b.spans)+1)*0x9e3779b97f4a7c15)
	at := func(ms float64) int64 { return b.base.Add(time.Duration(ms * 1e6)).UnixNano() }
	b.spans = append(b.spans, trace.Span{
		TraceID: b.trace, SpanID: id, Parent: parent, Name: name, Kind: kind,
		Start: at(from), End: at(to), Resource: b.resource(service), Attrs: attrs,
		Scope: &trace.Scope{Name: "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"},
	})
	return id
}

// fail marks the span that was added last.
func (b *builder) fail(message string) {
	s := &b.spans[len(b.spans)-1]
	s.Status, s.StatusMessage = trace.StatusError, message
	s.Events = append(s.Events, trace.Event{Time: s.End - 40_000, Name: "exception", Attrs: []trace.Attr{
		{Key: "exception.type", Value: trace.String("net.OpError")},
		{Key: "exception.message", Value: trace.String(message)},
	}})
}

func text(key, value string) trace.Attr { return trace.Attr{Key: key, Value: trace.String(value)} }
func number(key string, n int64) trace.Attr {
	return trace.Attr{Key: key, Value: trace.Int(n)}
}

func query(statement string) []trace.Attr {
	return []trace.Attr{
		text("db.system.name", "postgresql"), text("db.namespace", "orders"), text("db.query.text", statement),
		text("server.address", "10.0.0.7"), number("server.port", 5432),
	}
}

func (b *builder) calm() {
	root := b.add(trace.SpanID{}, "gateway", "POST /checkout", trace.KindServer, 0, 118, text("http.request.method", "POST"), text("http.route", "/checkout"), number("http.response.status_code", 200))
	c := b.add(root, "gateway", "POST", trace.KindClient, 2, 116)
	s := b.add(c, "checkout", "POST /checkout", trace.KindServer, 3, 115, number("http.response.status_code", 200))
	b.add(b.add(s, "checkout", "GET", trace.KindClient, 5, 17), "cart", "GET /cart/{id}", trace.KindServer, 6, 16)
	b.add(b.add(s, "checkout", "GET", trace.KindClient, 18, 25), "pricing", "GET /prices", trace.KindServer, 19, 24)
	o := b.add(b.add(s, "checkout", "POST", trace.KindClient, 26, 68, number("http.response.status_code", 201)), "orders", "POST /orders", trace.KindServer, 27, 67)
	b.add(o, "orders", "SELECT orders", trace.KindClient, 30, 38, query("SELECT * FROM orders WHERE cart_id = $1")...)
	b.add(o, "orders", "INSERT orders", trace.KindClient, 45, 53, query("INSERT INTO orders VALUES ($1, $2, $3)")...)
	b.add(b.add(s, "checkout", "POST", trace.KindClient, 70, 112), "payments", "POST /payments", trace.KindServer, 71, 111)
}

// failed is a request whose three attempts at orders end at a deadline of 2 s
// while orders works on.
func (b *builder) failed() {
	root := b.add(trace.SpanID{}, "gateway", "POST /checkout", trace.KindServer, 0, 6420, text("http.request.method", "POST"), text("http.route", "/checkout"), number("http.response.status_code", 504))
	b.fail("upstream timed out")
	c := b.add(root, "gateway", "POST", trace.KindClient, 3, 6418, number("http.response.status_code", 504))
	b.fail("504 Gateway Timeout")
	s := b.add(c, "checkout", "POST /checkout", trace.KindServer, 5, 6416, number("http.response.status_code", 504))
	b.fail("orders: context deadline exceeded")
	b.add(b.add(s, "checkout", "GET", trace.KindClient, 7, 19), "cart", "GET /cart/{id}", trace.KindServer, 8, 18)
	b.add(b.add(s, "checkout", "GET", trace.KindClient, 20, 28), "pricing", "GET /prices", trace.KindServer, 21, 27)
	for attempt, from := range []float64{40, 2140, 4390} {
		call := b.add(s, "checkout", "POST", trace.KindClient, from, from+2000,
			text("server.address", "orders"), number("http.request.resend_count", int64(attempt)), text("error.type", "timeout"))
		b.fail("context deadline exceeded")
		work := b.add(call, "orders", "POST /orders", trace.KindServer, from+310, from+2900)
		b.add(work, "orders", "SELECT orders", trace.KindClient, from+330, from+760, query("SELECT * FROM orders WHERE cart_id = $1")...)
		r := b.add(b.add(work, "orders", "GET", trace.KindClient, from+780, from+1650), "stock", "GET /stock/{sku}", trace.KindServer, from+800, from+1640)
		b.add(r, "stock", "SELECT stock", trace.KindClient, from+820, from+1250, query("SELECT free FROM stock WHERE sku = $1")...)
		b.add(work, "orders", "INSERT orders", trace.KindClient, from+1700, from+2160, query("INSERT INTO orders VALUES ($1, $2, $3)")...)
		if attempt == 1 {
			p := b.add(work, "orders", "order-events publish", trace.KindProducer, from+2200, from+2204, text("messaging.system", "kafka"), text("messaging.destination.name", "order-events"))
			b.add(p, "notifications", "order-events process", trace.KindConsumer, from+2290, from+2334)
		}
	}
	b.add(trace.SpanID{0xff, 7: 1}, "payments", "POST /payments/void", trace.KindServer, 6300, 6388)
	late := b.add(b.add(root, "gateway", "GET", trace.KindClient, 6390, 6410, number("http.response.status_code", 200)), "search", "GET /alternatives", trace.KindServer, 5993, 6005)
	b.add(late, "search", "rank", trace.KindInternal, 5995, 6003)
}

// large is a batch job of n spans: a thousand pages, each read item by item.
func (b *builder) large(n int) {
	root := b.add(trace.SpanID{}, "search", "reindex", trace.KindInternal, 0, float64(n)*2)
	for page := 0; len(b.spans) < n; page++ {
		from := float64(len(b.spans)) * 2
		size := min(9, n-len(b.spans)-1)
		at := b.add(root, "search", fmt.Sprintf("page %d", page), trace.KindClient, from, from+float64(size)*2+1)
		for item := range size {
			start := from + float64(item)*2
			b.add(at, "stock", fmt.Sprintf("item %d", item), trace.KindServer, start+0.2, start+1.8)
		}
	}
}
