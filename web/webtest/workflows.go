package webtest

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"headwater/analysis/workflow"
	"headwater/analysis/workflow/workflowtest"
	"headwater/graph/trace"
)

// Orders are the spans of orders that are placed and paid: all is well before the
// onset; after it every fourth is paid and not placed. All but the spans is the
// Source's.
type Orders struct{ *Source }

// HalfDoneOrders is how many of the Orders are half done.
const HalfDoneOrders = 10

// Counts implements workflow.Store.
func (o Orders) Counts(from, to, each int64) []int { return o.spans().Counts(from, to, each) }

// Each implements workflow.Store.
func (o Orders) Each(ctx context.Context, q workflow.Selection, yield func(*trace.Trace) bool) error {
	return o.spans().Each(ctx, q, yield)
}

func (Orders) spans() (out workflowtest.Spans) {
	const each = 4 * HalfDoneOrders
	for n := range 2*each + 1 {
		at := Onset.Add(-time.Minute)
		if n >= each {
			at = Onset.Add(time.Second)
		}
		if n == 2*each {
			at = Onset.Add(time.Minute) // long enough after the others for them to be over
		}
		out = append(out, placed(n, at.Add(time.Duration(n)*100*time.Millisecond).UnixNano(), n >= each && n < 2*each && n%4 == 0)...)
	}
	return out
}

// placed is one order: the payment, and the insert where it is not lost.
func placed(n int, at int64, half bool) []trace.Span {
	shop := trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("orders")}})
	var id trace.TraceID
	binary.BigEndian.PutUint64(id[8:], uint64(n+1))
	span := func(number byte, kind trace.Kind, name string, from, to int64, attrs ...string) trace.Span {
		s := trace.Span{TraceID: id, SpanID: trace.SpanID{7: number}, Name: name, Kind: kind, Start: at + from*1e6, End: at + to*1e6, Resource: shop}
		if number > 1 {
			s.Parent = trace.SpanID{7: 1}
		}
		for i := 0; i < len(attrs); i += 2 {
			s.Attrs = append(s.Attrs, trace.Attr{Key: attrs[i], Value: trace.String(attrs[i+1])})
		}
		return s
	}
	key := fmt.Sprintf("A-%d", 1000+n)
	spans := []trace.Span{
		span(1, trace.KindServer, "POST /orders", 0, 60, "http.request.method", "POST", "http.route", "/orders", "order.id", key),
		span(2, trace.KindClient, "POST", 5, 25, "http.request.method", "POST", "server.address", "pay.example", "url.full", "https://pay.example/charges", "order.id", key),
		span(3, trace.KindClient, "INSERT orders", 30, 50, "db.system.name", "postgresql", "db.operation.name", "INSERT", "db.collection.name", "orders", "server.address", "orders-db"),
	}
	if half {
		spans[0].Status, spans[2].Status = trace.StatusError, trace.StatusError
	}
	return spans
}
