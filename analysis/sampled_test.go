package analysis_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/graph"
	"headwater/graph/trace"
)

// A tenth and a fifth of all traces, as OpenTelemetry's tracestate says it.
const (
	aTenth = "ot=th:e666666666666a"
	aFifth = "ot=th:cccccccccccccd"
)

// sampledOut is the impact and the first cause of spans of which some traces were
// left out: keep gives the tracestate of those that stay.
func sampledOut(t *testing.T, spans []trace.Span, keep func(id trace.TraceID, failed bool) (state string, ok bool)) *analysis.Incident {
	t.Helper()
	failed := map[trace.TraceID]bool{}
	for i := range spans {
		if s := &spans[i]; s.Parent.IsZero() && s.Status == trace.StatusError {
			failed[s.TraceID] = true
		}
	}
	var kept []trace.Span
	for _, s := range spans {
		state, ok := keep(s.TraceID, failed[s.TraceID])
		if ok {
			s.TraceState = state
			kept = append(kept, s)
		}
	}
	f := graph.NewFolder(window)
	f.Add(kept)
	f.Finish()
	var ws []*graph.Window
	for _, start := range f.Starts() {
		ws = append(ws, f.Take(start).Window)
	}
	from := time.Unix(0, ws[0].Start).UTC().Add(5 * time.Minute)
	r := analysis.Analyze(analysis.Input{Windows: ws, Incident: &analysis.Interval{Start: from, End: from.Add(3 * time.Minute)}}, analysis.Options{})
	if len(r.Incidents) != 1 || len(r.Incidents[0].Causes) == 0 || len(r.Incidents[0].Impact) == 0 {
		t.Fatalf("%d incidents", len(r.Incidents))
	}
	return &r.Incidents[0]
}

// chance tells traces apart by their ids, as a sampler does.
func chance(id trace.TraceID) float64 {
	return float64(binary.BigEndian.Uint64(id[8:])&(1<<56-1)) / (1 << 56)
}

// TestSampledTracesStandForAll holds that users suffered the same, whatever share of
// their traces was recorded, as long as the traces say it.
func TestSampledTracesStandForAll(t *testing.T) {
	for _, fault := range []string{"service: pricing, slow: 12", "service: pricing, errors: 0.3"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			sc, err := simulate.Parse([]byte("description: Sampled.\nsystem: shop\nduration: 10m\nfault: x\nfaults:\n  - {at: 5m, for: 3m, "+fault+"}\n"), "sampled.yaml")
			if err != nil {
				t.Fatal(err)
			}
			var spans []trace.Span
			if _, err := simulate.Run(t.Context(), sc, simulate.Options{Seed: 7}, func(b simulate.Batch) error {
				spans = append(spans, slices.Clone(b.Spans)...)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			whole := sampledOut(t, spans, func(trace.TraceID, bool) (string, bool) { return "", true })
			for name, keep := range map[string]func(trace.TraceID, bool) (string, bool){
				"one in five": func(id trace.TraceID, _ bool) (string, bool) { return aFifth, chance(id) >= 0.8 },
				"all that failed, and one in ten": func(id trace.TraceID, failed bool) (string, bool) {
					return map[bool]string{false: aTenth}[failed], failed || chance(id) >= 0.9
				},
			} {
				t.Run(name, func(t *testing.T) {
					got := sampledOut(t, spans, keep)
					if g, w := got.Causes[0].ID, whole.Causes[0].ID; g != w {
						t.Errorf("the first cause is %s, of all traces %s", g, w)
					}
					worst := whole.Impact[0]
					i := slices.IndexFunc(got.Impact, func(i analysis.Impact) bool { return i.Route == worst.Route })
					if i < 0 {
						t.Fatalf("%s is not among the routes that were hurt", worst.Route)
					}
					is := got.Impact[i]
					if n := float64(worst.Requests); math.Abs(float64(is.Requests)/n-1) > 0.15 || math.Abs(is.BaselineRate/worst.BaselineRate-1) > 0.15 {
						t.Errorf("%d requests, of all traces %d; before %.2f and %.2f a second", is.Requests, worst.Requests, is.BaselineRate, worst.BaselineRate)
					}
					failing := func(i analysis.Impact) float64 { return float64(i.Failed) / float64(i.Requests) }
					if math.Abs(failing(is)-failing(worst)) > 0.05 {
						t.Errorf("%.1f%% failed, of all traces %.1f%%", 100*failing(is), 100*failing(worst))
					}
					if math.Abs(is.ExcessSeconds-worst.ExcessSeconds) > 0.2*worst.ExcessSeconds+5 {
						t.Errorf("%.0f s lost, of all traces %.0f s", is.ExcessSeconds, worst.ExcessSeconds)
					}
				})
			}
		})
	}
}
