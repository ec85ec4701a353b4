package contrast

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"maps"
	"slices"

	"headwater/graph/trace"
)

// fewest is how many good and how many bad requests of a route are needed to
// tell them apart.
const fewest = 5

// fewestFailed is the share of a route's requests that must have failed for
// failures to count: a few do at any time.
const fewestFailed = 0.02

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
	shape  uint64
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
		routes[key] = append(routes[key], request{t, root.Duration(), root.Outcome != trace.OK, shapeOf(t)})
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

// shapeOf is a mark of which operations of which services stand in a trace,
// however often. Requests that take another path, such as past a cache, take
// another time, and nothing is wrong with that.
func shapeOf(t *trace.Trace) uint64 {
	var marks []uint64
	for i := range t.Spans {
		h := fnv.New64a()
		for _, text := range []string{t.Spans[i].Resource.Service, t.Spans[i].Operation} {
			h.Write([]byte(text))
			h.Write([]byte{0, byte(t.Spans[i].Kind)})
		}
		marks = append(marks, h.Sum64())
	}
	slices.Sort(marks)
	h := fnv.New64a()
	for _, m := range slices.Compact(marks) {
		h.Write(binary.LittleEndian.AppendUint64(nil, m))
	}
	return h.Sum64()
}

// part tells the good from the bad requests of one route.
func part(requests []request) (good, bad []*trace.Trace, failed int) {
	shapes := map[uint64][]request{}
	for _, r := range requests {
		if r.failed {
			failed++
		} else {
			shapes[r.shape] = append(shapes[r.shape], r)
		}
	}
	if failed < fewest || float64(failed) < fewestFailed*float64(len(requests)) {
		failed = 0
	}
	for _, r := range requests {
		if r.failed && failed > 0 {
			bad = append(bad, r.trace)
		}
	}
	for _, alike := range shapes {
		usual, slow := limits(alike)
		for _, r := range alike {
			switch {
			case float64(r.took) > slow:
				bad = append(bad, r.trace)
			case float64(r.took) <= usual:
				good = append(good, r.trace)
			}
		}
	}
	return good, bad, failed
}
