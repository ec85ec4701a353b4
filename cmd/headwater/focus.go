package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"headwater/analysis"
	"headwater/graph"
)

// beside is how far from the time of --around an incident may lie, and how long
// the stretch is that is looked at where there is none.
const beside = 5 * time.Minute

// narrow leaves the requests of other routes out of the windows, where a route
// is asked for, so that all that is measured is what its requests suffered.
func (q *question) narrow(in *analysis.Input) error {
	if q.Service != "" {
		if err := known(q.Service, "service, database or queue", in, func(w *graph.Window, add func(string)) {
			for id := range w.Nodes {
				add(id.Name)
			}
		}); err != nil {
			return err
		}
	}
	if q.Route == "" {
		return nil
	}
	if err := known(q.Route, "route", in, func(w *graph.Window, add func(string)) {
		for id := range w.Routes {
			add(id.Operation)
		}
	}); err != nil {
		return err
	}
	in.Windows, in.Known = onRoute(in.Windows, q.Route), onRoute(in.Known, q.Route)
	return nil
}

// known returns an error that lists what there is, where the name is not in the
// data.
func known(name, what string, in *analysis.Input, names func(*graph.Window, func(string))) error {
	all := map[string]bool{}
	for _, w := range in.Windows {
		names(w, func(n string) { all[n] = true })
	}
	if all[name] || len(in.Windows) == 0 {
		return nil
	}
	const most = 12
	list := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(unlike(a, name), unlike(b, name)), cmp.Compare(a, b))
	})
	more := ""
	if len(list) > most {
		list, more = list[:most], ", ..."
	}
	return fmt.Errorf("no %s %q in the data; there are %s%s", what, name, strings.Join(list, ", "), more)
}

// unlike sorts names that hold the wanted one, or begin like it, to the front.
func unlike(name, wanted string) int {
	a, b := strings.ToLower(name), strings.ToLower(wanted)
	if strings.Contains(a, b) || strings.Contains(b, a) {
		return -len(b)
	}
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return -n
}

func onRoute(windows []*graph.Window, route string) []*graph.Window {
	out := make([]*graph.Window, len(windows))
	for i, w := range windows {
		narrowed := *w
		narrowed.Routes = map[graph.RouteID]*graph.RouteStats{}
		for id, s := range w.Routes {
			if id.Operation == route {
				narrowed.Routes[id] = s
			}
		}
		out[i] = &narrowed
	}
	return out
}

// around keeps the incidents at the time, and where there are none looks at that
// time as if there had been one.
func around(in analysis.Input, r *analysis.Report, at time.Time) *analysis.Report {
	near := func(i analysis.Incident) bool {
		return i.Start.Before(at.Add(beside)) && (i.End == nil || i.End.After(at.Add(-beside)))
	}
	if slices.ContainsFunc(r.Incidents, near) {
		r.Incidents = slices.DeleteFunc(r.Incidents, func(i analysis.Incident) bool { return !near(i) })
		return r
	}
	in.Incident = &analysis.Interval{Start: at.Add(-beside), End: at.Add(beside)}
	r = analysis.Analyze(in, analysis.Options{})
	r.Notes = append(r.Notes, fmt.Sprintf("No incident was found around %s: the %s around it are compared with the time before.",
		at.UTC().Format(time.RFC3339), 2*beside))
	return r
}

// focus keeps the incidents that what was asked for takes part in.
func (q *question) focus(r *analysis.Report) {
	before := len(r.Incidents)
	if q.Service != "" {
		r.Incidents = slices.DeleteFunc(r.Incidents, func(in analysis.Incident) bool { return !takesPart(&in, q.Service) })
	}
	if q.Route != "" {
		r.Incidents = slices.DeleteFunc(r.Incidents, func(in analysis.Incident) bool {
			return !slices.ContainsFunc(in.Impact, func(m analysis.Impact) bool { return m.Route == q.Route })
		})
	}
	if left := before - len(r.Incidents); left > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("Left out, as %s takes no part: %d of %d incidents.", cmp.Or(q.Service, q.Route), left, before))
	}
}

// takesPart reports whether a node is a cause, is hurt, or is pressed.
func takesPart(in *analysis.Incident, name string) bool {
	if slices.ContainsFunc(in.Impact, func(m analysis.Impact) bool { return m.Service == name }) ||
		slices.ContainsFunc(in.Causes, func(c analysis.Cause) bool {
			return c.Name == name || slices.ContainsFunc(c.Path, func(n graph.NodeID) bool { return n.Name == name })
		}) {
		return true
	}
	var most float64
	for i := range in.Nodes {
		most = max(most, in.Nodes[i].Own+in.Nodes[i].Inherited)
	}
	return slices.ContainsFunc(in.Nodes, func(n analysis.NodeView) bool {
		return n.Name == name && most > 0 && n.Own+n.Inherited >= 0.05*most
	})
}
