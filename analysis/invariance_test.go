package analysis_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/graph"
	"headwater/graph/trace"
)

// TestTheLedgerBalances holds that what the requests of a route took longer is
// what its accounts grew by, in every window, whatever happened.
func TestTheLedgerBalances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ws := world{
			dbSlow:     rapid.Float64Range(0, 50).Draw(t, "dbSlow"),
			searchFail: rapid.Bool().Draw(t, "searchFail"),
		}.windows()
		k := rapid.IntRange(1, len(ws)-1).Draw(t, "baseline")
		for _, w := range ws[k:] {
			if off := analysis.Unbalanced(ws[:k], w); off > 1e-9 {
				t.Fatalf("window %d against the first %d: off by %.3g", w.Start/window, k, off)
			}
		}
	})
}

// outage plays a scenario in which retries turn a slow callee into an outage.
func outage(t *testing.T) []trace.Span {
	t.Helper()
	sc, err := simulate.Load("pools-exhausted-in-turn")
	if err != nil {
		t.Fatal(err)
	}
	var spans []trace.Span
	if _, err := simulate.Run(t.Context(), sc, simulate.Options{Seed: 1}, func(b simulate.Batch) error {
		for i := range b.Spans {
			if b.Spans[i].TraceID[13]%2 == 0 { // half of them are enough
				spans = append(spans, b.Spans[i])
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return spans
}

// TestTheFirstCauseStays holds that what says nothing of the system does not
// change the answer, on a simulated outage with retries and losses by deadlines.
func TestTheFirstCauseStays(t *testing.T) {
	spans := outage(t)
	want := firstCause(t, spans)
	byTrace := func(keep func(trace.TraceID) bool) []trace.Span {
		return slices.DeleteFunc(slices.Clone(spans), func(s trace.Span) bool { return !keep(s.TraceID) })
	}
	tests := []struct {
		name  string
		spans func() []trace.Span
	}{
		{"reversed order", func() []trace.Span {
			out := slices.Clone(spans)
			slices.Reverse(out)
			return out
		}},
		{"a week later", func() []trace.Span {
			out := slices.Clone(spans)
			for i := range out {
				out[i].Start += 7 * 24 * 3600e9
				out[i].End += 7 * 24 * 3600e9
			}
			return out
		}},
		{"every trace twice", func() []trace.Span {
			out := slices.Clone(spans)
			for i := range spans {
				s := spans[i]
				s.TraceID[0] ^= 0xff
				out = append(out, s)
			}
			return out
		}},
		{"one trace in five", func() []trace.Span {
			return byTrace(func(id trace.TraceID) bool { return id[15]%5 == 0 })
		}},
		{"a healthy service beside it", func() []trace.Span {
			out := slices.Clone(spans)
			r := &trace.Resource{Service: "bystander"}
			for i := range spans {
				if s := spans[i]; s.Parent.IsZero() && s.TraceID[15]%4 == 0 {
					s.TraceID[0] ^= 0xff
					s.Resource, s.Kind, s.Name = r, trace.KindServer, "GET /well"
					s.End = s.Start + 5e6 + int64(s.TraceID[14])*1e4
					s.Status = 0
					out = append(out, s)
				}
			}
			return out
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := firstCause(t, tt.spans()); got != want {
				t.Errorf("the first cause is %s, was %s", got, want)
			}
		})
	}
}

// firstCause is the first cause of the longest incident in spans.
func firstCause(t *testing.T, spans []trace.Span) string {
	t.Helper()
	f := graph.NewFolder(window)
	f.Add(spans)
	f.Finish()
	var ws []*graph.Window
	for _, start := range f.Starts() {
		ws = append(ws, f.Take(start).Window)
	}
	for _, w := range ws[1:] {
		if off := analysis.Unbalanced(ws[:1], w); off > 1e-9 {
			t.Fatalf("the ledger is off by %.3g", off)
		}
	}
	r := analysis.Analyze(analysis.Input{Windows: ws}, analysis.Options{})
	if len(r.Incidents) == 0 || len(r.Incidents[0].Causes) == 0 {
		t.Fatal("nothing found")
	}
	if b := r.Incidents[0].Balance; math.Abs(b.Explained+b.Unattributed-1) > 1e-9 || b.Unattributed > 0.05 {
		t.Errorf("explained %.3f, unattributed %.3f", b.Explained, b.Unattributed)
	}
	c := r.Incidents[0].Causes[0]
	return fmt.Sprint(c.Kind, " ", c.ID)
}
