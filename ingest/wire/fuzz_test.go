package wire

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"headwater/graph/trace"
	"headwater/ingest"
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
		spans, refused, err := Decode(request)
		requireAsReference(t, request, spans, refused, err)
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

// requireAsReference checks that what was decoded is what pdata makes of it. The
// other way round, what pdata does not read may be read: it looks into parts
// that are of no use here.
func requireAsReference(t fataler, request []byte, spans []trace.Span, refused map[ingest.Reason]int, err error) {
	t.Helper()
	want, wantRefused, wantErr := reference(request)
	if wantErr != nil {
		return
	}
	if err != nil {
		t.Fatalf("pdata reads this: %v", err)
	}
	if diff := cmp.Diff(want, spans, exact, emptyIsNil); diff != "" {
		t.Fatalf("spans (-pdata +scanned):\n%s", diff)
	}
	if diff := cmp.Diff(wantRefused, refused, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("refused (-pdata +scanned):\n%s", diff)
	}
}
