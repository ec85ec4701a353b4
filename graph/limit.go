package graph

import (
	"cmp"
	"maps"
	"slices"
)

// The bounds on what a window tells apart. Of more, those with the most calls
// stay, and the rest is counted together under OtherName, or at a node of kind
// Overflow; Window.Fallen says what fell.
const (
	maxNodes      = 4096
	maxEdges      = 1 << 15
	maxRoutes     = 4096
	maxOperations = 256  // of a node
	maxInstances  = 1024 // of a node
	maxAccounts   = 2048 // of a route
	maxShapes     = 1024 // of a route
)

// OtherName is the operation, and the instance, under which those stand that
// fell over a bound on cardinality.
const OtherName = "(other)"

// Fallen says what sort of thing fell over a bound, and where.
type Fallen struct {
	What string // node, edge, route, operation, instance, account or shape
	Node NodeID // whose; zero for nodes, edges and routes
}

// FallenStats counts what fell.
type FallenStats struct {
	Entries int64    // things, each once a window
	Visits  int64    // visits, calls or requests that they had
	Names   []string // the first few of them, in order
}

// namesKept is how many fallen names are told.
const namesKept = 3

func (s *FallenStats) merge(o *FallenStats) {
	s.Entries += o.Entries
	s.Visits += o.Visits
	s.Names = append(slices.Clone(s.Names), o.Names...)
	slices.Sort(s.Names)
	s.Names = slices.Compact(s.Names)
	s.Names = s.Names[:min(len(s.Names), namesKept)]
}

func (w *Window) fell(what string, node NodeID, name string, visits int64) {
	if w.Fallen == nil {
		w.Fallen = map[Fallen]*FallenStats{}
	}
	entry(w.Fallen, Fallen{what, node}).merge(&FallenStats{Entries: 1, Visits: visits, Names: []string{name}})
}

// limit holds the window within the bounds on cardinality. What stays depends
// only on what was counted.
func (w *Window) limit() {
	w.limitNodes()
	for id, n := range w.Nodes {
		for _, k := range least(n.Operations, maxOperations, OtherName, func(v *VisitStats) int64 { return v.Visits }, cmp.Compare[string]) {
			w.fell("operation", id, k, n.Operations[k].Visits)
			entry(n.Operations, OtherName).merge(n.Operations[k])
			delete(n.Operations, k)
		}
		other := Instance{Name: OtherName}
		for _, k := range least(n.Instances, maxInstances, other, func(v *VisitStats) int64 { return v.Visits }, Instance.compare) {
			w.fell("instance", id, k.Name, n.Instances[k].Visits)
			entry(n.Instances, other).merge(n.Instances[k])
			delete(n.Instances, k)
		}
	}
	var overflow EdgeID
	overflow.Caller.Kind, overflow.Callee.Kind = Overflow, Overflow
	for _, k := range least(w.Edges, maxEdges, overflow, func(e *EdgeStats) int64 { return e.Calls }, EdgeID.Compare) {
		w.fell("edge", NodeID{}, k.String(), w.Edges[k].Calls)
		entry(w.Edges, overflow).merge(w.Edges[k])
		delete(w.Edges, k)
	}
	w.limitRoutes()
}

// limitNodes puts one node of kind Overflow in the place of those with the
// fewest visits.
func (w *Window) limitNodes() {
	overflow := NodeID{Kind: Overflow}
	gone := least(w.Nodes, maxNodes, overflow, func(n *NodeStats) int64 { return n.All.Visits }, NodeID.Compare)
	if len(gone) == 0 {
		return
	}
	rename := make(map[NodeID]NodeID, len(gone))
	for _, id := range gone {
		rename[id] = overflow
		w.fell("node", NodeID{}, id.String(), w.Nodes[id].All.Visits)
	}
	renamed := NewWindow(w.Start, w.Length)
	renamed.MergeRenamed(w, rename)
	for a, n := range renamed.Addresses {
		if n == overflow {
			delete(renamed.Addresses, a)
		}
	}
	*w = *renamed
}

func (w *Window) limitRoutes() {
	requests := func(r *RouteStats) int64 { return r.Requests }
	for _, k := range least(w.Routes, maxRoutes, RouteID{NodeID{Kind: Overflow}, OtherName}, requests, RouteID.compare) {
		w.fell("route", NodeID{}, k.Node.String()+" "+k.Operation, w.Routes[k].Requests)
		entry(w.Routes, RouteID{NodeID{Kind: Overflow}, OtherName}).merge(w.Routes[k], func(n NodeID) NodeID { return n })
		delete(w.Routes, k)
	}
	for id, r := range w.Routes {
		other := AccountID{Kind: Unpaired, Node: NodeID{Kind: Overflow}, Operation: OtherName}
		for _, k := range least(r.Accounts, maxAccounts, other, func(a *AccountStats) int64 { return a.Time }, AccountID.compare) {
			w.fell("account", id.Node, k.Kind.String()+" "+k.Node.String()+" "+k.Operation, r.Accounts[k].Visits)
			entry(r.Accounts, other).merge(r.Accounts[k])
			delete(r.Accounts, k)
		}
		for _, k := range least(r.Shapes, maxShapes, Shape{}, func(s ShapeStats) int64 { return s.Requests }, Shape.compare) {
			w.fell("shape", id.Node, k.Name, r.Shapes[k].Requests)
			delete(r.Shapes, k)
		}
	}
}

// least lists the keys that are too many: those with the smallest counts, never
// the one that stands for the others.
func least[K comparable, V any](m map[K]V, limit int, other K, count func(V) int64, order func(a, b K) int) []K {
	if len(m) <= limit {
		return nil
	}
	keys := slices.SortedFunc(maps.Keys(m), func(a, b K) int {
		return cmp.Or(cmp.Compare(count(m[b]), count(m[a])), order(a, b))
	})
	keys = slices.DeleteFunc(keys, func(k K) bool { return k == other })
	return keys[min(limit, len(keys)):]
}

func (i Instance) compare(o Instance) int {
	return cmp.Or(cmp.Compare(i.Name, o.Name), cmp.Compare(i.Host, o.Host), cmp.Compare(i.Zone, o.Zone), cmp.Compare(i.Version, o.Version))
}

func (r RouteID) compare(o RouteID) int {
	return cmp.Or(r.Node.Compare(o.Node), cmp.Compare(r.Operation, o.Operation))
}

func (a AccountID) compare(o AccountID) int {
	return cmp.Or(cmp.Compare(a.Kind, o.Kind), a.Caller.Compare(o.Caller), a.Node.Compare(o.Node), cmp.Compare(a.Operation, o.Operation))
}

func (s Shape) compare(o Shape) int {
	return cmp.Or(s.Node.Compare(o.Node), cmp.Compare(s.Name, o.Name), s.Above.Compare(o.Above), cmp.Compare(s.Parent, o.Parent))
}
