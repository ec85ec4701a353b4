package analysis

import (
	"math"
	"slices"

	"headwater/graph"
)

// stretch is a run of windows, as positions [from, to), that left the baseline.
type stretch struct {
	from, to int
	users    bool         // users were hurt, not only nodes
	open     bool         // it had not ended when the data did
	first    graph.NodeID // what was breached first
}

const (
	// historyNeeded is how many windows a baseline needs.
	historyNeeded = 6
	// historyKept is how many windows before an incident are compared with.
	historyKept = 60
	// calmWindows without a breach end an incident: pulses are bridged.
	calmWindows = 6
	// pooled is over how many windows a route with little traffic is gathered.
	pooled = 3
	// enough requests make a window speak for itself.
	enough = 30
)

// detect finds the stretches in which users or nodes left their baseline:
// windows without a breach so far, or the known-good ones.
func detect(windows, known []*graph.Window) []stretch {
	d := detector{fixed: len(known) >= 1}
	for _, w := range known {
		d.learn(w)
	}
	var out []stretch
	var cur *stretch
	calm, hot, hotFrom := 0, 0, 0
	hotUsers := false
	var hotFirst graph.NodeID
	for i, w := range windows {
		recent := windows[max(0, i-pooled+1) : i+1]
		first, users, strong := d.breached(w, recent)
		breach := !first.IsZero()
		switch {
		case cur != nil && breach:
			calm = 0
			cur.to, cur.users = i+1, cur.users || users
		case cur != nil:
			calm++
			if calm >= calmWindows {
				out = append(out, *cur)
				cur, hot = nil, 0
				d.learn(w)
			}
		case breach:
			if hot == 0 {
				hotFrom, hotFirst, hotUsers = i, first, false
			}
			hot++
			hotUsers = hotUsers || users
			if strong || hot >= 3 || hot >= 2 && users {
				cur = &stretch{from: hotFrom, to: i + 1, users: hotUsers, first: hotFirst}
				calm = 0
			}
		default:
			hot = 0
			d.learn(w)
		}
	}
	if cur != nil {
		cur.open = calm < calmWindows
		out = append(out, *cur)
	}
	return out
}

// detector knows what is normal, window by window.
type detector struct {
	fixed   bool // the baseline was given and is not learned
	history []*graph.Window
	base    *graph.Window // sum of history, at most staleAfter windows old
	age     int           // windows learnt since base was made
}

// staleAfter is after how many more windows the sum of the history is made
// again: making it costs as much as all its windows, and one more hardly moves
// it.
const staleAfter = 6

func (d *detector) learn(w *graph.Window) {
	d.history = append(d.history, w)
	if len(d.history) > historyKept && !d.fixed {
		d.history = d.history[1:]
	}
	d.age++
}

// breached says what left the baseline in the newest of the recent windows:
// the first route's or node's node in order, whether users are hurt, and
// whether that is beyond doubt. Nothing gives the zero node.
func (d *detector) breached(w *graph.Window, recent []*graph.Window) (first graph.NodeID, users, strong bool) {
	if len(d.history) < historyNeeded && !d.fixed {
		return graph.NodeID{}, false, false
	}
	if d.base == nil || d.age >= staleAfter {
		d.base, d.age = sum(d.history), 0
	}
	for _, id := range sortedRoutes(w.Routes) {
		pool := pool(recent, func(w *graph.Window) (int64, int64, graph.Moments) {
			r := route(w, id)
			return r.Requests, r.Failed, r.Time
		})
		b := route(d.base, id)
		level := d.level(func(w *graph.Window) graph.Moments { return route(w, id).Time })
		slow, very := level.above(pool.time, 1.3)
		failing, badly := failuresAbove(pool.n, pool.failed, b.Requests, b.Failed)
		if slow || failing || shapeChanged(recent, b, id) {
			if first.IsZero() {
				first = id.Node
			}
			users = true
			strong = strong || very || badly
		}
	}
	if users {
		return first, users, strong
	}
	for _, id := range sortedNodes(w.Nodes) {
		pool := pool(recent, func(w *graph.Window) (int64, int64, graph.Moments) {
			n := node(w, id).All
			return n.Visits, n.FailedOwn, n.Self
		})
		b := node(d.base, id).All
		level := d.level(func(w *graph.Window) graph.Moments { return node(w, id).All.Self })
		slow, _ := level.above(pool.time, 2)
		failing, _ := failuresAbove(pool.n, pool.failed, b.Visits, b.FailedOwn)
		if slow && pool.n >= enough || failing {
			return id, false, false
		}
	}
	return graph.NodeID{}, false, false
}

