package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"headwater/graph"
)

// uneven is how much more of the excess than of the visits a part must have to say
// anything.
const uneven = 1.2

// narrow says which part of a node explains it: an operation, an instance. A
// cause that one instance of several explains becomes that instance.
func (x *explainer) narrow(c *Cause, n graph.NodeID) {
	b, a := node(x.whole.base, n), node(x.whole.now, n)
	excess := func(b, a *graph.VisitStats) float64 {
		if a == nil || a.Visits == 0 {
			return 0
		}
		mean, failed, noise := 0.0, 0.0, 0.0
		if b != nil {
			mean, failed = b.Self.Mean(), ratio(b.FailedOwn, b.Visits)
			noise = math.Hypot(b.Self.StandardError(), a.Self.StandardError())
		}
		return max(0, a.Self.Mean()-mean-2*noise)*float64(a.Visits) + max(0, ratio(a.FailedOwn, a.Visits)-failed)*float64(a.Visits)*1e9
	}
	total := 0.0
	for _, op := range slices.Sorted(maps.Keys(a.Operations)) {
		if b.Operations[op] != nil {
			total += excess(b.Operations[op], a.Operations[op])
		}
	}
	for _, op := range slices.Sorted(maps.Keys(a.Operations)) {
		share := 0.0
		if b.Operations[op] != nil && total > 0 {
			share = excess(b.Operations[op], a.Operations[op]) / total
		}
		if len(a.Operations) < 2 || share <= 0.2 {
			continue
		}
		if n.Kind == graph.Service && share > 0.8 && othersWell(b, a, op) {
			c.Kind, c.Name, c.ID = CauseOperation, op, n.String()+"#operation="+op
		}
		if share > uneven*ratio(a.Operations[op].Visits, a.All.Visits) {
			c.Narrowed = append(c.Narrowed, Narrowed{Dimension: "operation", Value: op, Share: round(share, 3),
				Sentence: fmt.Sprintf("%s of it in the operation %s, %s of the visits.", Percent(share), op, Percent(ratio(a.Operations[op].Visits, a.All.Visits)))})
		}
	}
	x.narrowInstance(c, n, b, a, excess)
	slices.SortStableFunc(c.Narrowed, func(a, b Narrowed) int { return cmp.Compare(b.Share, a.Share) })
}

// othersWell reports whether the other operations of a service are as ever.
func othersWell(b, a *graph.NodeStats, op string) bool {
	var was, now graph.VisitStats
	for name, s := range a.Operations {
		if before := b.Operations[name]; name != op && before != nil {
			was.Self.Merge(before.Self)
			was.FailedOwn += before.FailedOwn
			was.Visits += before.Visits
			now.Self.Merge(s.Self)
			now.FailedOwn += s.FailedOwn
			now.Visits += s.Visits
		}
	}
	return was.Visits >= enough && now.Visits >= enough && now.Self.Mean() < 1.2*was.Self.Mean()+2*now.Self.StandardError() &&
		ratio(now.FailedOwn, now.Visits) < ratio(was.FailedOwn, was.Visits)+0.02
}

func (x *explainer) narrowInstance(c *Cause, n graph.NodeID, b, a *graph.NodeStats, excess func(b, a *graph.VisitStats) float64) {
	if x.start.vanished(n) && len(x.start.lost(n)) == 0 {
		return // all of them are gone
	}
	if gone := x.start.lost(n); len(gone) == 1 && gone[0].Name != "" {
		name := gone[0].Name
		c.Narrowed = append(c.Narrowed, Narrowed{Dimension: "instance", Value: name, Share: 1,
			Sentence: fmt.Sprintf("The instance %s shows hardly any visits any more, the others do.", name)})
		c.Kind, c.Name, c.ID = CauseInstance, name, n.String()+"#instance="+name
		return
	}
	ids := sortedInstances(a.Instances)
	if len(ids) < 2 || len(c.Evidence) > 0 && c.Evidence[0].Metric == "taken" { // who took them when it went on says nothing
		return
	}
	total := 0.0
	of := make([]float64, len(ids))
	for i, id := range ids {
		was := b.Instances[id]
		if was == nil { // a new copy is compared with all the old ones
			was = &b.All
		}
		of[i] = excess(was, a.Instances[id])
		total += of[i]
	}
	if total == 0 {
		return
	}
	for i, id := range ids {
		share, visits := of[i]/total, ratio(a.Instances[id].Visits, a.All.Visits)
		if share < 0.2 || id.Name == "" {
			continue
		}
		if share > 0.8 && visits < 0.7 {
			c.Kind, c.Name, c.ID = CauseInstance, id.Name, n.String()+"#instance="+id.Name
		}
		if share < uneven*visits {
			continue
		}
		c.Narrowed = append(c.Narrowed, Narrowed{Dimension: "instance", Value: id.Name, Share: round(share, 3),
			Sentence: fmt.Sprintf("%s of it on the instance %s, %s of the visits.", Percent(share), id.Name, Percent(visits))})
	}
}
