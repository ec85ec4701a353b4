package wire

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/graph/trace"
	"headwater/ingest"
)

// exact compares values to the last bit, NaN included. It is not left to cmp,
// which needs exponential time for nested lists.
var exact = cmp.Comparer(func(a, b trace.Value) bool { return reflect.DeepEqual(a, b) })

func TestProtobufRoundTripIsLossless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := genSpans().Draw(t, "spans")
		request, err := Encode(spans)
		if err != nil {
			t.Fatal(err)
		}
		got, refused, err := Decode(request)
		if err != nil {
			t.Fatal(err)
		}
		if len(refused) != 0 {
			t.Fatalf("refused: %v", refused)
		}
		if diff := cmp.Diff(spans, got, exact, emptyIsNil); diff != "" {
			t.Fatalf("spans changed (-sent +got):\n%s", diff)
		}
		for i := 1; i < len(spans); i++ {
			if (spans[i].Resource == spans[i-1].Resource) != (got[i].Resource == got[i-1].Resource) {
				t.Fatalf("spans %d and %d: resource shared before or after, not both", i-1, i)
			}
		}
	})
}

// emptyIsNil makes no difference between no spans and no slice of spans.
var emptyIsNil = cmp.FilterValues(func(a, b []trace.Span) bool { return len(a)+len(b) == 0 }, cmp.Ignore())

func TestJSONRoundTripIsLossless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := genSpans().Draw(t, "spans")
		text, err := EncodeJSON(spans)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsRune(text, '\n') {
			t.Fatalf("more than one line: %q", text)
		}
		batch, err := NewBatchJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(spans, batch.Spans, exact, emptyIsNil); diff != "" {
			t.Fatalf("spans changed (-sent +got):\n%s", diff)
		}
		requireConsistent(t, batch)
	})
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// requireConsistent checks that a batch's spans can be written and read again.
func requireConsistent(t fataler, batch *ingest.Batch) {
	t.Helper()
	request, err := Encode(batch.Spans)
	if err != nil {
		t.Fatalf("write the batch's spans: %v", err)
	}
	spans, refused, err := Decode(request)
	if err != nil {
		t.Fatalf("read the batch's spans: %v", err)
	}
	if len(refused) != 0 {
		t.Fatalf("the batch's own spans are refused: %v", refused)
	}
	if diff := cmp.Diff(batch.Spans, spans, exact, emptyIsNil); diff != "" {
		t.Fatalf("spans change when they are written (-before +after):\n%s", diff)
	}
}

func span(traceID, spanID byte) trace.Span {
	return trace.Span{TraceID: trace.TraceID{15: traceID}, SpanID: trace.SpanID{7: spanID}, Name: "s"}
}

func TestSpansWithoutIDsAreRefusedAndTheRestKept(t *testing.T) {
	resource := trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("cart")}})
	spans := []trace.Span{span(1, 1), span(0, 2), span(1, 0), span(0, 0), span(1, 3)}
	for i := range spans {
		spans[i].Resource = resource
	}
	request, err := Encode(spans)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := NewBatch(request)
	if err != nil {
		t.Fatal(err)
	}
	want := map[ingest.Reason]int{ingest.NoTraceID: 2, ingest.NoSpanID: 1}
	if diff := cmp.Diff(want, batch.Refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]trace.Span{spans[0], spans[4]}, batch.Spans, exact); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	requireConsistent(t, batch)
}