type pooledStats struct {
	n, failed int64
	time      graph.Moments
}

// pool gathers windows, newest first, until there are enough requests.
func pool(recent []*graph.Window, of func(*graph.Window) (n, failed int64, time graph.Moments)) pooledStats {
	var p pooledStats
	for _, w := range slices.Backward(recent) {
		n, failed, time := of(w)
		p.n += n
		p.failed += failed
		p.time.Merge(time)
		if p.n >= enough {
			break
		}
	}
	return p
}

// level is what a mean duration normally is, and how much it varies between
// windows (which is more than within them).
type level struct {
	median, spread float64
	n              int64
}

func (d *detector) level(of func(*graph.Window) graph.Moments) level {
	var means []float64
	var l level
	for _, w := range d.history {
		if m := of(w); m.N >= 3 {
			means = append(means, m.Mean())
			l.n += m.N
		}
	}
	if len(means) == 0 {
		return l
	}
	l.median = median(means)
	for i := range means {
		means[i] = math.Abs(means[i] - l.median)
	}
	l.spread = 1.4826 * median(means)
	return l
}

// above reports whether a mean lies above the level beyond noise and by the
// given factor, and whether by so much that one window is enough.
func (l level) above(m graph.Moments, factor float64) (slow, very bool) {
	if l.n < 10 || m.N < 5 || l.median == 0 {
		return false, false
	}
	noise := 4*l.spread + 3*min(m.StandardError(), m.Mean()/2)
	slow = m.Mean() > factor*l.median+noise
	return slow, slow && m.N >= enough && m.Mean() > 2.5*l.median+2*noise
}

// failuresAbove compares shares of failures, by the normal approximation of the
// binomial with a floor for rare ones.
func failuresAbove(n, failed, baseN, baseFailed int64) (above, badly bool) {
	if n == 0 || baseN == 0 || failed < 3 {
		return false, false
	}
	p := ratio(baseFailed+1, baseN+2)
	share := ratio(failed, n)
	above = share > p+0.02+4*math.Sqrt(p*(1-p)/float64(n))
	return above, above && n >= enough && share > p+0.2
}

// shapeChanged reports whether the traces of a route are clearly made of other
// calls than before.
func shapeChanged(recent []*graph.Window, b *graph.RouteStats, id graph.RouteID) bool {
	var n int64
	shapes := map[graph.Shape]int64{}
	for _, w := range recent {
		r := route(w, id)
		n += r.Requests
		for s, c := range r.Shapes {
			shapes[s] += c
		}
	}
	if n < enough || b.Requests < 2*enough {
		return false
	}
	for s := range b.Shapes {
		if _, ok := shapes[s]; !ok {
			shapes[s] = 0
		}
	}
	for s, c := range shapes {
		p0, p1 := ratio(b.Shapes[s], b.Requests), ratio(c, n)
		pool := ratio(b.Shapes[s]+c, b.Requests+n)
		noise := math.Sqrt(pool * (1 - pool) * (1/float64(n) + 1/float64(b.Requests)))
		if math.Abs(p1-p0) > max(0.25, 6*noise) {
			return true
		}
	}
	return false
}

func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	if n%2 == 1 {
		return s[n/2]
	}
	return (s[n/2-1] + s[n/2]) / 2
}
