package chrome

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"

	"headwater/graph/trace"
)

type event struct {
	Name  string            `json:"name"`
	Phase string            `json:"ph"`
	Time  json.Number       `json:"ts,omitempty"`
	Long  json.Number       `json:"dur,omitempty"`
	PID   uint32            `json:"pid"`
	TID   int               `json:"tid"`
	Cat   string            `json:"cat,omitempty"`
	Args  map[string]string `json:"args,omitempty"`
}

// Write gives the events of a trace, whose spans these are.
func Write(spans []trace.Span) ([][]byte, error) {
	if len(spans) == 0 {
		return nil, nil
	}
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b trace.Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	h := fnv.New32a()
	h.Write(spans[0].TraceID[:])
	w := writer{pid: h.Sum32() >> 1, lanes: map[string][]*lane{}}
	w.put(event{Name: "process_name", Phase: "M", Args: map[string]string{"name": spans[0].Name + " " + spans[0].TraceID.String()}})
	for i := range spans {
		w.span(&spans[i])
	}
	return w.out, w.err
}

type writer struct {
	pid   uint32
	lanes map[string][]*lane // by service
	tid   int
	out   [][]byte
	err   error
}

// lane is a thread, and the ends of the spans that are open in it, outermost
// first.
type lane struct {
	tid  int
	ends []int64
}

// takes reports whether a span can stand in the lane: within the innermost that
// is open, or after it.
func (l *lane) takes(s *trace.Span) bool {
	for len(l.ends) > 0 && l.ends[len(l.ends)-1] <= s.Start {
		l.ends = l.ends[:len(l.ends)-1]
	}
	return len(l.ends) == 0 || s.End <= l.ends[len(l.ends)-1]
}

func (w *writer) laneOf(s *trace.Span) *lane {
	service := serviceOf(s)
	for _, l := range w.lanes[service] {
		if l.takes(s) {
			return l
		}
	}
	w.tid++
	l := &lane{tid: w.tid}
	w.lanes[service] = append(w.lanes[service], l)
	w.put(event{Name: "thread_name", Phase: "M", TID: l.tid, Args: map[string]string{"name": service}})
	return l
}

func serviceOf(s *trace.Span) string {
	if s.Resource == nil || s.Resource.Service == "" {
		return "unknown"
	}
	return s.Resource.Service
}

func (w *writer) span(s *trace.Span) {
	l := w.laneOf(s)
	l.ends = append(l.ends, s.End)
	e := event{
		Name: s.Name, Phase: "X", Time: micros(s.Start), Long: micros(s.Duration()), TID: l.tid, Cat: s.Kind.String(),
		Args: map[string]string{"trace_id": s.TraceID.String(), "span_id": s.SpanID.String()},
	}
	if !s.Parent.IsZero() {
		e.Args["parent_span_id"] = s.Parent.String()
	}
	if s.Failed() {
		e.Args["error"] = cmp.Or(s.StatusMessage, "true")
	}
	for _, a := range s.Attrs {
		e.Args[a.Key] = a.Value.Text()
	}
	w.put(e)
	for _, ev := range s.Events {
		w.put(event{Name: ev.Name, Phase: "i", Time: micros(ev.Time), TID: l.tid})
	}
}

func micros(ns int64) json.Number {
	return json.Number(fmt.Sprintf("%d.%03d", max(0, ns)/1000, max(0, ns)%1000))
}

func (w *writer) put(e event) {
	e.PID = w.pid
	text, err := json.Marshal(e)
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("write a trace event: %w", err)
	}
	w.out = append(w.out, text)
}
