package workflow_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/accuracy"
	"headwater/analysis/simulate"
	"headwater/analysis/workflow"
	"headwater/graph/trace"
)

func played(t *testing.T, name string, opt simulate.Options) ([]*trace.Trace, *accuracy.Truth) {
	t.Helper()
	sc, err := simulate.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	var spans []trace.Span
	truth, err := simulate.Run(t.Context(), sc, opt, func(b simulate.Batch) error {
		spans = append(spans, b.Spans...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(spans, func(a, b trace.Span) int { return slices.Compare(a.TraceID[:], b.TraceID[:]) })
	var out []*trace.Trace
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].TraceID == spans[0].TraceID {
			n++
		}
		out = append(out, trace.Assemble(spans[:n]))
		spans = spans[n:]
	}
	return out, truth
}

func TestExplore(t *testing.T) {
	names := strings.Fields(os.Getenv("SCEN"))
	seed, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	loss, _ := strconv.ParseFloat(os.Getenv("LOSS"), 64)
	if len(names) == 1 && names[0] == "all" {
		names = simulate.Names()
	}
	for _, name := range names {
		traces, truth := played(t, name, simulate.Options{Seed: seed, Loss: loss})
		opt := workflow.Options{}
		if !truth.Healthy {
			opt.Trouble = []analysis.Interval{{Start: time.Unix(0, truth.TriggerStart), End: time.Unix(0, max(truth.TriggerEnd, truth.UsersWell))}}
		}
		r := workflow.NewReader(opt)
		for _, tr := range traces {
			r.Add(tr)
		}
		rep := r.Report()
		half, twice := map[string]bool{}, map[string]bool{}
		for _, h := range truth.HalfDone {
			if len(h.Missing) > 0 {
				half[h.TraceID] = true
			}
			if len(h.Twice) > 0 {
				twice[h.TraceID] = true
			}
		}
		hit, hitTwice := 0, 0
		shown := 0
		for _, w := range rep.Workflows {
			id := w.TraceID.String()
			if w.State == workflow.HalfDone {
				if half[id] {
					hit++
					delete(half, id)
				} else if shown++; shown < 4 {
					fmt.Printf("   FALSE half %s %s done=%v missing=%+v lost=%v\n", id, w.Route, names2(w.Done), w.Missing, w.LostSpans)
				}
			}
			if len(w.Twice) > 0 {
				if twice[id] {
					hitTwice++
					delete(twice, id)
				} else if shown++; shown < 4 {
					fmt.Printf("   FALSE twice %s %s twice=%v\n", id, w.Route, names2(w.Twice))
				}
			}
		}
		c := rep.Counts
		fmt.Printf("%-28s half %d/%d found, %d missed; twice %d/%d, %d missed; %+v lost=%.4f\n", name, hit, c.HalfDone, len(half), hitTwice, c.DoneTwice, len(twice), c, rep.Lost)
		n := 0
		for _, h := range truth.HalfDone {
			if n < 3 && (half[h.TraceID] || twice[h.TraceID]) {
				fmt.Printf("   MISSED %+v\n", h)
				n++
			}
		}
		if os.Getenv("V") != "" {
			for _, rt := range rep.Routes {
				fmt.Printf("   route %s %s n=%d deadline=%.0f\n", rt.Service, rt.Operation, rt.Workflows, rt.Deadline)
				for _, s := range rt.Steps {
					fmt.Printf("      %s %q %q %s share=%.3f delay=%.3f latest=%.3f msg=%v\n", s.Service, s.Operation, s.Call, s.Target, s.Share, s.Delay, s.Latest, s.Message)
				}
			}
			fmt.Println("   undo", rep.Undoing, rep.Keys, rep.Notes)
		}
	}
}

func names2(steps []workflow.Step) (out []string) {
	for _, s := range steps {
		out = append(out, s.Service+":"+s.Call+"x"+strconv.Itoa(s.Times))
	}
	return out
}
