package analysis

import (
	"cmp"
	"maps"
	"slices"

	"headwater/graph"
)

// only gives the windows with nothing in them but what a place itself is made of:
// much cheaper to add up. The statistics are shared.
func (x *explainer) only(p place, windows []*graph.Window) []*graph.Window {
	out := make([]*graph.Window, len(windows))
	for i, w := range windows {
		o := graph.NewWindow(w.Start, w.Length)
		out[i] = o
		edges := x.whole.callers[p.node]
		switch {
		case p.kind == CauseHost:
			o.Nodes = w.Nodes
			continue
		case p.kind == CauseLoad:
			id := graph.RouteID{Node: p.node, Operation: p.name}
			if r := w.Routes[id]; r != nil {
				o.Routes[id] = &graph.RouteStats{Requests: r.Requests, Weight: r.Weight}
			}
			continue
		case !p.caller.IsZero():
			edges = []graph.EdgeID{{Caller: p.caller, Callee: p.node}}
		}
		if n := w.Nodes[p.node]; n != nil {
			o.Nodes[p.node] = n
		}
		for _, id := range edges {
			if e := w.Edges[id]; e != nil {
				o.Edges[id] = e
			}
		}
	}
	return out
}

// Answered gives the windows with external nodes that are really services named
// as those, as Analyze sees them.
func Answered(windows []*graph.Window) []*graph.Window { return renamed(windows, answerers(windows)) }

// renamed gives the windows with their nodes renamed; those that need no change
// are returned as they are.
func renamed(windows []*graph.Window, names map[graph.NodeID]graph.NodeID) []*graph.Window {
	out := make([]*graph.Window, len(windows))
	for i, w := range windows {
		out[i] = w
		for id := range names {
			if _, ok := w.Nodes[id]; ok {
				out[i] = graph.NewWindow(w.Start, w.Length)
				out[i].MergeRenamed(w, names)
				break
			}
		}
	}
	return out
}

// answerers says which external nodes are really services: those at an address
// at which just one service was ever seen to answer. A callee that hangs or
// died sends no spans, but its callers still name its address.
func answerers(groups ...[]*graph.Window) map[graph.NodeID]graph.NodeID {
	known := map[graph.Address]graph.NodeID{}
	for _, windows := range groups {
		learnAddresses(known, windows...)
	}
	return namesAt(known)
}

// learnAddresses adds who answered where; the zero node stands where several did.
func learnAddresses(known map[graph.Address]graph.NodeID, windows ...*graph.Window) {
	for _, w := range windows {
		for a, n := range w.Addresses {
			if had, ok := known[a]; ok && had != n {
				n = graph.NodeID{}
			}
			known[a] = n
		}
	}
}

func namesAt(known map[graph.Address]graph.NodeID) map[graph.NodeID]graph.NodeID {
	names := map[graph.NodeID]graph.NodeID{}
	for a, n := range known {
		if !n.IsZero() {
			names[graph.NodeID{Kind: graph.External, Scope: a.Port, Name: a.Host}] = n
		}
	}
	return names
}

// The sorted keys of a window's maps: nothing that a person sees may depend on
// the order of a map.

func sortedNodes[V any](m map[graph.NodeID]V) []graph.NodeID {
	return sortedKeys(m, graph.NodeID.Compare)
}

func sortedEdges[V any](m map[graph.EdgeID]V) []graph.EdgeID {
	return sortedKeys(m, graph.EdgeID.Compare)
}

func sortedRoutes[V any](m map[graph.RouteID]V) []graph.RouteID {
	return sortedKeys(m, func(a, b graph.RouteID) int {
		return cmp.Or(a.Node.Compare(b.Node), cmp.Compare(a.Operation, b.Operation))
	})
}

// sortedKeys makes room for all at once: a list of ten thousand edges that grows
// leaves three times as much behind.
func sortedKeys[K comparable, V any](m map[K]V, compare func(a, b K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compare)
	return keys
}

// sortedAccounts gives the accounts that are in one of two maps, or in both.
func sortedAccounts(a, b map[graph.AccountID]*graph.AccountStats) []graph.AccountID {
	ids := make([]graph.AccountID, 0, max(len(a), len(b)))
	for id := range a {
		ids = append(ids, id)
	}
	for id := range b {
		if _, ok := a[id]; !ok {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(x, y graph.AccountID) int {
		if x.Kind != y.Kind {
			return cmp.Compare(x.Kind, y.Kind)
		}
		if c := x.Caller.Compare(y.Caller); c != 0 {
			return c
		}
		return cmp.Or(x.Node.Compare(y.Node), cmp.Compare(x.Operation, y.Operation))
	})
	return ids
}

// route, node and edge look a key up and give an empty one where it is missing,
// so that what appears or vanishes needs no special case.

func route(w *graph.Window, id graph.RouteID) *graph.RouteStats {
	if s := w.Routes[id]; s != nil {
		return s
	}
	return &graph.RouteStats{}
}

func node(w *graph.Window, id graph.NodeID) *graph.NodeStats {
	if s := w.Nodes[id]; s != nil {
		return s
	}
	return &graph.NodeStats{}
}

func edge(w *graph.Window, id graph.EdgeID) *graph.EdgeStats {
	if s := w.Edges[id]; s != nil {
		return s
	}
	return &graph.EdgeStats{}
}

func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// merged has the keys of both maps.
func merged[K comparable, V any](a, b map[K]V) map[K]V {
	out := maps.Clone(a)
	if out == nil {
		out = map[K]V{}
	}
	maps.Copy(out, b)
	return out
}
