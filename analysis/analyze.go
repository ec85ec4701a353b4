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
	// Earlier are windows of earlier days, around the same time of day, by the
	// minute or finer. Windows that are a day old count among them by themselves.
	Earlier []*graph.Window
	// Ill are incidents on those days. A zero End means that it goes on.
	Ill []Interval
	// Daily is set where earlier days would be among Earlier, were any kept: then
	// the report says so where they are missing.
	Daily bool
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
	opt.setDefaults()
	windows := slices.Clone(in.Windows)
	slices.SortStableFunc(windows, func(a, b *graph.Window) int { return cmp.Compare(a.Start, b.Start) })
	if in.Incident == nil && len(in.Known) == 0 {
		windows = withSilence(windows)
	}
	names := answerers(windows, in.Known)
	windows, known := renamed(windows, names), renamed(in.Known, names)
	days := daysOf(in, names, windows)
	r := newReport()
	c := newCensus()
	for _, w := range windows {
		c.count(w, 1)
	}
	c.describe(r, windows)
	var found []stretch
	if in.Incident != nil {
		found = given(windows, *in.Incident)
		if len(found) == 0 {
			r.Notes = append(r.Notes, "No spans started in the given time.")
		}
	} else {
		found = detect(windows, known, days)
		if len(windows) < historyNeeded && len(known) == 0 {
			r.tooFew(len(windows))
		}
	}
	for i, s := range found {
		x := explainer{windows: windows, known: known, days: days, at: s, earlier: found[:i], opt: opt}
		if inc, ok := x.explain(); ok {
			r.Incidents = append(r.Incidents, inc)
		} else {
			r.nothingHealthy(windows[s.from])
		}
	}
	return r
}

func (o *Options) setDefaults() {
	if o.MaxCauses == 0 {
		o.MaxCauses = 10
	}
}

func newReport() *Report {
	return &Report{Version: ReportVersion, Incidents: []Incident{}, Notes: []string{}}
}

func (r *Report) tooFew(windows int) {
	r.Notes = append(r.Notes, fmt.Sprintf("Too little history: %d of the %d windows that a baseline needs. A known-good dump would help.", windows, historyNeeded))
}

func (r *Report) nothingHealthy(from *graph.Window) {
	r.Notes = append(r.Notes, fmt.Sprintf("Nothing healthy to compare %s with: too few windows before it. A known-good dump would help.", clock(from.Start)))
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
