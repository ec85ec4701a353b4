package accuracy

import (
	"cmp"
	"maps"
	"slices"

	"headwater/graph"
)

// growth ranks nodes by how much their errors or the 95th percentile of their
// latency grew, whichever grew more: what one sees who sorts a dashboard.
func growth(s *Scene) []graph.NodeID {
	score := map[graph.NodeID]float64{}
	for id, now := range s.During.Nodes {
		score[id] = grown(s.Before.Nodes[id], now)
	}
	return ranked(score)
}

// grown is the greater of two factors: of the 95th percentile, and of the share
// of failed visits, in which one failure in a hundred counts as none.
func grown(before, now *graph.NodeStats) float64 {
	if before == nil || before.All.Visits == 0 || now.All.Visits == 0 {
		return 0
	}
	share := func(v *graph.VisitStats) float64 { return 0.01 + float64(v.Failed)/float64(v.Visits) }
	p95 := 0.0
	if usual := before.All.Latency.Quantile(0.95); usual > 0 {
		p95 = now.All.Latency.Quantile(0.95) / usual
	}
	return max(p95, share(&now.All)/share(&before.All))
}

// ranked lists nodes by score, the highest first.
func ranked(score map[graph.NodeID]float64) []graph.NodeID {
	return slices.SortedFunc(maps.Keys(score), func(a, b graph.NodeID) int {
		return cmp.Or(cmp.Compare(score[b], score[a]), a.Compare(b))
	})
}
