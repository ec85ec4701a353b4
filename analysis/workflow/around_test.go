package workflow_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/workflow"
	"headwater/graph/trace"
)

// stored are spans as a store gives them, and how many it gave.
type stored struct {
	spans []trace.Span
	gave  int
}

func (s *stored) read(ctx context.Context, from, to int64, wanted func(trace.TraceID) bool, yield func(*trace.Span) bool) error {
	for i := range s.spans {
		if s.spans[i].Start < from || s.spans[i].Start >= to {
			continue
		}
		if wanted != nil && !wanted(s.spans[i].TraceID) {
			continue
		}
		s.gave++
		if err := ctx.Err(); err != nil {
			return err
		}
		if !yield(&s.spans[i]) {
			return nil
		}
	}
	return nil
}

// listed are the workflows of answers by trace id, each of which must be listed once.
func listed(t *testing.T, out map[string]workflow.WorkflowState, r *workflow.WorkflowReport) {
	t.Helper()
	for i := range r.Workflows {
		id := r.Workflows[i].TraceID.String()
		if _, twice := out[id]; twice {
			t.Errorf("%s is listed twice", id)
		}
		out[id] = r.Workflows[i].State
	}
}

// However little may be held and read, the answers together list what the whole
// list has: of synchronous steps, and of those that messages lead to.
func TestAroundAnIncidentInPieces(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"orders", "description: x\nsystem: shop\nduration: 5m\nfaults: [{at: 120s, for: 60s, service: orders, operation: create, errors: 0.6}]\n"},
		{"messages", "description: x\nsystem: parcel\nduration: 5m\nfaults: [{at: 120s, for: 60s, service: labels, errors: 0.6}]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			traces, truth := played(t, tt.text, 0)
			store := &stored{}
			for _, tr := range traces {
				store.spans = append(store.spans, tr.Full...)
			}
			slices.SortStableFunc(store.spans, func(a, b trace.Span) int { return int(a.End - b.End) })
			ask := workflow.Around{
				Incident: analysis.Interval{Start: time.Unix(0, truth.TriggerStart), End: time.Unix(0, truth.TriggerEnd)},
				Until:    time.Unix(0, store.spans[len(store.spans)-1].End), Spans: store.read,
			}
			whole, err := ask.Judge(t.Context())
			if err != nil || whole.Rest || len(whole.Workflows) < 50 || len(whole.Notes) != 0 {
				t.Fatalf("%v: %d workflows, %v", err, len(whole.Workflows), whole.Notes)
			}
			want := map[string]workflow.WorkflowState{}
			listed(t, want, whole)
			ask.Hold, ask.Read = len(store.spans)/20, 4*len(store.spans)
			got, answers := map[string]workflow.WorkflowState{}, 0
			for {
				store.gave = 0
				r, err := ask.Judge(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				listed(t, got, r)
				if answers++; answers > 60 {
					t.Fatal("there is no end")
				}
				if store.gave > 2*ask.Read {
					t.Errorf("%d spans were read, %d may be", store.gave, ask.Read)
				}
				if !r.Rest {
					break
				}
				if len(r.Notes) == 0 || !r.Judged.End.After(r.Judged.Start) {
					t.Fatalf("%v: %v", r.Judged, r.Notes)
				}
				ask.From = r.Judged.End
			}
			if answers < 3 {
				t.Errorf("in %d pieces", answers)
			}
			missing := maps.Clone(want)
			maps.DeleteFunc(missing, func(id string, s workflow.WorkflowState) bool { return got[id] == s })
			if len(missing) > len(want)/50 || len(got) > len(want)*51/50 {
				t.Errorf("%d listed in pieces, %d at once, %d of them differ", len(got), len(want), len(missing))
			}
		})
	}
}

// Where the time is up, what was read by then is judged, and the answer says how much
// that is.
func TestAroundUntilTimeIsUp(t *testing.T) {
	traces, truth := played(t, "description: x\nsystem: shop\nduration: 3m\nfaults: [{at: 80s, for: 60s, service: orders, operation: create, errors: 0.6}]\n", 0)
	store := &stored{}
	for _, tr := range traces {
		store.spans = append(store.spans, tr.Full...)
	}
	late := &deadline{Context: t.Context()}
	reads := 0
	ask := workflow.Around{
		Incident: analysis.Interval{Start: time.Unix(0, truth.TriggerStart), End: time.Unix(0, truth.TriggerEnd)},
		Until:    time.Unix(0, truth.TriggerEnd), Hold: len(store.spans) / 6,
		Spans: func(ctx context.Context, from, to int64, wanted func(trace.TraceID) bool, yield func(*trace.Span) bool) error {
			if reads++; reads == 5 { // the count, and then the parts
				late.over = true
			}
			return store.read(ctx, from, to, wanted, yield)
		},
	}
	r, err := ask.Judge(late)
	if err != nil || len(r.Workflows) == 0 || len(r.Notes) != 1 || r.Notes[0] == "" {
		t.Fatalf("%v, %+v", err, r)
	}
	reads = 4
	if _, err := ask.Judge(late); err == nil {
		t.Error("an answer without any reading")
	}
}

// deadline is over when it is told.
type deadline struct {
	context.Context
	over bool
}

func (d *deadline) Err() error {
	if d.over {
		return context.DeadlineExceeded
	}
	return nil
}
