package store

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/graph/trace"
)

func TestSpansAreScannedByTheirStart(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	names := func(from, to int64) (got []byte) {
		t.Helper()
		err := s.Spans(t.Context(), from, to, func(spans []trace.Span) error {
			for i := range spans {
				got = append(got, spans[i].SpanID[7])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := names(math.MinInt64, math.MaxInt64); got != nil {
		t.Errorf("an empty store has spans %v", got)
	}
	write(t, s, span(1, 1, 0, "a", trace.KindServer, 0, 1), span(1, 2, 1, "a", trace.KindClient, 5, 6))
	write(t, s, span(2, 3, 0, "b", trace.KindServer, 4000, 4001))
	for _, c := range []struct {
		from, to float64
		want     []byte
	}{
		{-10, 10000, []byte{1, 2, 3}}, {0, 5, []byte{1}}, {1, 6, []byte{2}}, {6, 4000, nil}, {4000, 4000.5, []byte{3}},
	} {
		if diff := cmp.Diff(c.want, names(at(c.from), at(c.to))); diff != "" {
			t.Errorf("[%g, %g): spans (-want +got):\n%s", c.from, c.to, diff)
		}
	}
	broken := errors.New("enough")
	if err := s.Spans(t.Context(), at(0), at(10), func([]trace.Span) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}
