package contrast

import (
	"cmp"
	"maps"
	"slices"

	"headwater/graph/trace"
)

// fewest is how many good and how many bad requests of a route are needed to
// tell them apart.
const fewest = 5

// Request that took more than slowFactor times as long as the quick quarter of
// its route is slow, and one of less than goodFactor times as long is good.
const (
	quick      = 0.25
	slowFactor = 3
	goodFactor = 2
)

// Parted are the traces of a recording, by how their requests went.
type Parted struct {
	Good, Bad []*trace.Trace // by trace id
	Failed    int            // of the bad
	Routes    []string       // that count, by name
}

// route is an entry as a trace shows it.
type route struct{ service, name string }

// request is the root of a trace.
type request struct {
	trace  *trace.Trace
	took   int64
	failed bool
}

// Split parts the traces.
func Split(traces []*trace.Trace) Parted {
	routes := map[route][]request{}
	for _, t := range traces {
		if len(t.Roots) == 0 {
			continue
		}
		root := &t.Spans[t.Roots[0]]
		key := route{root.Resource.Service, root.Operation}
		routes[key] = append(routes[key], request{t, root.Duration(), root.Outcome != trace.OK})
	}
	var p Parted
	for _, key := range slices.SortedFunc(maps.Keys(routes), func(a, b route) int {
		return cmp.Or(cmp.Compare(a.service, b.service), cmp.Compare(a.name, b.name))
	}) {
		good, bad, failed := part(routes[key])
		if len(good) < fewest || len(bad) < fewest {
			continue
		}
		p.Good, p.Bad, p.Failed = append(p.Good, good...), append(p.Bad, bad...), p.Failed+failed
		p.Routes = append(p.Routes, key.name)
	}
	for _, list := range [][]*trace.Trace{p.Good, p.Bad} {
		slices.SortFunc(list, func(a, b *trace.Trace) int { return slices.Compare(a.ID[:], b.ID[:]) })
	}
	return p
}

// part tells the good from the bad requests of one route.
func part(requests []request) (good, bad []*trace.Trace, failed int) {
	var times []int64
	for _, r := range requests {
		if !r.failed {
			times = append(times, r.took)
		}
	}
	slices.Sort(times)
	var usual int64
	if len(times) > 0 {
		usual = times[int(quick*float64(len(times)))]
	}
	for _, r := range requests {
		switch {
		case r.failed:
			bad = append(bad, r.trace)
			failed++
		case r.took > slowFactor*usual:
			bad = append(bad, r.trace)
		case r.took < goodFactor*usual:
			good = append(good, r.trace)
		}
	}
	return good, bad, failed
}
