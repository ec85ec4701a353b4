package graph

// builder is a window in the making: nodes and names are numbers of its lexicon.
type builder struct {
	start, length int64
	lex           *lexicon

	spans, orphans int64

	nodes   []*cell // by number
	edges   map[edgeKey]*EdgeStats
	routes  map[routeKey]*routeCell
	learned map[learned]struct{}
}

// cell is a node in the making.
type cell struct {
	operations map[int32]*VisitStats
	instances  map[int32]*VisitStats
}

type edgeKey struct {
	caller, callee int32
	async          bool
}

type routeKey struct{ node, operation int32 }

// learned is that a service answered where a class of spans was sent to.
type learned struct {
	where *facts
	node  int32
}

// routeCell is a route in the making.
type routeCell struct {
	RouteStats
	accounts map[accountKey]*AccountStats
	shapes   map[shapeKey]*shapeCell
}

type accountKey struct {
	kind            AccountKind
	caller          int32 // none for Own
	node, operation int32
}

type shapeKey struct{ node, name, above, parent int32 }

// shapeCell counts a shape; first and in are of the request that is being
// counted.
type shapeCell struct {
	ShapeStats
	in    int64
	first int64
}

func newBuilder(start, length int64, lex *lexicon) *builder {
	return &builder{
		start: start, length: length, lex: lex,
		edges: map[edgeKey]*EdgeStats{}, routes: map[routeKey]*routeCell{}, learned: map[learned]struct{}{},
	}
}

func (b *builder) edge(c *Call) *EdgeStats {
	return entry(b.edges, edgeKey{c.Caller, c.Callee, c.Async})
}

// visits gives the statistics of a node's operation and of its instance (nil
// without one). The node as a whole is their sum.
func (b *builder) visits(node, operation, instance int32) (ofOperation, ofInstance *VisitStats) {
	if int(node) >= len(b.nodes) {
		b.nodes = append(b.nodes, make([]*cell, len(b.lex.nodes.list)-len(b.nodes))...)
	}
	n := b.nodes[node]
	if n == nil {
		n = &cell{operations: map[int32]*VisitStats{}, instances: map[int32]*VisitStats{}}
		b.nodes[node] = n
	}
	ofOperation = entry(n.operations, operation)
	if instance >= 0 {
		ofInstance = entry(n.instances, instance)
	}
	return ofOperation, ofInstance
}

func (b *builder) route(node, operation int32) *routeCell {
	k := routeKey{node, operation}
	r := b.routes[k]
	if r == nil {
		r = &routeCell{accounts: map[accountKey]*AccountStats{}, shapes: map[shapeKey]*shapeCell{}}
		b.routes[k] = r
	}
	return r
}

// window gives what was counted, with names in place of numbers, within the
// bounds on cardinality. The builder is used up.
func (b *builder) window() *Window {
	w := NewWindow(b.start, b.length)
	w.Spans, w.Orphans = b.spans, b.orphans
	for number, n := range b.nodes {
		if n != nil {
			w.Nodes[b.node(int32(number))] = n.stats(b.lex)
		}
	}
	for k, e := range b.edges {
		w.Edges[EdgeID{b.node(k.caller), b.node(k.callee), k.async}] = e
	}
	for k, r := range b.routes {
		w.Routes[RouteID{b.node(k.node), b.lex.words.list[k.operation]}] = b.stats(r)
	}
	for l := range b.learned {
		w.learn(l.where.address, b.node(l.node))
	}
	w.limit()
	w.pack()
	return w
}

func (b *builder) node(number int32) NodeID {
	if number < 0 {
		return NodeID{}
	}
	return b.lex.nodes.list[number]
}

func (n *cell) stats(lex *lexicon) *NodeStats {
	s := &NodeStats{
		Operations: make(map[string]*VisitStats, len(n.operations)),
		Instances:  make(map[Instance]*VisitStats, len(n.instances)),
	}
	for k, v := range n.operations {
		s.Operations[lex.words.list[k]] = v
		s.All.merge(v)
	}
	for k, v := range n.instances {
		s.Instances[lex.instances.list[k]] = v
	}
	return s
}

func (b *builder) stats(r *routeCell) *RouteStats {
	s := &r.RouteStats
	s.Accounts = make(map[AccountID]*AccountStats, len(r.accounts))
	for k, a := range r.accounts {
		id := AccountID{Kind: k.kind, Caller: b.node(k.caller), Node: b.node(k.node)}
		if k.operation >= 0 {
			id.Operation = b.lex.words.list[k.operation]
		}
		s.Accounts[id] = a
	}
	s.Shapes = make(map[Shape]ShapeStats, len(r.shapes))
	for k, c := range r.shapes {
		shape := Shape{Node: b.node(k.node), Name: b.lex.words.list[k.name], Above: b.node(k.above)}
		if k.parent >= 0 {
			shape.Parent = b.lex.words.list[k.parent]
		}
		s.Shapes[shape] = c.ShapeStats
	}
	return s
}
