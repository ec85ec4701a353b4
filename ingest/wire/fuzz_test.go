package wire

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/graph/trace"
)

func FuzzDecode(f *testing.F) {
	request, err := Encode([]trace.Span{{
		TraceID:  trace.TraceID{15: 1},
		SpanID:   trace.SpanID{7: 2},
		Name:     "GET /cart",
		Kind:     trace.KindServer,
		Resource: trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("cart")}}),
		Scope:    &trace.Scope{Name: "http"},
		Attrs:    []trace.Attr{{Key: "list", Value: trace.Array([]trace.Value{trace.Int(1), trace.Double(2)})}},
		Events:   []trace.Event{{Name: "exception", Time: 3}},
		Links:    []trace.Link{{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(request)
	f.Fuzz(func(t *testing.T, request []byte) {
		spans, _, err := Decode(request)
		if err != nil {
			return
		}
		again, err := Encode(spans)
		if err != nil {
			t.Fatalf("what decodes must encode: %v", err)
		}
		got, refused, err := Decode(again)
		if err != nil || len(refused) != 0 {
			t.Fatalf("what was encoded must decode: %v, refused %v", err, refused)
		}
		if diff := cmp.Diff(spans, got, exact, emptyIsNil); diff != "" {
			t.Fatalf("spans changed (-first +second):\n%s", diff)
		}
		batch, err := NewBatch(request)
		if err != nil {
			t.Fatalf("NewBatch refuses what Decode reads: %v", err)
		}
		requireConsistent(t, batch)
	})
}
