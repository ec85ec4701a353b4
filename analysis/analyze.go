package analysis

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"headwater/graph"
)

// Input is what an analysis looks at.
type Input struct {
	// Windows are the settled windows of the time in question, in any order.
	Windows []*graph.Window
	// Known are windows of a time known to be good. They may be missing: then
	// the time before an incident is what it is compared with.
	Known []*graph.Window
	// Incident is the time of the incident where it is known. A zero End means
	// to the end of the data. nil lets the analysis look for incidents itself.
	Incident *Interval
}

// Options change what an analysis does. The zero value is the default.
type Options struct {
	// MaxCauses is how many causes an incident lists; 0 means 10.
	MaxCauses int
}

// Analyze explains what happened in the windows. It always returns a report; a
// stretch in which nothing left its baseline has no incidents.
func Analyze(in Input, opt Options) *Report {
	if opt.MaxCauses == 0 {
		opt.MaxCauses = 10
	}
	windows := slices.Clone(in.Windows)
	slices.SortFunc(windows, func(a, b *graph.Window) int { return cmp.Compare(a.Start, b.Start) })
	names := answerers(windows, in.Known)
	windows, known := renamed(windows, names), renamed(in.Known, names)
	r := &Report{Version: ReportVersion, Incidents: []Incident{}, Notes: []string{}}
	describe(r, windows)
	var found []stretch
	if in.Incident != nil {
		found = given(windows, *in.Incident)
		if len(found) == 0 {
			r.Notes = append(r.Notes, "No spans started in the given time.")
		}
	} else {
		found = detect(windows, known)
		if len(windows) < historyNeeded && len(known) == 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("Only %d windows of history: a baseline needs %d. A known-good dump would help.", len(windows), historyNeeded))
		}
	}
	for i, s := range found {
		x := explainer{windows: windows, known: known, at: s, earlier: found[:i], opt: opt}
		if inc, ok := x.explain(); ok {
			r.Incidents = append(r.Incidents, inc)
		} else {
			r.Notes = append(r.Notes, fmt.Sprintf("Nothing healthy to compare %s with: too few windows before it. A known-good dump would help.", clock(windows[s.from].Start)))
		}
	}
	return r
}

// describe fills what the report was made from.
func describe(r *Report, windows []*graph.Window) {
	r.Data.Malformed, r.Data.Mended = []Malformed{}, []Malformed{}
	if len(windows) == 0 {
		r.Notes = append(r.Notes, "No spans.")
		return
	}
	last := windows[len(windows)-1]
	r.Range = Interval{utc(windows[0].Start), utc(last.Start + last.Length)}
	r.WindowSec = float64(last.Length) / 1e9
	r.Data.Windows = len(windows)
	nodes, edges := distinct[graph.NodeID, *graph.NodeStats]{}, distinct[graph.EdgeID, *graph.EdgeStats]{}
	var paired, expected int64
	for _, w := range windows {
		r.Data.Spans += w.Spans
		r.Data.Orphans += w.Orphans
		for _, s := range w.Routes {
			r.Data.Requests += s.Requests
		}
		nodes.add(w.Nodes)
		edges.add(w.Edges)
		for _, e := range w.Edges {
			paired += e.Paired
			expected += e.Expected
		}
	}
	for id := range nodes.all() {
		r.Data.Nodes++
		if id.Kind == graph.Service {
			r.Data.Services++
		}
	}
	for range edges.all() {
		r.Data.Edges++
	}
	r.Data.Paired = 1
	if expected > 0 {
		r.Data.Paired = ratio(paired, expected)
	}
}

// given is the stretch of windows that touch the known time of an incident.
func given(windows []*graph.Window, t Interval) []stretch {
	from := slices.IndexFunc(windows, func(w *graph.Window) bool { return w.Start+w.Length > t.Start.UnixNano() })
	if from < 0 {
		return nil
	}
	to := len(windows)
	if !t.End.IsZero() {
		if i := slices.IndexFunc(windows, func(w *graph.Window) bool { return w.Start >= t.End.UnixNano() }); i >= 0 {
			to = i
		}
	}
	if to <= from {
		return nil
	}
	// A window that the start cuts holds healthy calls too: it counts only where
	// nothing else does.
	if windows[from].Start < t.Start.UnixNano()-windows[from].Length/2 && from+1 < to {
		from++
	}
	return []stretch{{from: from, to: to, users: true, open: to == len(windows) && t.End.IsZero()}}
}

// incidentID names an incident by its start second and what was breached first.
func incidentID(start int64, first graph.NodeID) string {
	h := fnv.New32a()
	h.Write([]byte(first.String()))
	return fmt.Sprintf("%d-%04x", start/1e9, h.Sum32()&0xffff)
}

func utc(ns int64) time.Time { return time.Unix(0, ns).UTC() }

func clock(ns int64) string { return utc(ns).Format("15:04:05") }
