package whatif

import (
	"cmp"
	"slices"

	"headwater/graph"
)

// step is a call that an operation makes.
type step struct {
	to operation // of a service, or what a database is asked for
	// often is how many such calls a visit makes on average, without retries.
	often float64
	// after is when the first of them begins, in nanoseconds after the request's
	// begin, on average.
	after float64
	async bool // a message is sent
}

// reading collects who calls whom from the ledgers and shapes of the routes.
type reading struct {
	base   *graph.Window
	visits map[operation]float64 // logical ones
	calls  map[operation]map[operation]*callCount
}

type callCount struct {
	count         float64
	after, weight float64
}

// readSteps finds what every operation calls.
func readSteps(base *graph.Window) map[operation][]step {
	r := &reading{base: base, visits: map[operation]float64{}, calls: map[operation]map[operation]*callCount{}}
	for _, id := range sortedRoutes(base.Routes) {
		r.route(id, base.Routes[id])
	}
	out := map[operation][]step{}
	for from, to := range r.calls {
		for o, c := range to {
			s := step{to: o, often: c.count / max(r.visits[from], 1), async: o.node.Kind == graph.Queue}
			if c.weight > 0 {
				s.after = c.after / c.weight
			}
			if s.often > leastOften {
				out[from] = append(out[from], s)
			}
		}
		slices.SortFunc(out[from], func(a, b step) int { return cmp.Or(cmp.Compare(a.after, b.after), a.to.compare(b.to)) })
	}
	return out
}

// leastOften is below which share of visits a call is left out.
const leastOften = 0.001

// scene is one route at hand.
type scene struct {
	*reading
	own    map[graph.NodeID]map[string]float64 // operations of the route and how often they are visited
	shapes map[graph.NodeID]map[string][]graph.Shape
	stats  *graph.RouteStats
}

func (r *reading) route(id graph.RouteID, s *graph.RouteStats) {
	c := &scene{reading: r, own: map[graph.NodeID]map[string]float64{}, shapes: map[graph.NodeID]map[string][]graph.Shape{}, stats: s}
	accounts := make([]graph.AccountID, 0, len(s.Accounts))
	for a := range s.Accounts {
		accounts = append(accounts, a)
	}
	slices.SortFunc(accounts, compareAccounts)
	for _, a := range accounts {
		if a.Kind == graph.Own {
			n := float64(s.Accounts[a].Logical) / graph.Millionth
			if c.own[a.Node] == nil {
				c.own[a.Node] = map[string]float64{}
			}
			c.own[a.Node][a.Operation] += n
			r.visits[operation{a.Node, a.Operation}] += n
		}
	}
	for shape := range s.Shapes {
		if c.shapes[shape.Node] == nil {
			c.shapes[shape.Node] = map[string][]graph.Shape{}
		}
		c.shapes[shape.Node][shape.Name] = append(c.shapes[shape.Node][shape.Name], shape)
	}
	for _, byName := range c.shapes {
		for _, list := range byName {
			slices.SortFunc(list, compareShapes)
		}
	}
	for _, a := range accounts {
		logical := float64(s.Accounts[a].Logical) / graph.Millionth
		switch {
		case a.Kind == graph.Own && (a.Node != id.Node || a.Operation != id.Operation):
			c.visited(operation{a.Node, a.Operation}, logical)
		case a.Kind == graph.Unpaired && a.Node.Kind != graph.Service:
			c.asked(a, logical)
		}
	}
}

func compareAccounts(a, b graph.AccountID) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), a.Caller.Compare(b.Caller), a.Node.Compare(b.Node), cmp.Compare(a.Operation, b.Operation))
}

func compareShapes(a, b graph.Shape) int {
	return cmp.Or(a.Above.Compare(b.Above), cmp.Compare(a.Parent, b.Parent))
}

