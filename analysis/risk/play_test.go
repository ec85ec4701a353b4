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
	retry             []string // callers of front
	mend              string
	err               error
	played            int
}

func (l *limits) Unlike(graph.NodeID) string { return l.unlike }

func (l *limits) Slow(_ context.Context, _ graph.NodeID, factor float64) (felt, stuck, seen bool, err error) {
	l.played++
	return factor >= l.felt, factor >= l.stuck, factor <= l.seen, l.err
}

func (l *limits) Retried(_ context.Context, _ graph.NodeID, factor float64) (calls []graph.EdgeID, attempts []float64, err error) {
	l.played++
	if factor < l.stuck {
		return nil, nil, errors.New("it comes back from that")
	}
	for _, caller := range l.retry {
		calls = append(calls, graph.EdgeID{Caller: graph.NodeID{Kind: graph.Service, Name: caller}, Callee: graph.NodeID{Kind: graph.Service, Name: "front"}})
		attempts = append(attempts, 3)
	}
	return calls, attempts, l.err
}

func (l *limits) Mend(_ context.Context, _ graph.NodeID, _ float64, retried []graph.EdgeID) (change string, tried int, err error) {
	if l.mend == "" {
		return "", 2 * len(retried), l.err
	}
	return l.mend, 1, l.err
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
		{"it comes back", limits{felt: 3, stuck: never, seen: never}, 3, 0, 3, 128, "Up to 128 times, the system came back by itself with the limits, timeouts and retries that were seen"},
		{"not felt", limits{felt: never, stuck: never, seen: never}, 0, 0, 128, 128, "Up to 128 times, the most that is played, users were not seen to feel that db is slow."},
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

// What does not come back from a common slowdown is a risk of its own, one for all
// dependencies after which the same place is flooded.
func TestNoReturnIsARisk(t *testing.T) {
	const never = 1e9
	id := func(name string) graph.NodeID { return graph.NodeID{Kind: graph.Database, Name: name} }
	room := func() *risk.RiskReport {
		return &risk.RiskReport{
			Risks: []risk.Risk{{Kind: risk.NoTimeout, Subject: "a -> b", Score: 0.3}},
			Room:  []risk.RiskRoom{{Node: id("db"), Users: 1}, {Node: id("other"), Users: 0.5}},
		}
	}
	tests := []struct {
		name    string
		system  limits
		rank    int // 0 for none
		says    []string
		remedy  string
		subject string
	}{
		{"it comes back", limits{felt: 2, stuck: never, seen: never}, 0, nil, "", ""},
		{"only from what is rare", limits{felt: 2, stuck: 20, seen: never}, 0, nil, "", ""},
		{
			"retries keep it down", limits{felt: 1.5, stuck: 2, seen: never, retry: []string{"hall"}, mend: "A retry budget"}, 1,
			[]string{"hall -> front: 3.0 attempts of each call then", "The same comes of other, from 1.9 times on."}, "A retry budget lets it come back, in the replay.", "db",
		},
		{
			"nothing small ends it", limits{felt: 1.5, stuck: 2, seen: never, retry: []string{"hall", "kiosk"}}, 1,
			[]string{"kiosk -> front: 3.0 attempts", "with 4 small changes"}, "No single small change was enough in the replay.", "db",
		},
		{"nobody tries again", limits{felt: 1.5, stuck: 2, seen: never, mend: "A breaker"}, 0, nil, "", ""},
		{"sure only of the most", limits{felt: 1.5, stuck: 3, seen: 1.2, retry: []string{"hall"}}, 2, []string{"limits that were never reached may do it sooner"}, "No single small change", "db"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := room()
			for range 2 { // what was played stays, and is told once
				if err := r.Play(t.Context(), &tt.system, nil, 5, nil); err != nil {
					t.Fatal(err)
				}
			}
			var found []risk.Risk
			for _, k := range r.Risks {
				if k.Kind == risk.NoReturn {
					found = append(found, k)
				}
			}
			if tt.rank == 0 {
				if len(found) > 0 {
					t.Errorf("%+v", found)
				}
				return
			}
			if len(found) == 0 || found[0].Rank != tt.rank || found[0].Subject != tt.subject || !strings.HasPrefix(found[0].Remedy, tt.remedy) {
				t.Fatalf("%+v", found)
			}
			if len(tt.system.retry) > 0 && len(found) != 1 {
				t.Errorf("told %d times", len(found))
			}
			text := ""
			for _, e := range found[0].Evidence {
				text += e.Sentence + "\n"
			}
			for _, s := range tt.says {
				if !strings.Contains(text, s) {
					t.Errorf("%q is not in\n%s", s, text)
				}
			}
		})
	}
}
