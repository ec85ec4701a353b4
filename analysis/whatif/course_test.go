package whatif

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/graph"
)

// What is not seen any more stays as it was for as long again as it was seen; then it
// is as usual.
func TestWhatIsNotSeenAnyMore(t *testing.T) {
	usual, slow, unseen := sample{1, 0.02, 50}, sample{4, 0.1, 50}, sample{}
	for _, tt := range []struct {
		name   string
		series []sample
		want   []float64
	}{
		{"to the end", []sample{usual, slow, slow, unseen, unseen, unseen, unseen}, []float64{1, 4, 4, 4, 4, 1, 1}},
		{"for a while", []sample{usual, slow, slow, slow, unseen, slow, usual}, []float64{1, 4, 4, 4, 4, 4, 1}},
		{"never", []sample{unseen, unseen, unseen}, []float64{1, 1, 1}},
	} {
		if diff := cmp.Diff(tt.want, levels(tt.series, 1, leastSlower)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// An incident before the one that is played does not tell what is usual.
func TestAnEarlierIncidentIsNotUsual(t *testing.T) {
	var windows []*graph.Window
	for i := range 20 {
		w := graph.NewWindow(int64(i)*1e10, 1e10)
		r := &graph.RouteStats{Requests: 100, Failed: 1}
		if i >= 15 {
			r.Failed = 90
		}
		w.Routes[graph.RouteID{Operation: "GET /"}] = r
		windows = append(windows, w)
	}
	if got := quiet(windows); len(got) != 15 {
		t.Errorf("%d windows are usual, want 15", len(got))
	}
	if got := quiet(windows[12:]); len(got) != 8 {
		t.Errorf("%d windows are usual where few are without failures, want all 8", len(got))
	}
}

// A node that gets far more than it was ever seen to get is named, unless its limit is
// known.
func TestMoreThanWasEverSeen(t *testing.T) {
	f := storm(t)
	if got := f.unborne(f.measured); len(got) != 0 {
		t.Errorf("what was measured is more than was seen: %q", got)
	}
	flood := graph.NewWindow(f.measured[0].Start, int64(f.length))
	for id := range f.usually.Nodes {
		flood.Nodes[id] = &graph.NodeStats{All: graph.VisitStats{Visits: 100_000}}
	}
	got := f.unborne([]*graph.Window{flood})
	if len(got) != 2 || !strings.HasPrefix(got[0], "front ") || !strings.HasPrefix(got[1], "shop-db ") {
		t.Errorf("%q, want front and shop-db: the limit of stock is known", got)
	}
}
