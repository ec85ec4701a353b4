package risk

import (
	"slices"
	"time"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
)

// Options change what is reported. The zero Options look at everything.
type Options struct {
	// Trouble are stretches of time that were not healthy: how callers retry and
	// when they give up is learned there too, and nothing else.
	Trouble []analysis.Interval
	// Critical names the routes that matter ("POST /checkout"). Without any, they
	// are those that change something or make up most of the requests.
	Critical []string
}

// Reader takes traces and keeps of each what the Report needs. It is not safe
// for concurrent use.
type Reader struct {
	opt    Options
	edges  map[edgeKey]*edge
	pairs  map[pairKey]*pair
	items  map[itemKey]*items
	routes map[graph.RouteID]*routeSeen
	uses   int
	crowd  crowd

	windows       []*graph.Window
	trouble       []*graph.Window
	traces, spans int64
	from, to      int64
	leftOut       int64

	homes []home
	sums  []sumOf
}

// home is where a visit belongs.
type home struct {
	route      *routeSeen
	background bool
}

// NewReader makes a Reader that has seen nothing.
func NewReader(opt Options) *Reader {
	return &Reader{
		opt: opt, edges: map[edgeKey]*edge{}, pairs: map[pairKey]*pair{}, items: map[itemKey]*items{},
		routes: map[graph.RouteID]*routeSeen{}, crowd: newCrowd(),
	}
}

// Windows gives the statistics of a time that may be longer than that of the
// traces: they tell how busy things get.
func (r *Reader) Windows(windows []*graph.Window) {
	for _, w := range windows {
		r.span(w.Start, w.Start+w.Length)
		if r.troubled(w.Start) {
			r.trouble = append(r.trouble, w)
		} else {
			r.windows = append(r.windows, w)
		}
	}
}

// Add takes a trace, which must be whole and of a stretch of time of which all
// traces are added. Nothing of t is kept.
func (r *Reader) Add(t *trace.Trace) { r.read(t, true) }

// AddSingle takes a trace that was picked since something happened in it: how
// callers retry and when they give up is learned from it, and nothing else.
func (r *Reader) AddSingle(t *trace.Trace) { r.read(t, false) }

// Unknown are the routes of Options.Critical of which no request was seen.
func (r *Reader) Unknown() (out []string) {
	for _, name := range r.opt.Critical {
		known := false
		for id := range r.routes {
			known = known || id.Operation == name
		}
		if !known {
			out = append(out, name)
		}
	}
	return out
}

func (r *Reader) troubled(at int64) bool {
	return slices.ContainsFunc(r.opt.Trouble, func(in analysis.Interval) bool {
		return at >= in.Start.UnixNano() && (in.End.IsZero() || at < in.End.UnixNano())
	})
}

// believable reports whether a time can be reckoned with: broken clocks send any.
func believable(at int64) bool { return at > 0 && at < 1<<62 }

func (r *Reader) span(from, to int64) {
	if !believable(from) {
		return
	}
	if r.from == 0 || from < r.from {
		r.from = from
	}
	r.to = max(r.to, to)
}

func (r *Reader) read(t *trace.Trace, healthy bool) {
	if len(t.Spans) == 0 {
		return
	}
	r.traces++
	r.spans += int64(len(t.Spans))
	first := t.Spans[0].Start
	for i := range t.Spans {
		r.span(t.Spans[i].Start, t.Spans[i].Start+1)
	}
	healthy = healthy && !r.troubled(first)
	g := graph.Read(t, nil)
	if healthy {
		r.visits(g)
	}
	for i := range g.Calls {
		r.call(g, &g.Calls[i])
	}
	for i := range g.Calls {
		r.pair(g, &g.Calls[i], healthy)
	}
	if healthy {
		r.countItems(g)
	}
}

// lasted is how long a span lasted, in ns, as far as that is believed.
func lasted(s *trace.Brief) int64 { return min(s.Duration(), trace.MaxDuration) }

// callerSpan is the caller's span of an attempt, or -1.
func callerSpan(a *graph.Attempt) int32 {
	if a.Client >= 0 {
		return a.Client
	}
	return a.Parent
}

func keyOf(g *graph.Reading, c *graph.Call) edgeKey {
	return edgeKey{g.Node(c.Caller), g.Node(c.Callee)}
}

// call learns how callers of an edge retry, and when they give up.
func (r *Reader) call(g *graph.Reading, c *graph.Call) {
	if c.Async || c.Attempts[0].Client < 0 {
		return
	}
	e := of(r, r.edges, keyOf(g, c), maxEdges)
	if e == nil {
		return
	}
	t := g.Trace
	n := int64(len(c.Attempts)) + int64(c.Unseen)
	e.calls++
	e.attempts += n
	start, end := t.Nodes[c.Attempts[0].Client].Start, int64(0)
	for i := range c.Attempts {
		a := &c.Attempts[i]
		if a.Client < 0 {
			continue
		}
		s := &t.Spans[a.Client]
		x := example{t.ID, s.Start, lasted(s), lasted(s)}
		end = max(end, t.Nodes[a.Client].End)
		if a.Server >= 0 {
			if late := t.Nodes[a.Server].RawEnd - t.Nodes[a.Client].End; late > 0 && a.Outcome != graph.OK {
				e.abandoned++
				e.orphan += late
			}
		}
		switch {
		case gaveUp(g, a):
			e.timedOut.Add(lasted(s))
			e.timedOutIn.take(x)
		case a.Outcome == graph.OK || a.Outcome == graph.Failed:
			e.answered.Add(lasted(s))
			e.longest.take(x)
		}
		if a.Outcome != graph.OK {
			if i+1 < len(c.Attempts) {
				e.again++
			} else {
				e.last++
			}
		}
	}
	e.mostIn.take(example{t.ID, t.Spans[c.Attempts[0].Client].Start, end - start, n})
	e.most = max(e.most, n)
}

