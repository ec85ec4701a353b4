package compare

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"headwater/graph"
)

// Version is the version of a Difference's JSON form.
const Version = 1

// Difference is what differs between two recordings.
type Difference struct {
	Version int      `json:"version"`
	Before  Side     `json:"before"`
	After   Side     `json:"after"`
	Changes []Change `json:"changes"` // by section, greatest first
	Notes   []string `json:"notes"`   // what limits the answer
}

// Side is one of the recordings.
type Side struct {
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Windows  int       `json:"windows"`
	Spans    int64     `json:"spans"`
	Requests int64     `json:"requests"`
	Nodes    int       `json:"nodes"`
	Edges    int       `json:"edges"`

	seconds float64 // covered by windows
}

// Section says what sort of difference a change is.
type Section string

// The sections, in the order in which they are told.
const (
	Came    Section = "came"     // there was none before
	Went    Section = "went"     // there is none any more
	Slower  Section = "time"     // seconds
	Failing Section = "failures" // shares
	Retried Section = "attempts" // per call
	Fanned  Section = "calls"    // per request, in all
	Loaded  Section = "requests" // per second
	Shaped  Section = "shape"    // share of a route's requests that hold a span
)

var sections = []Section{Came, Went, Slower, Failing, Retried, Fanned, Loaded, Shaped}

// Change is one difference.
type Change struct {
	Section Section `json:"section"`
	Kind    string  `json:"kind"` // "node", "route", "call"
	Name    string  `json:"name"`
	Metric  string  `json:"metric"`
	Unit    string  `json:"unit"` // "s", "share", "1", "1/s"
	Before  float64 `json:"before"`
	After   float64 `json:"after"`
	Count   int64   `json:"count"` // of what was measured, after

	weight float64
}

// minCount is how many of a thing must be seen on both sides before they are
// compared.
const minCount = 20

// Compare finds what differs between two recordings.
func Compare(before, after []*graph.Window) *Difference {
	a, b := sum(before), sum(after)
	d := &Difference{Version: Version, Before: sideOf(a, before), After: sideOf(b, after), Changes: []Change{}, Notes: []string{}}
	for name, s := range map[string]*Side{"first": &d.Before, "second": &d.After} {
		if s.Requests < minCount {
			d.Notes = append(d.Notes, "The "+name+" recording holds too few requests to compare with: more of it would help.")
		}
	}
	slices.Sort(d.Notes)
	d.routes(a, b)
	d.nodes(a, b)
	d.edges(a, b)
	slices.SortStableFunc(d.Changes, func(x, y Change) int {
		return cmp.Or(cmp.Compare(slices.Index(sections, x.Section), slices.Index(sections, y.Section)), cmp.Compare(y.weight, x.weight),
			cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Metric, y.Metric))
	})
	return d
}

func sum(windows []*graph.Window) *graph.Window {
	all := graph.NewWindow(0, 0)
	for _, w := range windows {
		all.Merge(w)
		all.Length += w.Length
	}
	return all
}

func sideOf(w *graph.Window, windows []*graph.Window) Side {
	s := Side{Windows: len(windows), Spans: w.Spans, Nodes: len(w.Nodes), Edges: len(w.Edges), seconds: float64(w.Length) / 1e9}
	for _, r := range w.Routes {
		s.Requests += r.Requests
	}
	for i, one := range windows {
		start, end := time.Unix(0, one.Start).UTC(), time.Unix(0, one.Start+one.Length).UTC()
		if i == 0 || start.Before(s.Start) {
			s.Start = start
		}
		if end.After(s.End) {
			s.End = end
		}
	}
	return s
}

func (d *Difference) add(c Change) { d.Changes = append(d.Changes, c) }

// presence notes what stands on one side alone, and reports whether both have
// it.
func (d *Difference) presence(kind, name string, before, after int64) bool {
	c := Change{Kind: kind, Name: name, Metric: "count", Unit: "1", Before: float64(before), After: float64(after), Count: after, weight: float64(before + after)}
	switch {
	case before == 0 && after == 0:
		return false
	case before == 0:
		c.Section = Came
	case after == 0:
		c.Section = Went
	default:
		return true
	}
	d.add(c)
	return false
}

