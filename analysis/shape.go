package analysis

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"headwater/graph"
)

// part is a place in the traces where they part from the baseline's: a span
// that stands more rarely or more often below another than before.
type part struct {
	route         graph.RouteID // that shows most of it
	shape         graph.Shape
	before, after float64 // share of the spans above it that had it
	z             float64 // how many standard deviations from chance
	requests      float64 // requests changed by it
	sure          bool    // a span is missing that nearly always stood there
	where         graph.NodeID
	routes        []graph.RouteID // in which it is compared
}

// parting is the least that counts: small changes must be surer than great ones.
func (p *part) parting() bool {
	d, z := math.Abs(p.after-p.before), math.Abs(p.z)
	return d >= 0.05 && z >= 4.5 || d >= 0.3 && z >= 3 || p.sure
}

// shapesOf are how many requests of a route have a span at a place.
type shapesOf struct {
	requests int64
	shapes   map[graph.Shape]int64
}

// spot is a span by its name, wherever it stands.
type spot struct {
	node graph.NodeID
	name string
}

// above counts the requests in which a span with the name was seen; where it may
// stand at several places, in which it stood at the most frequent of them.
func (s *shapesOf) above() map[spot]int64 {
	out := map[spot]int64{}
	for shape, n := range s.shapes {
		at := spot{shape.Node, shape.Name}
		out[at] = max(out[at], n)
	}
	return out
}

// partings compares how often spans stand below others, for those that stand
// there in either time. The mix of routes and of what comes before moves shapes
// too, so each is compared within a route and below the same span; the
// differences are added up over the routes and tested together (Mantel and
// Haenszel, Journal of the National Cancer Institute, 1959). It counts in how
// many requests a span is present, not how often: that follows the size of the
// data.
func partings(base, now map[graph.RouteID]*shapesOf) []part {
	type tally struct {
		part
		observed, expected, variance, usual, parents, most float64

		was, is counted // of the spans above it, and those that lack it
	}
	gone := alwaysThere(base)
	found := map[graph.Shape]*tally{}
	for _, id := range sortedRoutes(now) {
		b, n := base[id], now[id]
		if b == nil || b.requests < fewRequests || n.requests == 0 {
			continue
		}
		aboveB, aboveN := b.above(), n.above()
		for s := range merged(b.shapes, n.shapes) {
			up := spot{s.Above, s.Parent}
			pb, pn := float64(aboveB[up]), float64(aboveN[up])
			if s.Above.IsZero() || pb == 0 || pn == 0 {
				continue // it parted further up
			}
			cb, cn := min(pb, float64(b.shapes[s])), min(pn, float64(n.shapes[s]))
			all, with := pb+pn, cb+cn
			t := found[s]
			if t == nil {
				t = &tally{part: part{shape: s}}
				found[s] = t
			}
			t.observed += cn
			t.expected += pn * with / all
			t.variance += pn * pb * with * (all - with) / (all * all * max(1, all-1))
			t.usual += pn * cb / pb
			t.parents += pn
			t.routes = append(t.routes, id)
			t.was.n, t.was.bad = t.was.n+int64(pb), t.was.bad+int64(pb-cb)
			t.is.n, t.is.bad = t.is.n+int64(pn), t.is.bad+int64(pn-cn)
			if off := math.Abs(cn - pn*cb/pb); off > t.most {
				t.most, t.route = off, id
			}
		}
	}
	var out []part
	for _, s := range slices.SortedFunc(maps.Keys(found), compareShapes) {
		t := found[s]
		t.sure = t.was.n >= rareEnough && t.is.bad >= fewest && gone.chance(t.was, t.is) < unlikely
		if t.variance == 0 {
			continue
		}
		t.before, t.after = t.usual/t.parents, t.observed/t.parents
		t.z = (t.observed - t.expected) / math.Sqrt(t.variance)
		t.requests = math.Abs(t.observed - t.usual)
		if t.parting() {
			out = append(out, t.part)
		}
	}
	return out
}

// since is for how many of the windows, up to the last, the span has stood at
// least half as far from its usual share as it does now.
func (p *part) since(windows []*graph.Window) int {
	n := 0
	for _, w := range slices.Backward(windows) {
		parents, with := p.seen(w)
		if parents > 0 && (ratio(with, parents)-p.before)/(p.after-p.before) < 0.5 {
			break
		}
		n++
	}
	return n
}

