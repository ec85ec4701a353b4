package contrast_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"headwater/analysis/contrast"
	"headwater/analysis/simulate"
	"headwater/graph/trace"
)

// played gives the traces of a scenario, by id.
func played(t *testing.T, sc *simulate.Scenario) []*trace.Trace {
	t.Helper()
	spans := map[trace.TraceID][]trace.Span{}
	_, err := simulate.Run(t.Context(), sc, simulate.Options{Seed: 1}, func(b simulate.Batch) error {
		for _, s := range b.Spans {
			spans[s.TraceID] = append(spans[s.TraceID], s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var traces []*trace.Trace
	for _, s := range spans {
		traces = append(traces, trace.Assemble(s))
	}
	slices.SortFunc(traces, func(a, b *trace.Trace) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return traces
}

// TestHealthySystemsHaveNoBadRequests: durations of one route differ by what is
// asked for, by caches that hit or not and by queues. Nothing is wrong with that.
func TestHealthySystemsHaveNoBadRequests(t *testing.T) {
	systems := map[string]bool{}
	for _, name := range simulate.Names() {
		sc, err := simulate.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if sc.SystemName == "" || systems[sc.SystemName] {
			continue
		}
		systems[sc.SystemName] = true
		t.Run(sc.SystemName, func(t *testing.T) {
			text := fmt.Sprintf("description: All is well.\nsystem: %s\nduration: 2m\nhealthy: true\n", sc.SystemName)
			sc, err := simulate.Parse([]byte(text), "healthy.yaml")
			if err != nil {
				t.Fatal(err)
			}
			all := played(t, sc)
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			for _, n := range []int{100, 1000, len(all)} {
				if p := contrast.Split(all[:min(n, len(all))]); len(p.Bad) > 0 {
					t.Errorf("of %d requests %d are bad (%d failed), of %v", n, len(p.Bad), p.Failed, p.Routes)
				}
			}
		})
	}
}
