package risk

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"headwater/graph"
)

// place is where only so many may be at a time: a copy of a service, or, with
// from, what a copy of a caller has open at a callee. Without an instance it is
// the whole node.
type place struct {
	at, from graph.NodeID
	instance string
}

func (p place) compare(o place) int {
	return cmp.Or(p.at.Compare(o.at), p.from.Compare(o.from), cmp.Compare(p.instance, o.instance))
}

// crowd keeps who was where, and when.
type crowd struct {
	number map[place]int32
	places []place
	stays  []stay
	fallen int64
}

type stay struct {
	start, end int64
	at         int32
}

func newCrowd() crowd { return crowd{number: map[place]int32{}} }

func (c *crowd) stay(r *Reader, p place, start, end int64) {
	if !believable(start) {
		return
	}
	if len(c.stays) >= maxStays {
		c.fallen++
		return
	}
	n, ok := c.number[p]
	if !ok {
		if len(c.places) >= maxEdges {
			r.leftOut++
			return
		}
		n = int32(len(c.places))
		c.number[p] = n
		c.places = append(c.places, p)
	}
	c.stays = append(c.stays, stay{start, end, n})
}

// crowding is how full a place was.
type crowding struct {
	place place
	mean  float64 // at a time
	most  int     // at a time
	// full is set where the most is all that there is room for: by its visitors,
	// more would have been there at times, had they been let in.
	full bool
	sure float64
}

const (
	// missed is how often more should have been there than ever were for a place
	// to be full then: once in e^missed a place without a limit looks like it.
	missed = 8
	// atTheTop is the least share of the time that a full place is full.
	atTheTop = 0.002
	// looked is the grain of the time that was looked at, in ns.
	looked = int64(10e9)
	// joint is by how much, in ns, a stay may begin before another has ended and
	// still follow it: some instrumentations cut times to the microsecond.
	joint = 50_000
)

// crowdings measures the places, in order.
func (c *crowd) crowdings() []crowding {
	slices.SortFunc(c.stays, func(a, b stay) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	out := make([]crowding, 0, len(c.places))
	// Only time in which anything was seen counts: there may be holes.
	seen := map[int64]struct{}{}
	for i := range c.stays {
		seen[c.stays[i].start/looked] = struct{}{}
	}
	length := int64(len(seen)) * looked
	for from := 0; from < len(c.stays); {
		to := from
		for to < len(c.stays) && c.stays[to].at == c.stays[from].at {
			to++
		}
		out = append(out, c.measure(c.stays[from:to], length))
		from = to
	}
	slices.SortFunc(out, func(a, b crowding) int { return a.place.compare(b.place) })
	return out
}

// measure sweeps over the stays at one place, which are ordered by start.
func (c *crowd) measure(stays []stay, length int64) crowding {
	out := crowding{place: c.places[stays[0].at]}
	ends := make([]int64, len(stays))
	total := int64(0)
	for i, s := range stays {
		ends[i] = max(s.start+1, s.end-joint)
		total += s.end - s.start
	}
	slices.Sort(ends)
	in, gone := 0, 0
	var times []int64 // spent with so many there
	at := stays[0].start
	spend := func(until int64) {
		for in >= len(times) {
			times = append(times, 0)
		}
		times[in] += max(0, until-at)
		at = max(at, until)
	}
	for _, s := range stays {
		for gone < len(ends) && ends[gone] <= s.start {
			spend(ends[gone])
			in--
			gone++
		}
		spend(s.start)
		in++
		out.most = max(out.most, in)
	}
	for ; gone < len(ends); gone++ {
		spend(ends[gone])
		in--
	}
	out.mean = float64(total) / float64(length)
	if out.mean <= 0 {
		return out
	}
	mean := float64(total) / float64(len(stays))
	beyond := 1 - distuv.Poisson{Lambda: out.mean}.CDF(float64(out.most))
	expected := beyond * float64(length) / max(mean, 1)
	topped := float64(times[out.most]) / float64(length)
	out.full = expected >= missed && topped >= atTheTop
	if out.full {
		out.sure = min(0.95, 0.5+expected/(100*missed))
		if expected >= 10*missed {
			out.sure = 0.95
		}
	}
	return out
}
