package webtest

import (
	"context"
	"encoding/binary"
	"time"

	"headwater/analysis/workflow"
	"headwater/analysis/workflow/workflowtest"
	"headwater/graph/trace"
)

// Lists are the spans of a shop that asks its database once for each thing on a
// list: all is well, and would not be if the database slowed down. All but the
// spans is the Source's.
type Lists struct{ *Source }

// ListItems is how many there are on a list.
const ListItems = 12

// Counts implements workflow.Store.
func (l Lists) Counts(from, to, each int64) []int { return l.spans().Counts(from, to, each) }

// Each implements workflow.Store.
func (l Lists) Each(ctx context.Context, q workflow.Selection, yield func(*trace.Trace) bool) error {
	return l.spans().Each(ctx, q, yield)
}

func (Lists) spans() (out workflowtest.Spans) {
	shop := trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("lists")}})
	for n := range 120 {
		at := Onset.Add(-2*time.Minute + time.Duration(n)*time.Second).UnixNano()
		var id trace.TraceID
		binary.BigEndian.PutUint64(id[8:], uint64(n+1))
		for k := range ListItems + 1 {
			s := trace.Span{TraceID: id, SpanID: trace.SpanID{7: byte(k + 1)}, Name: "GET /lists", Kind: trace.KindServer, Start: at, End: at + 130e6, Resource: shop,
				Attrs: []trace.Attr{{Key: "http.request.method", Value: trace.String("GET")}, {Key: "http.route", Value: trace.String("/lists")}}}
			if k > 0 {
				s.Parent, s.Name, s.Kind = trace.SpanID{7: 1}, "SELECT items", trace.KindClient
				s.Start += int64(k) * 10e6
				s.End = s.Start + 8e6
				s.Attrs = []trace.Attr{{Key: "db.system.name", Value: trace.String("postgresql")}, {Key: "db.operation.name", Value: trace.String("SELECT")},
					{Key: "db.collection.name", Value: trace.String("items")}, {Key: "server.address", Value: trace.String("items-db")}}
			}
			out = append(out, s)
		}
	}
	return out
}
