package column

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/graph/trace"
)

// A sieve leaves in all that is wanted, as it was written, and nothing that it
// can tell is not.
func TestSelect(t *testing.T) {
	e, d := newCodec(t)
	services := []*trace.Resource{nil}
	for _, name := range []string{"orders", "stock"} {
		services = append(services, trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String(name)}}))
	}
	rapid.Check(t, func(t *rapid.T) {
		spans := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) trace.Span {
			s := genSpan(services, []*trace.Scope{nil}).Draw(t, "span")
			s.Start = rapid.Int64Range(0, 1000).Draw(t, "start")
			s.End = s.Start + rapid.Int64Range(-5, 100).Draw(t, "length")
			s.Status = trace.StatusCode(rapid.IntRange(0, 2).Draw(t, "status"))
			if rapid.Bool().Draw(t, "coded") {
				code := rapid.SampledFrom([]int64{200, 302, 404, 408, 503, 0, 4}).Draw(t, "code")
				key := rapid.SampledFrom([]string{"http.response.status_code", "rpc.grpc.status_code"}).Draw(t, "key")
				s.Attrs = append(slices.Clip(s.Attrs), trace.Attr{Key: key, Value: trace.Int(code)})
			}
			return s
		}), 1, 30).Draw(t, "spans")
		by := Sieve{
			Service: rapid.SampledFrom([]string{"", "orders", "stock", "else"}).Draw(t, "service"),
			Least:   rapid.Int64Range(0, 90).Draw(t, "least"),
			Most:    rapid.Int64Range(0, 100).Draw(t, "most"),
			Failing: rapid.Bool().Draw(t, "failing"),
		}
		block, err := e.Append(nil, spans)
		if err != nil {
			t.Fatal(err)
		}
		got, longest, err := d.Select(block, &by)
		if err != nil {
			t.Fatal(err)
		}
		var want []trace.Span
		greatest := int64(0)
		for _, s := range spans {
			greatest = max(greatest, s.Duration())
			if s.Duration() >= by.Least && (by.Most == 0 || s.Duration() <= by.Most) && (by.Service == "" || s.Resource != nil && s.Resource.Service == by.Service) {
				want = append(want, s)
			}
		}
		if longest != greatest {
			t.Errorf("longest %d, want %d", longest, greatest)
		}
		if by.Failing && len(got) == 0 { // none of them was needed
			if slices.ContainsFunc(want, func(s trace.Span) bool { return trace.OutcomeOf(&s) != trace.OK }) {
				t.Error("a span that failed is left out")
			}
			return
		}
		if diff := cmp.Diff(want, got, exact, cmp.AllowUnexported(trace.Resource{})); diff != "" {
			t.Errorf("selected (-want +got):\n%s", diff)
		}
	})
}

// What a span says in words is looked for in the bytes.
func TestSelectByTexts(t *testing.T) {
	e, d := newCodec(t)
	block, err := e.Append(nil, traffic()...)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"enduser.id": true, "user-": true, "no.such.key": false, "/api/v1/op/{id}": true} {
		got, _, err := d.Select(block, &Sieve{Texts: []string{text}})
		if err != nil || (len(got) > 0) != want {
			t.Errorf("%q: %d spans, %v", text, len(got), err)
		}
	}
}

func BenchmarkSelect(b *testing.B) {
	e, d := newCodec(b)
	block, err := e.Append(nil, traffic()...)
	if err != nil {
		b.Fatal(err)
	}
	for name, by := range map[string]Sieve{
		"all": {}, "no such text": {Texts: []string{"no.such.key"}}, "longer than any": {Least: 1e12}, "failing": {Failing: true}, "the longest": {Least: 8_990_000},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := d.Select(block, &by); err != nil {
					b.Fatal(err)
				}
			}
			report(b)
		})
	}
}
