package whatif

import (
	"fmt"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
)

// Retries that somebody caps while calls fail show; that fewer calls fail, or that a
// caller leaves earlier, is no cap.
func TestCapsShow(t *testing.T) {
	for _, tt := range []struct {
		name, faults string
		want         int // attempts from then on; 0: no cap
	}{
		{"capped", "{at: 2m, for: 3m, service: stock, errors: 1}, {at: 3m30s, edge: front->stock, attempts: 1, remedy: true}", 1},
		{"to one retry", "{at: 2m, for: 3m, service: stock, errors: 0.9}, {at: 3m30s, edge: front->stock, attempts: 2, remedy: true}", 2},
		{"in a storm", "{at: 2m, for: 3m, service: stock, slow: 50}, {at: 3m30s, edge: front->stock, attempts: 1, remedy: true}", 1},
		{"half of it fails", "{at: 2m, for: 3m, service: stock, errors: 0.5}, {at: 3m30s, edge: front->stock, attempts: 1, remedy: true}", 1},
		{"none", "{at: 2m, for: 3m, service: stock, errors: 1}", 0},
		{"fewer fail", "{at: 2m, for: 90s, service: stock, errors: 1}, {at: 3m30s, for: 90s, service: stock, errors: 0.2}", 0},
		{"more fail", "{at: 2m, for: 90s, service: stock, errors: 0.2}, {at: 3m30s, for: 90s, service: stock, errors: 1}", 0},
		{"when it was over", "{at: 2m, for: 1m, service: stock, errors: 1}, {at: 3m30s, edge: front->stock, attempts: 1, remedy: true}", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sc, err := simulate.Parse(fmt.Appendf(nil, `
description: Retries are capped.
duration: 7m
services:
  - name: front
    operations: [{name: buy, route: POST /buy, time: 3ms, steps: [{call: stock.take}]}]
    clients: [{to: stock, timeout: 400ms, attempts: 4, backoff: 20ms}]
  - name: stock
    operations: [{name: take, route: POST /take, time: 20ms, spread: 0.4}]
entries: [{name: buy, call: front.buy, rate: 20}]
faults: [%s]
`, tt.faults), "capped.yaml")
			if err != nil {
				t.Fatal(err)
			}
			begin := simulate.DefaultStart.Add(2 * time.Minute)
			windows := windowsOf(t, sc, 3)
			f, err := fit(Input{Windows: windows, Incident: analysis.Interval{Start: begin, End: begin.Add(3 * time.Minute)}})
			if err != nil {
				t.Fatal(err)
			}
			got, at := 0, time.Duration(0)
			for _, c := range f.capped {
				got, at = c.attempts, time.Duration(c.at-f.from)*f.length
			}
			if got != tt.want {
				t.Fatalf("capped at %d attempts, want %d", got, tt.want)
			}
			if got > 0 && (at < 80*time.Second || at > 100*time.Second) {
				t.Errorf("capped %v after the begin, it was 90 s", at)
			}
			for e, p := range f.policies {
				if got > 0 && e.Caller.Name == "front" && p.attempts != 4 {
					t.Errorf("%d attempts before, want 4", p.attempts)
				}
			}
		})
	}
}
