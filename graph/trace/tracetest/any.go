package tracetest

import (
	"pgregory.net/rapid"

	"headwater/graph/trace"
)

// Any draws spans of one trace, broken ones included: parents that never came,
// circles, ids that stand twice, ends before starts, mad times.
func Any(t *rapid.T) []trace.Span {
	words := []string{"-", "a", "b", "c", "d", "e", "f", "g", "h"}
	services := []*trace.Resource{
		trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("web")}, {Key: "host.name", Value: trace.String("h1")}}),
		trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("shop")}, {Key: "host.name", Value: trace.String("h2")}}),
		trace.NewResource(nil),
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) trace.Span {
		s := trace.Span{
			TraceID: trace.TraceID{1}, SpanID: ID(rapid.SampledFrom(words[1:]).Draw(t, "id")),
			Parent: ID(rapid.SampledFrom(words).Draw(t, "parent")),
			Kind:   trace.Kind(rapid.IntRange(0, 5).Draw(t, "kind")), Status: trace.StatusCode(rapid.IntRange(0, 2).Draw(t, "status")),
			Name: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "name"), Resource: rapid.SampledFrom(services).Draw(t, "service"),
		}
		s.Start = Base + rapid.Int64Range(0, 50).Draw(t, "start")*1e6
		s.End = s.Start + rapid.Int64Range(-5, 60).Draw(t, "duration")*1e6
		switch rapid.IntRange(0, 9).Draw(t, "attributes") {
		case 0:
			s.Attrs = []trace.Attr{{Key: "db.system", Value: trace.String("redis")}}
		case 1:
			s.Attrs = []trace.Attr{{Key: "messaging.destination.name", Value: trace.String("jobs")}}
		case 2:
			s.Attrs = []trace.Attr{{Key: "server.address", Value: trace.String("shop")}, {Key: "http.request.resend_count", Value: trace.Int(1)}}
		case 3:
			s.Links = []trace.Link{{TraceID: trace.TraceID{1}, SpanID: ID(rapid.SampledFrom(words).Draw(t, "link"))}}
		}
		if rapid.IntRange(0, 30).Draw(t, "mad") == 0 {
			s.Start, s.End = rapid.Int64().Draw(t, "mad start"), rapid.Int64().Draw(t, "mad end")
		}
		return s
	}), 0, 14).Draw(t, "spans")
}
