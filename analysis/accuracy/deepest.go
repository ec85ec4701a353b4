package accuracy

import (
	"slices"

	"headwater/graph"
)

// abnormal is from what growth on a node counts as abnormal.
const abnormal = 1.5

// deepest ranks the abnormal nodes by how many abnormal nodes in a row call down
// to them, as one does who follows red from callee to callee; of equals the one
// that grew most.
func deepest(s *Scene) []graph.NodeID {
	factor := map[graph.NodeID]float64{}
	for id, now := range s.During.Nodes {
		if g := grown(s.Before.Nodes[id], now); g >= abnormal {
			factor[id] = g
		}
	}
	callers := map[graph.NodeID][]graph.NodeID{}
	for e := range s.During.Edges {
		if factor[e.Caller] > 0 && factor[e.Callee] > 0 && e.Caller != e.Callee {
			callers[e.Callee] = append(callers[e.Callee], e.Caller)
		}
	}
	depth := map[graph.NodeID]int{}
	var of func(n graph.NodeID, path []graph.NodeID) int
	of = func(n graph.NodeID, path []graph.NodeID) int {
		if d, ok := depth[n]; ok {
			return d
		}
		d := 1
		for _, c := range callers[n] {
			if !slices.Contains(path, c) { // a circle is no depth
				d = max(d, 1+of(c, append(path, n)))
			}
		}
		depth[n] = d
		return d
	}
	score := map[graph.NodeID]float64{}
	for _, n := range ranked(factor) {
		score[n] = float64(of(n, nil)) + factor[n]/(1+factor[n])
	}
	return ranked(score)
}
