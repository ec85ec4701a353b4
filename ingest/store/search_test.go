package store

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/graph/trace"
)

// A search goes back in time over all blocks, and at every piece it says up to
// where it has given all.
func TestNewest(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	var all []trace.Span
	for n := range byte(40) { // each a block of its own, out of order, with one that comes late
		start := float64(n*7%40) + 1
		spans := []trace.Span{
			span(n+1, 2*n+1, 0, "front", trace.KindServer, start, start+2),
			span(n+1, 2*n+2, 2*n+1, "orders", trace.KindClient, start-0.9, start+0.1),
		}
		write(t, s, spans...)
		all = append(all, spans...)
	}
	for name, by := range map[string]Sieve{"all": {}, "a service": {Service: "orders"}, "long ones": {Least: 15e8}, "none": {Service: "nobody"}} {
		var want, got []trace.SpanID
		for _, sp := range all {
			if sp.Start >= at(5) && sp.Start < at(30) && (by.Service == "" || sp.Resource.Service == by.Service) && sp.Duration() >= by.Least {
				want = append(want, sp.SpanID)
			}
		}
		before := at(30)
		err := s.Newest(t.Context(), at(5), at(30), &by, func(p Piece) bool {
			if p.Before > before {
				t.Errorf("%s: goes back and forth", name)
			}
			for _, sp := range p.Spans {
				if sp.Start >= before {
					t.Errorf("%s: a span comes after it was said that all had come", name)
				}
				got = append(got, sp.SpanID)
			}
			before = p.Before
			return true
		})
		if err != nil || before != at(5) {
			t.Errorf("%s: ended %v before its begin: %v", name, before-at(5), err)
		}
		order := func(a, b trace.SpanID) int { return slices.Compare(a[:], b[:]) }
		slices.SortFunc(want, order)
		slices.SortFunc(got, order)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for range 2 { // the second time it is known which blocks need no reading
		found := 0
		if err := s.Newest(t.Context(), at(0), at(50), &Sieve{Least: 3e9}, func(p Piece) bool { found += len(p.Spans); return true }); err != nil || found != 0 {
			t.Errorf("%d spans of more than 3 s: %v", found, err)
		}
	}
}

func TestOfTraces(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	for n := range byte(10) {
		write(t, s, span(n%5, n+1, 0, "front", trace.KindServer, float64(n), float64(n)+1))
	}
	var got []byte
	err := s.OfTraces(t.Context(), []trace.TraceID{{15: 3}, {15: 1}, {15: 77}}, func(sp *trace.Span) bool {
		got = append(got, sp.SpanID[7])
		return true
	})
	if diff := cmp.Diff([]byte{2, 4, 7, 9}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