func TestResourceFieldsAreRead(t *testing.T) {
	batch, err := NewBatchJSON([]byte(`{"resourceSpans":[{"resource":{"attributes":[
		{"key":"service.name","value":{"stringValue":"cart"}},
		{"key":"k8s.pod.name","value":{"stringValue":"cart-1"}}]},
		"scopeSpans":[{"spans":[{"traceId":"000000000000000000000000000000AB","spanId":"00000000000000cD","kind":99,"status":{"code":7}}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := batch.Spans[0]
	if got.Resource.Service != "cart" || got.Resource.Instance != "cart-1" {
		t.Errorf("resource = %+v", got.Resource)
	}
	if got.TraceID != (trace.TraceID{15: 0xab}) || got.SpanID != (trace.SpanID{7: 0xcd}) {
		t.Errorf("ids = %s %s", got.TraceID, got.SpanID)
	}
	if got.Kind != trace.KindUnspecified || got.Status != trace.StatusUnset {
		t.Errorf("unknown numbers were read as %v and %v", got.Kind, got.Status)
	}
	if got.Scope != nil {
		t.Errorf("scope = %+v, want none", got.Scope)
	}
}

func nested(levels int, wrap func(trace.Value) trace.Value) trace.Value {
	v := trace.String("core")
	for range levels {
		v = wrap(v)
	}
	return v
}

func TestNestingIsBounded(t *testing.T) {
	inMap := func(v trace.Value) trace.Value { return trace.Map([]trace.Attr{{Key: "k", Value: v}}) }
	inList := func(v trace.Value) trace.Value { return trace.Array([]trace.Value{v}) }
	for name, wrap := range map[string]func(trace.Value) trace.Value{"maps": inMap, "lists": inList} {
		s := span(1, 1)
		s.Resource = trace.NewResource(nil)
		s.Attrs = []trace.Attr{{Key: "deep", Value: nested(MaxNesting, wrap)}}
		text, err := EncodeJSON([]trace.Span{s})
		if err != nil {
			t.Fatalf("%s at the limit: %v", name, err)
		}
		batch, err := NewBatchJSON(text)
		if err != nil {
			t.Fatalf("%s at the limit, JSON: %v", name, err)
		}
		requireConsistent(t, batch)

		s.Attrs[0].Value = nested(MaxNesting+1, wrap)
		if _, err := Encode([]trace.Span{s}); err == nil || !strings.Contains(err.Error(), "nested deeper") {
			t.Errorf("%s beyond the limit: %v", name, err)
		}
		text = bytes.Replace(text, []byte(`{"stringValue":"core"}`), []byte(`{"arrayValue":{"values":[{"intValue":"1"}]}}`), 1)
		if _, err := NewBatchJSON(text); err == nil || !strings.Contains(err.Error(), "nested deeper") {
			t.Errorf("%s beyond the limit, JSON: %v", name, err)
		}
	}
}

func TestBrokenJSONIsAnError(t *testing.T) {
	deep := `{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":` +
		strings.Repeat(`{"arrayValue":{"values":[`, 1_000_000)
	for _, c := range []struct{ text, want string }{
		{"", "not a JSON object"},
		{"[]", "not a JSON object"},
		{`"text"`, "not a JSON object"},
		{`{"resourceSpans":[`, "ends in the middle"},
		{`{"resourceSpans":["`, "ends in the middle"},
		{`{"resourceSpans":["\`, "ends in the middle"},
		{`{"resourceSpans":[]} {}`, "after the JSON object"},
		{`{"resourceSpans":[}]`, "read OTLP JSON"},
		{`{"resourceSpans":7}`, "read OTLP JSON"},
		{`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}`, "read OTLP JSON"},
		{deep, "nested deeper"},
	} {
		if _, err := NewBatchJSON([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: error %v, want %q", c.text, err, c.want)
		}
	}
}

func TestEmptyRequests(t *testing.T) {
	for name, read := range map[string]func() (*ingest.Batch, error){
		"protobuf": func() (*ingest.Batch, error) { return NewBatch(nil) },
		"JSON":     func() (*ingest.Batch, error) { return NewBatchJSON([]byte(" {} \n")) },
	} {
		batch, err := read()
		if err != nil || len(batch.Spans) != 0 || batch.Refused != nil {
			t.Errorf("%s: %+v, %v", name, batch, err)
		}
	}
}

func TestWrongIDLengthIsAnError(t *testing.T) {
	// resource_spans { scope_spans { spans { trace_id: 3 bytes } } }
	request := []byte{0x0a, 9, 0x12, 7, 0x12, 5, 0x0a, 3, 1, 2, 3}
	if _, err := NewBatch(request); err == nil {
		t.Error("no error")
	}
}

func TestAPanicBecomesAnError(t *testing.T) {
	read := func() (err error) {
		defer recoverInto(&err)
		panic("index out of range")
	}
	if err := read(); err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("error %v", err)
	}
}