// seen counts in a window the spans above it, and those that have it, in the
// routes in which it is compared.
func (p *part) seen(w *graph.Window) (parents, with int64) {
	up := spot{p.shape.Above, p.shape.Parent}
	for _, id := range p.routes {
		most := int64(0)
		for shape, s := range route(w, id).Shapes {
			if (spot{shape.Node, shape.Name}) == up {
				most = max(most, s.Requests)
			}
		}
		parents += most
		with += min(most, route(w, id).Shapes[p.shape].Requests)
	}
	return parents, with
}

// in counts the windows that show it.
func (p *part) in(windows []*graph.Window) (n int) {
	t := p.tell()
	for _, w := range windows {
		if _, k := t.in(w); k > 0 {
			n++
		}
	}
	return n
}

// tell asks a window whether its traces part there.
func (p *part) tell() tell {
	more := p.after > p.before
	share := func(s float64) float64 {
		if !more {
			s = 1 - s
		}
		return min(max(s, 0.001), 0.999)
	}
	return tell{before: share(p.before), now: share(p.after), in: func(w *graph.Window) (n, k int64) {
		n, k = p.seen(w)
		if k = min(k, n); !more {
			k = n - k
		}
		return n, k
	}}
}

// shapesIn reads the shapes of windows, added up.
func shapesIn(windows ...*graph.Window) map[graph.RouteID]*shapesOf {
	out := map[graph.RouteID]*shapesOf{}
	for _, w := range windows {
		for id, r := range w.Routes {
			s := out[id]
			if s == nil {
				s = &shapesOf{shapes: make(map[graph.Shape]int64, len(r.Shapes))}
				out[id] = s
			}
			s.requests += r.Requests
			for shape, n := range r.Shapes {
				s.shapes[shape] += n.Requests
			}
		}
	}
	return out
}

// parts finds where the traces part, and which code that is. What stands below
// one span and parts for one reason counts once; what failing visits leave out
// counts as failure.
func (l *ledger) parts() []part {
	type place struct {
		above, where graph.NodeID
		parent       string
	}
	best := map[place]int{}
	var out []part
	for _, p := range partings(shapesIn(l.base), shapesIn(l.now)) {
		p.where = p.shape.Above
		fewer := p.after < p.before
		if p.shape.Above != p.shape.Node && fewer && l.stillCalled(p.shape.Above, p.shape.Node) {
			p.where = p.shape.Node // the caller still calls, the callee no longer shows
		}
		if fewer {
			b, a := node(l.base, p.shape.Above).All, node(l.now, p.shape.Above).All
			p.requests -= max(0, float64(a.Failed)-ratio(b.Failed, b.Visits)*float64(a.Visits))
		}
		if p.requests <= 0 {
			continue
		}
		k := place{p.shape.Above, p.where, p.shape.Parent}
		i, ok := best[k]
		switch {
		case !ok:
			best[k] = len(out)
			out = append(out, p)
		case p.requests > out[i].requests:
			out[i] = p
		}
	}
	return out
}

// parted is who made the traces part: the cache, where calls to a database came
// on top that it used to spare, or else the code at that place.
func (w *walker) parted(p part) place {
	if p.after > p.before {
		for _, e := range w.callees[p.where] {
			more := ratio(edge(w.now, e).Calls, node(w.now, p.where).All.Visits) > 1.2*ratio(edge(w.base, e).Calls, node(w.base, p.where).All.Visits)
			if m := w.missed(e); more && m.kind == CauseCache {
				return m
			}
		}
	}
	return at(p.where)
}

// stillCalled reports whether callers go on calling a node that shows no spans
// for it.
func (l *ledger) stillCalled(caller, callee graph.NodeID) bool {
	e := edge(l.now, graph.EdgeID{Caller: caller, Callee: callee})
	return e.Expected > e.Paired && ratio(e.Paired, e.Expected) < 0.9
}

func compareShapes(a, b graph.Shape) int {
	return cmp.Or(a.Node.Compare(b.Node), cmp.Compare(a.Name, b.Name), a.Above.Compare(b.Above), cmp.Compare(a.Parent, b.Parent))
}
