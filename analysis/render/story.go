package render

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"headwater/analysis"
)

// event is something that happened in an incident.
type event struct {
	Time time.Time
	Text string
}

// events are what happened in an incident, in order: when each node changed of
// itself, the phases, the end.
func events(in *analysis.Incident) []event {
	var list []event
	for i := range in.Timeline {
		if r := &in.Timeline[i]; r.Onset != nil && touched(in, r) {
			list = append(list, event{*r.Onset, r.Name + " changed of itself"})
		}
	}
	list = append(list, event{in.Start, "the incident begins"})
	for i := range in.Phases {
		f := &in.Phases[i]
		list = append(list, event{f.Start, fmt.Sprintf("%s: %s", f.Name, f.Sentence)})
	}
	if in.End != nil {
		list = append(list, event{*in.End, "the incident is over"})
	}
	slices.SortStableFunc(list, func(a, b event) int { return cmp.Compare(a.Time.UnixNano(), b.Time.UnixNano()) })
	return list
}

// touched reports whether a row's node is pressed enough to be worth a word, or
// a cause.
func touched(in *analysis.Incident, r *analysis.Row) bool {
	var most, own float64
	for i := range in.Timeline {
		for _, c := range in.Timeline[i].Cells {
			most = max(most, c.Own+c.Inherited)
		}
	}
	for _, c := range r.Cells {
		own = max(own, c.Own+c.Inherited)
	}
	if own >= usual*most {
		return true
	}
	return slices.ContainsFunc(in.Nodes, func(n analysis.NodeView) bool { return n.ID == r.Node && n.Cause > 0 })
}
