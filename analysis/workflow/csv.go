package workflow

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// CSV writes the workflows one a row, for a job that puts them right. The columns
// are trace_id, state, service, route, start, end (RFC 3339), done, missing,
// twice, undone (steps, joined by "; "), waits_in (a queue), lost_spans (0 to 1),
// perhaps_twice (steps, with how likely), and one for each business key, by its name. The error is the writer's.
func CSV(w io.Writer, r *WorkflowReport) error {
	out := csv.NewWriter(w)
	if err := out.Write(append([]string{"trace_id", "state", "service", "route", "start", "end", "done", "missing", "twice", "undone", "waits_in", "lost_spans", "perhaps_twice"}, r.Keys...)); err != nil {
		return err
	}
	for i := range r.Workflows {
		f := &r.Workflows[i]
		queue := ""
		if f.Waits != nil {
			queue = f.Waits.Queue.String()
		}
		row := []string{
			f.TraceID.String(), string(f.State), f.Service, f.Route, f.Start.Format(time.RFC3339Nano), f.End.Format(time.RFC3339Nano),
			joined(f.Done, Step.String), joined(f.Missing, Gap.String), joined(f.Twice, Step.String), joined(f.Undone, Step.String),
			queue, strconv.FormatFloat(f.LostSpans, 'f', 2, 64), joined(f.Perhaps, Perhaps.String),
		}
		for _, name := range r.Keys {
			var values []string
			for _, k := range f.Keys {
				if k.Name == name {
					values = append(values, k.Value)
				}
			}
			row = append(row, strings.Join(values, " "))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func joined[T any](list []T, text func(T) string) string {
	parts := make([]string, 0, len(list))
	for _, e := range list {
		parts = append(parts, text(e))
	}
	return strings.Join(parts, "; ")
}

// String names a step as a person does: who, what, and on what.
func (s StepID) String() string {
	if s.Target.Name == s.Service {
		return s.Service + " " + s.Call
	}
	return s.Service + " " + s.Call + " " + s.Target.Name
}

// String is the step, and how often it was done where that is more than once.
func (s Step) String() string {
	if s.Times > 1 {
		return s.StepID.String() + " x" + strconv.Itoa(s.Times)
	}
	return s.StepID.String()
}

// String is the step and why it is absent.
func (g Gap) String() string { return g.StepID.String() + " (" + g.Why + ")" }

// String is the step, in how many attempts it was asked for, and how likely it was
// done more than once.
func (p Perhaps) String() string {
	return p.StepID.String() + " x" + strconv.Itoa(p.Attempts) + " (" + strconv.Itoa(p.GaveUp) + " given up; twice: " + strconv.FormatFloat(100*p.Likely, 'f', 0, 64) + "%)"
}
