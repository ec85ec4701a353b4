package watch

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"headwater/analysis"
	"headwater/graph"
)

// history is what was told of incidents, by id. A history that was published is
// not changed any more; fold makes a new one.
type history map[string]*record

// record is what was told last of one incident. A record is never changed.
type record struct {
	Incident analysis.Incident `json:"incident"`
	// Until is up to when the incident is known: its end, or while it runs the
	// end of the newest report.
	Until time.Time `json:"until"`
	// MergedInto is the id of the incident that this one turned out to be.
	MergedInto string `json:"merged_into,omitempty"`
	// Looked is up to which event time spans were there when it was looked for what
	// the incident left behind; zero where it was not.
	Looked time.Time `json:"looked,omitzero"`
	// Withdrawn is set when a later look at the same time did not find it.
	Withdrawn bool `json:"withdrawn,omitempty"`
}

// current reports whether the incident is told under its own id.
func (r *record) current() bool { return r.MergedInto == "" && !r.Withdrawn }

// kept is how many incidents are remembered.
const kept = 200

// find follows the ids of merged incidents.
func (h history) find(id string) (*record, bool) {
	r, ok := h[id]
	for hops := 0; ok && r.MergedInto != "" && hops < len(h); hops++ {
		r, ok = h[r.MergedInto]
	}
	return r, ok
}

// fold takes a new report in: its incidents get the ids under which they are
// known, and those from before its range are added to it. The given report and
// h stay as they are.
func (h history) fold(r *analysis.Report) (*analysis.Report, history) {
	next := maps.Clone(h)
	if next == nil {
		next = history{}
	}
	told := map[string]bool{}
	for _, in := range r.Incidents {
		same := h.same(&in, told)
		if in.End != nil && len(same) > 0 && h.allSettled(same, r) {
			continue // the report sees too little before it to say it better
		}
		id := next.unused(in.ID)
		if len(same) > 0 {
			id = same[0]
			for _, other := range same[1:] {
				merged := *h[other]
				merged.MergedInto = id
				next[other] = &merged
				told[other] = true
			}
		}
		told[id] = true
		in.ID = id
		now := &record{Incident: in, Until: r.Range.End}
		if in.End != nil {
			now.Until = *in.End
		}
		old := h[id]
		if old != nil {
			now.keepLook(old)
		}
		if old == nil || !reflect.DeepEqual(*old, *now) {
			next[id] = now
		}
	}
	for id, old := range h {
		start := old.Incident.Start
		if told[id] || !old.current() || old.settled(r) || !start.Before(r.Range.End) {
			continue
		}
		now := *old
		if start.Before(r.Range.Start) {
			now.Incident = closed(old)
		} else {
			now.Withdrawn = true
		}
		next[id] = &now
	}
	next.trim()
	out := *r
	out.Incidents = next.incidents()
	return &out, next
}

// settled reports whether the incident is over and began so early in the
// report's range, or before it, that what was said of it stands.
func (r *record) settled(report *analysis.Report) bool {
	return r.current() && r.Incident.End != nil && r.Incident.Start.Before(report.Range.Start.Add(lead))
}

func (h history) allSettled(ids []string, report *analysis.Report) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return !h[id].settled(report) })
}

// same finds the ids of the known incidents that in is a later look at: those
// that are told before those that were withdrawn, the oldest first.
func (h history) same(in *analysis.Incident, told map[string]bool) []string {
	nodes := nodesOf(in)
	var ids []string
	for id, r := range h {
		if r.MergedInto != "" || told[id] || !overlap(r, in) {
			continue
		}
		for n := range nodesOf(&r.Incident) {
			if nodes[n] {
				ids = append(ids, id)
				break
			}
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		switch {
		case h[a].Withdrawn == h[b].Withdrawn:
			return cmp.Or(h[a].Incident.Start.Compare(h[b].Incident.Start), cmp.Compare(a, b))
		case h[b].Withdrawn:
			return -1
		}
		return 1
	})
	return ids
}

func overlap(r *record, in *analysis.Incident) bool {
	return in.Start.Before(r.Until) && (in.End == nil || r.Incident.Start.Before(*in.End))
}

// nodesOf are the nodes that an incident is about.
func nodesOf(in *analysis.Incident) map[graph.NodeID]bool {
	nodes := map[graph.NodeID]bool{}
	for _, n := range in.Nodes {
		nodes[n.ID] = true
	}
	for _, i := range in.Impact {
		nodes[i.Node] = true
	}
	for _, row := range in.Timeline {
		nodes[row.Node] = true
	}
	return nodes
}

// unused makes an id that no incident has.
func (h history) unused(id string) string {
	free := id
	for n := 2; h[free] != nil; n++ {
		free = fmt.Sprintf("%s-%d", id, n)
	}
	return free
}

// closed ends an incident whose spans stopped while it ran.
func closed(r *record) analysis.Incident {
	in := r.Incident
	if in.End == nil {
		until := r.Until
		in.End = &until
		in.State = analysis.Over
		in.Notes = append(slices.Clone(in.Notes), "Spans stopped while the incident was running; when it ended is not known.")
	}
	return in
}

// trim forgets the oldest incidents.
func (h history) trim() {
	if len(h) <= kept {
		return
	}
	ids := slices.SortedFunc(maps.Keys(h), func(a, b string) int {
		return cmp.Or(h[b].Incident.Start.Compare(h[a].Incident.Start), cmp.Compare(a, b))
	})
	for _, id := range ids[kept:] {
		delete(h, id)
	}
}

// incidents lists what a report shows, by start, then id.
func (h history) incidents() []analysis.Incident {
	list := make([]analysis.Incident, 0, len(h))
	for _, r := range h {
		if r.current() {
			list = append(list, r.Incident)
		}
	}
	slices.SortFunc(list, func(a, b analysis.Incident) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	return list
}
