package risk_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"headwater/analysis/risk"
	"headwater/graph"
)

// limits is a system whose limits are known.
type limits struct {
	felt, stuck, seen float64
	unlike            string
	err               error
	played            int
}

func (l *limits) Unlike(graph.NodeID) string { return l.unlike }

func (l *limits) Slow(_ context.Context, _ graph.NodeID, factor float64) (felt, stuck, seen bool, err error) {
	l.played++
	return factor >= l.felt, factor >= l.stuck, factor <= l.seen, l.err
}

func TestHowMuchADependencyMaySlow(t *testing.T) {
	const never = 1e9
	tests := []struct {
		name        string
		system      limits
		felt, stuck float64 // 0 for never
		feltLeast   float64
		stuckLeast  float64
		says        string
	}{
		{"both", limits{felt: 3, stuck: 10, seen: never}, 3, 10, 3, 10, "Users feel it when db gets 3.0 times as slow. From 9.9 times on, the system does not come back by itself once it is over."},
		{"it comes back", limits{felt: 3, stuck: never, seen: never}, 3, 0, 3, 128, "comes back by itself even after 128 times"},
		{"not felt", limits{felt: never, stuck: never, seen: never}, 0, 0, 128, 128, "Users do not feel it when db gets 128 times as slow."},
		{"beyond what was seen", limits{felt: 30, stuck: never, seen: 5}, 30, 0, 4, 4, "sooner, but not below 4.0 times, where something has a limit that was never reached"},
		{"at once", limits{felt: 1.05, stuck: 1.5, seen: never}, 1.05, 1.5, 1, 1.5, "Users feel it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := risk.RiskReport{Room: []risk.RiskRoom{{Node: graph.NodeID{Kind: graph.Database, Name: "db"}}}}
			if err := r.Play(t.Context(), &tt.system, nil, 5, nil); err != nil {
				t.Fatal(err)
			}
			p := r.Room[0].Played
			for _, l := range []struct {
				name              string
				is                risk.RiskLimit
				wanted, wantLeast float64
			}{{"felt", p.Felt, tt.felt, tt.feltLeast}, {"stuck", p.Stuck, tt.stuck, tt.stuckLeast}} {
				if l.wanted == 0 && l.is.Factor != 0 || l.wanted > 0 && (l.is.Factor < l.wanted/1.1 || l.is.Factor > 1.1*l.wanted) {
					t.Errorf("%s: %+v, want %v", l.name, l.is, l.wanted)
				}
				if l.is.Least > 1.001*l.wantLeast || l.is.Least < l.wantLeast/1.15 {
					t.Errorf("%s: %+v, want at least %v", l.name, l.is, l.wantLeast)
				}
			}
			if !p.Known || !strings.Contains(p.Sentence, tt.says) {
				t.Errorf("says %q", p.Sentence)
			}
			if tt.system.played > 20 {
				t.Errorf("played %d times", tt.system.played)
			}
		})
	}
}

func TestWhatIsNotPlayed(t *testing.T) {
	room := func() risk.RiskReport {
		return risk.RiskReport{Room: []risk.RiskRoom{
			{Node: graph.NodeID{Kind: graph.Database, Name: "much"}, Users: 0.9}, {Node: graph.NodeID{Kind: graph.Database, Name: "most"}, Users: 1},
			{Node: graph.NodeID{Kind: graph.Database, Name: "little"}, Users: 0.1},
		}}
	}
	r := room()
	if err := r.Play(t.Context(), &limits{unlike: "It is another."}, nil, 2, nil); err != nil {
		t.Fatal(err)
	}
	if r.Room[0].Played == nil || r.Room[1].Played == nil || r.Room[2].Played != nil {
		t.Errorf("the two that are most used are played: %+v", r.Room)
	}
	if p := r.Room[1].Played; p.Known || p.Sentence != "How much most may slow is unknown. It is another." {
		t.Errorf("%+v", p)
	}
	r = room()
	if err := r.Play(t.Context(), &limits{err: context.Canceled}, nil, 2, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	only := []graph.NodeID{r.Room[2].Node}
	if err := r.Play(t.Context(), &limits{}, only, 2, nil); err != nil || r.Room[0].Played != nil || r.Room[2].Played == nil {
		t.Errorf("%v: %+v", err, r.Room)
	}
}
