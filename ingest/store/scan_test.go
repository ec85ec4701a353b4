package store

import (
	"testing"

	"headwater/graph/trace"
)

func TestSpansAreReadByTime(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	write(t, s, span(1, 1, 0, "early", trace.KindServer, 0, 1))
	write(t, s, span(2, 2, 0, "late", trace.KindServer, 100, 101), span(2, 3, 2, "late", trace.KindClient, 100.2, 100.8))
	read := func(from, to float64, most int) (names []string) {
		t.Helper()
		err := s.Spans(t.Context(), at(from), at(to), func(batch []trace.Span) bool {
			for i := range batch {
				names = append(names, batch[i].Name)
			}
			return len(names) < most
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	if got := read(0, 200, 9); len(got) != 3 || got[0] != "late work" || got[2] != "early work" {
		t.Errorf("all: %v", got)
	}
	if got := read(0, 200, 1); len(got) != 2 {
		t.Errorf("until enough: %v", got)
	}
	if got := read(50, 200, 9); len(got) != 2 {
		t.Errorf("the later: %v", got)
	}
	if got := read(20, 90, 9); got != nil {
		t.Errorf("between: %v", got)
	}
}
