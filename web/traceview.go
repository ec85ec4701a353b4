package web

import (
	"time"

	"headwater/graph/trace"
)

// maxSpans bounds the spans of one answer.
const maxSpans = 50_000

// TraceView is the answer of /api/v1/traces/{id}: an assembled trace as a
// waterfall shows it. Offsets and durations are nanoseconds; offsets count from
// Start and are corrected for clock skew.
type TraceView struct {
	ID        trace.TraceID  `json:"id"`
	Start     time.Time      `json:"start"` // of the earliest span
	Duration  int64          `json:"duration"`
	Failed    int            `json:"failed"`    // spans that failed
	Resources []ResourceView `json:"resources"` // who emitted the spans
	Spans     []SpanView     `json:"spans"`     // each parent right before its children
	Omitted   int            `json:"omitted"`   // spans beyond the most that are shown
}

// Stretch is a time within a trace, in nanoseconds from its start.
type Stretch struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// ResourceView is who emitted spans.
type ResourceView struct {
	Service    string          `json:"service"`
	Instance   string          `json:"instance"`
	Host       string          `json:"host"`
	Version    string          `json:"version"`
	Attributes []AttributeView `json:"attributes"`
}

// SpanView is one span in its place.
type SpanView struct {
	ID       trace.SpanID `json:"id"`
	Parent   int          `json:"parent"` // index into spans, -1 for a root
	Depth    int          `json:"depth"`
	Below    int          `json:"below"`    // how many of the next spans are its descendants
	Resource int          `json:"resource"` // index into resources
	Name     string       `json:"name"`
	Kind     string       `json:"kind"`
	Outcome  string       `json:"outcome"` // ok, failed, timed-out, cancelled, rejected, refused
	Failed   bool         `json:"failed"`
	Message  string       `json:"message"` // of the status
	Start    int64        `json:"start"`
	Duration int64        `json:"duration"`
	Self     int64        `json:"self"`  // covered by no child that it waits for
	Late     int64        `json:"late"`  // it ran on for so long after its caller had left
	Shift    int64        `json:"shift"` // added to the times as sent, to undo clock skew
	Async    bool         `json:"async"` // its parent does not wait for it
	Call     CallView     `json:"call"`
	Critical []Stretch    `json:"critical"` // when the request waited for this span and for nothing below it
	Notes    []string     `json:"notes"`    // orphan, cycle, backwards, skew, outlives-parent, before-parent, too-long

	RawStart    time.Time       `json:"raw_start"` // as sent
	RawDuration int64           `json:"raw_duration"`
	Scope       string          `json:"scope"` // the instrumentation library
	Attributes  []AttributeView `json:"attributes"`
	Events      []EventView     `json:"events"`
	Links       []LinkView      `json:"links"`
}

// AttributeView is an attribute, its value as text.
type AttributeView struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// EventView is something that happened within a span.
type EventView struct {
	Offset     int64           `json:"offset"`
	Name       string          `json:"name"`
	Attributes []AttributeView `json:"attributes"`
}

// LinkView points at another span.
type LinkView struct {
	TraceID    trace.TraceID   `json:"trace_id"`
	SpanID     trace.SpanID    `json:"span_id"`
	Attributes []AttributeView `json:"attributes"`
}

// viewTrace turns an assembled trace with at least one span into its view.
func viewTrace(t *trace.Trace) TraceView {
	order := waterfall(t)
	v := TraceView{ID: t.ID, Resources: []ResourceView{}, Omitted: max(0, len(order)-maxSpans)}
	start, end := t.Nodes[order[0]].Start, t.Nodes[order[0]].RawEnd
	for i := range t.Nodes {
		start, end = min(start, t.Nodes[i].Start), max(end, t.Nodes[i].RawEnd)
		if t.Spans[i].Outcome != trace.OK {
			v.Failed++
		}
	}
	v.Start, v.Duration = time.Unix(0, start).UTC(), end-start
	order = order[:min(len(order), maxSpans)]

	v.Spans = make([]SpanView, len(order))
	calls := tries(t)
	at := make([]int, len(t.Spans)) // from index in t to index in the view
	resources := map[*trace.Resource]int{}
	for pos, i := range order {
		at[i] = pos
		s, n := &t.Full[i], &t.Nodes[i]
		r, ok := resources[s.Resource]
		if !ok {
			r = len(v.Resources)
			resources[s.Resource] = r
			v.Resources = append(v.Resources, viewResource(s.Resource))
		}
		parent := -1
		if n.Parent >= 0 {
			parent = at[n.Parent]
		}
		v.Spans[pos] = viewSpan(s, n, t.Spans[i].Outcome, start)
		v.Spans[pos].Parent, v.Spans[pos].Resource, v.Spans[pos].Call = parent, r, calls[i]
	}
	for _, root := range t.Roots {
		for _, c := range t.CriticalPath(root) {
			if pos := at[c.Node]; pos < len(v.Spans) && v.Spans[pos].ID == t.Spans[c.Node].SpanID {
				v.Spans[pos].Critical = append(v.Spans[pos].Critical, Stretch{c.From - start, c.To - start})
			}
		}
	}
	for pos := len(v.Spans) - 1; pos > 0; pos-- {
		if p := v.Spans[pos].Parent; p >= 0 {
			v.Spans[p].Below += 1 + v.Spans[pos].Below
		}
	}
	return v
}

// waterfall orders the nodes so that each stands right before its children.
func waterfall(t *trace.Trace) []int32 {
	order := make([]int32, 0, len(t.Nodes))
	stack := reversed(nil, t.Roots)
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		order = append(order, i)
		stack = reversed(stack, t.Nodes[i].Children)
	}
	return order
}

func reversed(stack, add []int32) []int32 {
	for i := len(add) - 1; i >= 0; i-- {
		stack = append(stack, add[i])
	}
	return stack
}

func viewSpan(s *trace.Span, n *trace.Node, outcome trace.Outcome, start int64) SpanView {
	v := SpanView{
		ID: s.SpanID, Depth: int(n.Depth), Name: s.Name, Kind: s.Kind.String(),
		Outcome: outcome.String(), Failed: outcome != trace.OK, Message: s.StatusMessage,
		Start: n.Start - start, Duration: n.End - n.Start, Self: n.Self,
		Late: n.RawEnd - n.End, Shift: n.Shift, Async: n.Async,
		Critical: []Stretch{},
		Notes:    append([]string{}, n.Notes.Names()...),
		RawStart: time.Unix(0, s.Start).UTC(), RawDuration: s.Duration(),
		Attributes: viewAttributes(s.Attrs),
		Events:     make([]EventView, 0, len(s.Events)),
		Links:      make([]LinkView, 0, len(s.Links)),
	}
	if s.Scope != nil {
		v.Scope = s.Scope.Name
	}
	for _, e := range s.Events {
		v.Events = append(v.Events, EventView{e.Time + n.Shift - start, e.Name, viewAttributes(e.Attrs)})
	}
	for _, l := range s.Links {
		v.Links = append(v.Links, LinkView{l.TraceID, l.SpanID, viewAttributes(l.Attrs)})
	}
	return v
}

func viewResource(r *trace.Resource) ResourceView {
	if r == nil {
		return ResourceView{Attributes: []AttributeView{}}
	}
	return ResourceView{r.Service, r.Instance, r.Host, r.Version, viewAttributes(r.Attrs)}
}

func viewAttributes(attrs []trace.Attr) []AttributeView {
	out := make([]AttributeView, 0, len(attrs))
	for _, a := range attrs {
		out = append(out, AttributeView{a.Key, a.Value.Text()})
	}
	return out
}
