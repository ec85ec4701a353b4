package analysis_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis"
	"headwater/graph"
)

// What nodes share without calling it is read off the causes: the host on which
// they lost time, the connections that ran short, the version that it was.
func TestSharedBy(t *testing.T) {
	node := func(kind graph.NodeKind, name string) analysis.NodeView {
		return analysis.NodeView{ID: graph.NodeID{Kind: kind, Scope: "shop", Name: name}, Kind: kind.String(), Name: name}
	}
	front, orders, db := node(graph.Service, "front"), node(graph.Service, "orders"), node(graph.Database, "orders-db")
	in := &analysis.Incident{
		Nodes: []analysis.NodeView{orders, front, db},
		Causes: []analysis.Cause{
			{Rank: 1, Kind: analysis.CauseHost, Name: "vm-13", Evidence: []analysis.Evidence{
				{Metric: "struck_copies", Subject: "vm-13"}, {Metric: "self_time", Subject: "orders"}, {Metric: "self_time", Subject: "front"},
			}},
			{Rank: 2, Kind: analysis.CauseEdge, ID: orders.ID.String() + "->" + db.ID.String(), Evidence: []analysis.Evidence{{Metric: "wait_before_call"}}},
			{Rank: 3, Kind: analysis.CauseService, Parent: front.ID.String(), Narrowed: []analysis.Narrowed{
				{Dimension: "instance", Value: "front-1", Share: 0.5}, {Dimension: "version", Value: "1.8.0", Share: 0.97},
			}},
			{Rank: 4, Kind: analysis.CauseEdge, ID: front.ID.String() + "->" + orders.ID.String(), Evidence: []analysis.Evidence{{Metric: "gap"}}},
		},
	}
	want := []analysis.Shared{
		{Kind: "host", Name: "vm-13", Cause: 1, Members: []graph.NodeID{front.ID, orders.ID}},
		{Kind: "pool", Name: "connections to orders-db", Cause: 2, Members: []graph.NodeID{orders.ID, db.ID}},
		{Kind: "version", Name: "front 1.8.0", Cause: 3, Members: []graph.NodeID{front.ID}},
	}
	if diff := cmp.Diff(want, analysis.SharedBy(in)); diff != "" {
		t.Errorf("shared (-want +got):\n%s", diff)
	}
}