// gaveUp reports whether the caller of an attempt left at its deadline. A timeout
// that the callee itself tells of is the callee's.
func gaveUp(g *graph.Reading, a *graph.Attempt) bool {
	if a.Outcome != graph.TimedOut && a.Outcome != graph.Cancelled || a.Client < 0 {
		return false
	}
	return a.Server < 0 || g.Trace.Nodes[a.Server].RawEnd > g.Trace.Nodes[a.Client].End
}

// pair learns how long callees of a visit are waited for, by who asked for the
// visit.
func (r *Reader) pair(g *graph.Reading, c *graph.Call, healthy bool) {
	at := callerSpan(&c.Attempts[0])
	if c.Async || at < 0 || c.Attempts[0].Client < 0 {
		return
	}
	v := &g.Visits[g.VisitOf[at]]
	if v.Call < 0 || g.Calls[v.Call].Async {
		return
	}
	p := of(r, r.pairs, pairKey{keyOf(g, &g.Calls[v.Call]), keyOf(g, c)}, maxPairs)
	if p == nil {
		return
	}
	t := g.Trace
	first := &t.Spans[c.Attempts[0].Client]
	whole := int64(0)
	for i := range c.Attempts {
		if k := c.Attempts[i].Client; k >= 0 {
			whole = max(whole, t.Spans[k].Start+lasted(&t.Spans[k])-first.Start)
		}
	}
	p.visits++
	p.whole.Add(whole)
	p.longest.take(example{t.ID, first.Start, whole, whole})
	if healthy {
		p.share.Add(whole)
	}
}

// visits counts who comes to which node, for which route, for how long.
func (r *Reader) visits(g *graph.Reading) {
	t := g.Trace
	r.homes = r.homes[:0]
	for i := range g.Visits {
		v := &g.Visits[i]
		var h home
		switch {
		case v.Parent >= 0:
			h = r.homes[v.Parent]
			h.background = h.background || v.Call >= 0 && g.Calls[v.Call].Async
		case t.Nodes[v.Entry].Notes&trace.NoteOrphan == 0:
			id := graph.RouteID{Node: g.Node(v.Node), Operation: g.Word(v.Operation)}
			if h.route = of(r, r.routes, id, maxRoutes); h.route != nil {
				kind := t.Spans[v.Entry].Kind
				h.background = v.Call >= 0 || kind == trace.KindConsumer || len(t.Spans[v.Entry].Links) > 0
				h.route.requests++
				h.route.background = h.route.background || h.background
			}
		}
		r.homes = append(r.homes, h)
		s := &t.Spans[v.Entry]
		r.use(h, g.Node(v.Node), t.ID, s.Start, lasted(s))
		if s.Outcome != graph.Rejected { // who is turned away takes no place
			r.crowd.stay(r, place{at: g.Node(v.Node), instance: s.Resource.Instance}, s.Start, s.Start+lasted(s))
		}
	}
	for i := range g.Calls {
		c := &g.Calls[i]
		at := callerSpan(&c.Attempts[0])
		if c.Async || at < 0 {
			continue
		}
		h := r.homes[g.VisitOf[at]]
		node := g.Node(c.Callee)
		for k := range c.Attempts {
			a := &c.Attempts[k]
			if a.Client < 0 {
				continue
			}
			s := &t.Spans[a.Client]
			if a.Server < 0 && node.Kind != graph.Service {
				r.use(h, node, t.ID, s.Start, lasted(s))
				r.crowd.stay(r, place{at: node}, s.Start, s.Start+lasted(s))
			}
			r.crowd.stay(r, place{at: node, from: g.Node(c.Caller), instance: s.Resource.Instance}, s.Start, s.Start+lasted(s))
		}
	}
	for i := range r.homes {
		if v := &g.Visits[i]; v.Parent < 0 && r.homes[i].route != nil {
			r.homes[i].route.came()
		}
	}
}

// use books time of a route at a node.
func (r *Reader) use(h home, node graph.NodeID, id trace.TraceID, start, duration int64) {
	if h.route == nil {
		return
	}
	if h.route.nodes == nil {
		h.route.nodes = map[graph.NodeID]*use{}
	}
	u := h.route.nodes[node]
	if u == nil {
		if r.uses >= maxUses {
			r.leftOut++
			return
		}
		r.uses++
		u = &use{}
		h.route.nodes[node] = u
	}
	u.now = true
	u.visits++
	u.time += duration
	u.longest.take(example{id, start, duration, duration})
}

// came counts, at the end of a trace, the nodes that a request came by.
func (s *routeSeen) came() {
	for _, u := range s.nodes {
		if u.now {
			u.requests++
			u.now = false
		}
	}
}

func utc(ns int64) time.Time { return time.Unix(0, ns).UTC() }

func seconds(ns int64) float64 { return float64(ns) / 1e9 }
