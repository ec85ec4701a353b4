package workflow_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/workflow"
	"headwater/analysis/workflow/workflowtest"
	"headwater/graph/trace"
)

// counted is a store that tells how many spans it gave, and that runs out of time where
// that are so many.
type counted struct {
	workflowtest.Spans
	gave, late int
}

func (s *counted) Each(ctx context.Context, q workflow.Selection, yield func(*trace.Trace) bool) error {
	over := false
	err := s.Spans.Each(ctx, q, func(t *trace.Trace) bool {
		s.gave += len(t.Spans)
		over = s.late > 0 && s.gave > s.late
		return yield(t) && !over
	})
	if over {
		return context.DeadlineExceeded
	}
	return err
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
			store := &counted{Spans: spansOf(traces)}
			ask := workflow.Around{
				Incident: analysis.Interval{Start: time.Unix(0, truth.TriggerStart), End: time.Unix(0, truth.TriggerEnd)},
				Until:    time.Unix(0, store.Spans[len(store.Spans)-1].End), Store: store,
			}
			whole, err := ask.Judge(t.Context())
			if err != nil || whole.Rest || len(whole.Workflows) < 50 || len(whole.Notes) != 0 {
				t.Fatalf("%v: %d workflows, %v", err, len(whole.Workflows), whole.Notes)
			}
			unknown := ask
			unknown.Until = time.Time{} // as after a restart on old spans
			if r, err := unknown.Judge(t.Context()); err != nil || len(r.Workflows) != len(whole.Workflows) {
				t.Errorf("where the end is not known: %v, %d workflows of %d", err, len(r.Workflows), len(whole.Workflows))
			}
			want := map[string]workflow.WorkflowState{}
			listed(t, want, whole)
			ask.Most = len(store.Spans) / 10
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
				if store.gave > 3*ask.Most {
					t.Errorf("%d spans were given, %d may be judged", store.gave, ask.Most)
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

// Where the time is up, what was read by then is judged, and the answer says that there
// is a rest.
func TestAroundUntilTimeIsUp(t *testing.T) {
	traces, truth := played(t, "description: x\nsystem: shop\nduration: 4m\nfaults: [{at: 80s, for: 2m, service: orders, operation: create, errors: 0.6}]\n", 0)
	store := &counted{Spans: spansOf(traces)}
	ask := workflow.Around{
		Incident: analysis.Interval{Start: time.Unix(0, truth.TriggerStart), End: time.Unix(0, truth.TriggerEnd)},
		Until:    time.Unix(0, truth.TriggerEnd), Store: store,
	}
	whole, err := ask.Judge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store.gave, store.late = 0, len(store.Spans)*9/10
	r, err := ask.Judge(t.Context())
	if err != nil || len(r.Workflows) == 0 || len(r.Workflows) > len(whole.Workflows) || !r.Rest || !r.Judged.End.Before(ask.Incident.End) || len(r.Notes) != 2 {
		t.Fatalf("%v, %+v %v of %d", err, r.Judged, r.Notes, len(whole.Workflows))
	}
	store.gave, store.late = 0, 1
	if _, err := ask.Judge(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an answer without any reading: %v", err)
	}
}

// spansOf gives the spans of traces by when they end.
func spansOf(traces []*trace.Trace) (out workflowtest.Spans) {
	for _, tr := range traces {
		out = append(out, tr.Full...)
	}
	slices.SortStableFunc(out, func(a, b trace.Span) int { return int(a.End - b.End) })
	return out
}
