package whatif

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"headwater/analysis/simulate"
	"headwater/graph"
)

// calm is a fit to the two minutes before the storm, which showed how callers retry.
func calm(t *testing.T) *Healthy {
	t.Helper()
	in := Well{}
	for _, w := range stormy(t) {
		if w.Start+w.Length <= simulate.DefaultStart.Add(2*time.Minute).UnixNano() {
			in.Windows = append(in.Windows, w)
		} else {
			in.Trouble = append(in.Trouble, w)
		}
	}
	h, err := NewHealthy(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// A dependency whose callers retry is felt when it is slow, and from some point on
// the storm goes on without it.
func TestASlowDependency(t *testing.T) {
	h := calm(t)
	stock := graph.NodeID{}
	for id := range h.fit.usual {
		if why := h.Unlike(id.Node); why != "" {
			t.Errorf("%s: %s", id.Node, why)
		}
	}
	for _, s := range h.fit.services {
		if s.ID.Name == "stock" {
			stock = s.ID
		}
	}
	for _, tt := range []struct {
		factor      float64
		felt, stuck bool
	}{{1, false, false}, {8, true, true}} {
		felt, stuck, _, err := h.Slow(t.Context(), stock, tt.factor)
		if err != nil || felt != tt.felt || stuck != tt.stuck {
			t.Errorf("%v times as slow: felt %t, stuck %t, %v", tt.factor, felt, stuck, err)
		}
	}
	if h.Unlike(graph.NodeID{Kind: graph.Service, Name: "nobody"}) == "" {
		t.Error("who was never seen is known")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, _, err := h.Slow(ctx, stock, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// What keeps a system from coming back are the retries of its callers, and holding
// them back lets it.
func TestWhatKeepsASystemDown(t *testing.T) {
	h := calm(t)
	stock := graph.NodeID{}
	for _, s := range h.fit.services {
		if s.ID.Name == "stock" {
			stock = s.ID
		}
	}
	calls, attempts, err := h.Retried(t.Context(), stock, 8)
	if err != nil || len(calls) == 0 || calls[0].Callee != stock || attempts[0] < 2 {
		t.Fatalf("%v %v %v", calls, attempts, err)
	}
	change, tried, err := h.Mend(t.Context(), stock, 8, calls)
	if err != nil || tried < 1 || !strings.Contains(change, "-> stock") && !strings.Contains(change, "callers of stock") {
		t.Errorf("%q after %d, %v", change, tried, err)
	}
	if calls, _, err := h.Retried(t.Context(), stock, 1); err != nil || len(calls) > 0 {
		t.Errorf("as fast as ever, and %v are retried, %v", calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := h.Mend(ctx, stock, 8, calls); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, _, err := h.Retried(t.Context(), graph.NodeID{Kind: graph.Service, Name: "nobody"}, 2); err == nil {
		t.Error("who was never seen is slowed")
	}
}

// What was never seen to be borne is told from what was.
func TestWhatWasNeverSeen(t *testing.T) {
	h := calm(t)
	front := graph.NodeID{}
	for id := range h.fit.usual {
		front = id.Node
	}
	base, err := h.unslowed(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int]bool{0: false, 1000: true} {
		h.well.Most = map[graph.NodeID]int{front: most}
		if got := h.borne(base); got != want {
			t.Errorf("%d at a time were seen: borne %t", most, got)
		}
	}
	if _, err := NewHealthy(t.Context(), Well{Windows: stormy(t)[:3]}); !errors.Is(err, errTooCalm) {
		t.Errorf("half a minute: %v", err)
	}
}