// mean compares the means of durations.
func (d *Difference) mean(kind, name, metric string, a, b graph.Moments) {
	if a.N < minCount || b.N < minCount {
		return
	}
	delta := b.Mean() - a.Mean()
	noise := 3 * math.Hypot(a.StandardError(), b.StandardError())
	if math.Abs(delta) <= noise || math.Abs(delta) < 0.1*max(a.Mean(), b.Mean()) {
		return
	}
	d.add(Change{Section: Slower, Kind: kind, Name: name, Metric: metric, Unit: "s", Before: a.Mean() / 1e9, After: b.Mean() / 1e9,
		Count: b.N, weight: math.Abs(delta) * float64(b.N) / max(1, d.After.seconds)})
}

// quantile compares one of durations; whether it differs is what its tail says.
func (d *Difference) quantile(kind, name, metric string, q float64, a, b *graph.Sketch) {
	if a.Count() < minCount || b.Count() < minCount {
		return
	}
	before, after := a.Quantile(q), b.Quantile(q)
	if math.Abs(after-before) < 0.1*max(before, after) {
		return
	}
	// As many must lie beyond the old quantile as chance does not explain.
	if !differ(float64(a.CountAbove(before)), float64(a.Count()), float64(b.CountAbove(before)), float64(b.Count()), 0.01) {
		return
	}
	d.add(Change{Section: Slower, Kind: kind, Name: name, Metric: metric, Unit: "s", Before: before / 1e9, After: after / 1e9,
		Count: b.Count(), weight: math.Abs(after-before) * (1 - q) * float64(b.Count()) / max(1, d.After.seconds)})
}

// share compares how often something is so.
func (d *Difference) share(section Section, kind, name, metric string, partA, allA, partB, allB int64, least float64) {
	if allA < minCount || allB < minCount {
		return
	}
	a, b := float64(partA)/float64(allA), float64(partB)/float64(allB)
	if differ(float64(partA), float64(allA), float64(partB), float64(allB), least) {
		d.add(Change{Section: section, Kind: kind, Name: name, Metric: metric, Unit: "share", Before: a, After: b, Count: allB, weight: math.Abs(b-a) * float64(allB)})
	}
}

// differ reports whether two shares differ by at least so much, and by more than
// chance explains.
func differ(partA, allA, partB, allB, least float64) bool {
	a, b := partA/allA, partB/allB
	p := (partA + partB) / (allA + allB)
	noise := 3 * math.Sqrt(p*(1-p)*(1/allA+1/allB))
	return math.Abs(b-a) > max(noise, least)
}

// rate compares how often something happens in a second, or for a request.
func (d *Difference) rate(section Section, kind, name, metric, unit string, a, b float64, countA, countB int64) {
	if countA < minCount && countB < minCount {
		return
	}
	noise := 3 * math.Hypot(a/math.Sqrt(max(1, float64(countA))), b/math.Sqrt(max(1, float64(countB))))
	if math.Abs(b-a) <= noise || math.Abs(b-a) < 0.1*max(a, b) {
		return
	}
	d.add(Change{Section: section, Kind: kind, Name: name, Metric: metric, Unit: unit, Before: a, After: b, Count: countB, weight: math.Abs(b-a) / max(a, b) * float64(countB)})
}

// union are the keys of both maps, in an order of their own.
func union[K comparable, V any](a, b map[K]V, compare func(K, K) int) []K {
	all := map[K]bool{}
	for k := range a {
		all[k] = true
	}
	for k := range b {
		all[k] = true
	}
	return slices.SortedFunc(maps.Keys(all), compare)
}

// of is the map's value, or an empty one.
func of[K comparable, V any](m map[K]*V, k K) *V {
	if v := m[k]; v != nil {
		return v
	}
	return new(V)
}
