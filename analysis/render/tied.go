package render

import (
	"headwater/analysis"
	"headwater/graph"
)

// tied adds what nodes share as nodes, and ties to it as edges without calls. A
// pool stands between who waits and for whom.
func tied(in *analysis.Incident, nodes []analysis.NodeView, edges []*analysis.EdgeView, index map[graph.NodeID]int) ([]analysis.NodeView, []*analysis.EdgeView) {
	for _, s := range analysis.SharedBy(in) {
		id := graph.NodeID{Scope: s.Kind, Name: s.Name}
		var ties []*analysis.EdgeView
		for i, m := range s.Members {
			if _, ok := index[m]; !ok {
				continue
			}
			tie := &analysis.EdgeView{Caller: m, Callee: id}
			if s.Kind == "pool" && i > 0 {
				tie.Caller, tie.Callee = id, m
			}
			ties = append(ties, tie)
		}
		if len(ties) == 0 {
			continue
		}
		index[id] = len(nodes)
		nodes = append(nodes, analysis.NodeView{ID: id, Kind: s.Kind, Name: s.Name, Cause: s.Cause})
		edges = append(edges, ties...)
	}
	return nodes, edges
}
