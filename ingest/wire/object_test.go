package wire

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"headwater/graph/trace"
)

// requireAsPdata checks that a request in JSON is read as pdata reads it, where
// pdata does.
func requireAsPdata(t fataler, text []byte) {
	t.Helper()
	if checkObject(text) != nil {
		return
	}
	var want scanner
	if readsPanicking(func() error { return want.readObject(text) }) != nil {
		return
	}
	b, err := NewBatchObject(text)
	if err != nil {
		t.Fatalf("pdata reads this: %v\n%s", err, text)
	}
	if diff := cmp.Diff(want.spans, b.Spans, exact, emptyIsNil); diff != "" {
		t.Fatalf("spans of %s (-pdata +read):\n%s", text, diff)
	}
	if diff := cmp.Diff(want.refused, b.Refused, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("refused of %s (-pdata +read):\n%s", text, diff)
	}
	b.Free()
}

func readsPanicking(read func() error) (err error) {
	defer recoverInto(&err)
	return read()
}

// oddTexts replace parts of requests.
var oddTexts = []string{
	`""`, `null`, `{}`, `[]`, `0`, `-1`, `1.5`, `1e3`, `"1"`, `"-1"`, `"x"`, `true`, `"true"`, `007`, `99999999999999999999`, `[null]`, `[{}]`,
	`"\u00e9\n"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\x"`, `{"":1}`, `{"":{}}`, `"SPAN_KIND_CLIENT"`, `"STATUS_CODE_ERROR"`, `"NaN"`, `"Infinity"`,
	`{"stringValue":"a","intValue":7}`, `{"intValue":"7","intValue":8}`, `{"string_value":"s"}`, `{"newValue":1}`, `{"bytesValue":"AQ="}`,
}

// TestJSONIsReadAsPdataReadsIt changes requests here and there: in their bytes,
// and by values that are odd where they stand.
func TestJSONIsReadAsPdataReadsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := EncodeJSON(genSpans().Draw(t, "spans"))
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			if rapid.Bool().Draw(t, "byte") {
				text[at] = rapid.SampledFrom([]byte("\"\\{}[],:0 n-e.\x00\xff")).Draw(t, "other")
				continue
			}
			for at < len(text) && text[at] != ':' {
				at++
			}
			if from := at + 1; from < len(text) {
				to := from + valueLength(text[from:])
				text = append(text[:from:from], append([]byte(rapid.SampledFrom(oddTexts).Draw(t, "value")), text[to:]...)...)
			}
		}
		requireAsPdata(t, text)
	})
}

// valueLength is how many bytes the JSON value has that comes next, or 0.
func valueLength(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = closingQuote(text, i+1)
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return min(i+1, len(text))
		}
		if depth < 0 {
			return i
		}
	}
	return 0
}

func FuzzObject(f *testing.F) {
	text, err := EncodeJSON([]trace.Span{{
		TraceID: trace.TraceID{15: 1}, SpanID: trace.SpanID{7: 2}, Name: "GET /cart", Kind: trace.KindServer,
		Resource: trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("cart")}}),
		Scope:    &trace.Scope{Name: "http"},
		Attrs:    []trace.Attr{{Key: "list", Value: trace.Array([]trace.Value{trace.Int(1), trace.Double(2)})}},
		Events:   []trace.Event{{Name: "exception", Time: 3}},
		Links:    []trace.Link{{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) { requireAsPdata(t, text) })
}

// TestOrdinaryJSONIsNotLeftToPdata: that would cost three times as much.
func TestOrdinaryJSONIsNotLeftToPdata(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := EncodeJSON(genSpans().Draw(t, "spans"))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(`\u0000`)) {
			return
		}
		if err := new(scanner).scanObject(text); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	})
}

// TestTextsOutliveTheRequest: what was read of one request is not changed by the
// next, as long as it is not freed.
func TestTextsOutliveTheRequest(t *testing.T) {
	read := func(name string) ([]trace.Span, func()) {
		s := span(1, 1)
		s.Name = name
		text, err := EncodeJSON([]trace.Span{s})
		if err != nil {
			t.Fatal(err)
		}
		b, err := NewBatchObject(text)
		if err != nil {
			t.Fatal(err)
		}
		clear(text)
		return b.Spans, b.Free
	}
	first, free := read("first")
	second, _ := read("other")
	if first[0].Name != "first" || second[0].Name != "other" {
		t.Errorf("names %q and %q", first[0].Name, second[0].Name)
	}
	free()
	if third, _ := read("third"); second[0].Name != "other" || third[0].Name != "third" {
		t.Errorf("names %q and %q", second[0].Name, third[0].Name)
	}
}