// visited adds the calls that led to an operation of a service.
func (c *scene) visited(to operation, logical float64) {
	total := 0.0
	var from []graph.Shape
	for _, list := range c.shapes[to.node] {
		for _, s := range list {
			if !s.Above.IsZero() && s.Above != to.node && c.named(s.Node, s.Name) == to.name {
				total += float64(c.stats.Shapes[s].Spans)
				from = append(from, s)
			}
		}
	}
	slices.SortFunc(from, func(a, b graph.Shape) int { return cmp.Or(compareShapes(a, b), cmp.Compare(a.Name, b.Name)) })
	for _, s := range from {
		st := c.stats.Shapes[s]
		for _, o := range c.owners(s.Above, s.Parent, 0) {
			c.add(o.op, to, logical*o.share*float64(st.Spans)/total, ratio(st.After, st.Requests))
		}
	}
}

// asked adds what was asked of a node that sends no spans.
func (c *scene) asked(a graph.AccountID, logical float64) {
	to := operation{a.Node, a.Operation}
	list := c.shapes[a.Caller][a.Operation]
	total := 0.0
	for _, s := range list {
		total += float64(c.stats.Shapes[s].Spans)
	}
	for _, s := range list {
		st := c.stats.Shapes[s]
		for _, o := range c.owners(a.Caller, s.Parent, 0) {
			c.add(o.op, to, logical*o.share*float64(st.Spans)/total, ratio(st.After, st.Requests))
		}
	}
	if total == 0 { // the span is called otherwise than what it asks for
		after := c.leaf(a.Caller)
		for _, o := range c.all(a.Caller) {
			c.add(o.op, to, logical*o.share, after)
		}
	}
}

// leaf is when spans below which there is nothing begin at a caller, on average.
func (c *scene) leaf(caller graph.NodeID) float64 {
	var after, n int64
	for name, list := range c.shapes[caller] {
		if c.parents(caller, name) {
			continue
		}
		for _, s := range list {
			if s.Above == caller {
				after += c.stats.Shapes[s].After
				n += c.stats.Shapes[s].Requests
			}
		}
	}
	return ratio(after, n)
}

func (c *scene) parents(node graph.NodeID, name string) bool {
	for _, byName := range c.shapes {
		for _, list := range byName {
			for _, s := range list {
				if s.Above == node && s.Parent == name {
					return true
				}
			}
		}
	}
	return false
}

func (c *scene) add(from, to operation, count, after float64) {
	if c.calls[from] == nil {
		c.calls[from] = map[operation]*callCount{}
	}
	x := c.calls[from][to]
	if x == nil {
		x = &callCount{}
		c.calls[from][to] = x
	}
	x.count += count
	x.after += after * count
	x.weight += count
}

// named is the operation that a span is the begin of.
func (c *scene) named(node graph.NodeID, span string) string {
	ops := c.own[node]
	if _, ok := ops[span]; ok {
		return span
	}
	if len(ops) == 1 {
		for o := range ops {
			return o
		}
	}
	return span
}

type owner struct {
	op    operation
	share float64
}

// deepestSpans bounds how many spans of one service stand below one another.
const deepestSpans = 8

// owners are the operations of a node within which a span of it stands.
func (c *scene) owners(node graph.NodeID, span string, depth int) (out []owner) {
	if _, ok := c.own[node][span]; ok {
		return []owner{{operation{node, span}, 1}}
	}
	list := c.shapes[node][span]
	total := 0.0
	for _, s := range list {
		total += float64(c.stats.Shapes[s].Spans)
	}
	if total == 0 || depth == deepestSpans {
		return c.all(node)
	}
	for _, s := range list {
		share := float64(c.stats.Shapes[s].Spans) / total
		if s.Above != node {
			out = append(out, owner{operation{node, c.named(node, span)}, share})
			continue
		}
		for _, o := range c.owners(node, s.Parent, depth+1) {
			out = append(out, owner{o.op, o.share * share})
		}
	}
	return out
}

// all are the operations of a node in this route, by their share of the visits.
func (c *scene) all(node graph.NodeID) (out []owner) {
	total := 0.0
	for name, n := range c.own[node] {
		total += n
		out = append(out, owner{operation{node, name}, n})
	}
	slices.SortFunc(out, func(a, b owner) int { return a.op.compare(b.op) })
	for i := range out {
		out[i].share /= max(total, 1e-9)
	}
	return out
}
