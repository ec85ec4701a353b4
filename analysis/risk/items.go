package risk

import (
	"cmp"
	"fmt"
	"slices"

	"headwater/graph"

	"headwater/analysis"
)

const (
	// severalCalls of one kind in a visit look like one for each item.
	severalCalls = 4
	// leastVisits must show it.
	leastVisits = 20
)

// sumOf adds up the calls of one kind in one visit.
type sumOf struct {
	visit int32
	key   itemKey
	n     int64
	time  int64
	end   int64
	chain int64
	start int64
}

// countItems counts, for each visit of a trace, the calls of one kind.
func (r *Reader) countItems(g *graph.Reading) {
	t := g.Trace
	r.sums = r.sums[:0]
	for i := range g.Calls {
		c := &g.Calls[i]
		at := callerSpan(&c.Attempts[0])
		if c.Async || at < 0 || c.Attempts[0].Client < 0 {
			continue
		}
		v := g.VisitOf[at]
		n := &t.Nodes[c.Attempts[0].Client]
		r.sums = append(r.sums, sumOf{visit: v, n: 1, start: n.Start, end: n.End, key: itemKey{
			edge: keyOf(g, c), operation: g.Word(g.Visits[v].Operation), callee: g.Word(c.Operation)}})
	}
	slices.SortFunc(r.sums, func(a, b sumOf) int {
		return cmp.Or(cmp.Compare(a.visit, b.visit), a.key.edge.compare(b.key.edge), cmp.Compare(a.key.callee, b.key.callee), cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	for i := 0; i < len(r.sums); {
		s := r.sums[i]
		s.time = s.end - s.start
		k := i + 1
		for ; k < len(r.sums) && r.sums[k].visit == s.visit && r.sums[k].key == s.key; k++ {
			o := &r.sums[k]
			s.n++
			s.time += max(0, o.end-max(o.start, s.end))
			if o.start >= s.end {
				s.chain++
			}
			s.end = max(s.end, o.end)
		}
		i = k
		of := of(r, r.items, s.key, maxItems)
		if of == nil {
			continue
		}
		entry := &t.Spans[g.Visits[s.visit].Entry]
		of.visits++
		of.calls += s.n
		of.time += s.time
		of.within += lasted(entry)
		of.chained += s.chain
		if s.n >= severalCalls {
			of.many++
		}
		of.most = max(of.most, s.n)
		of.mostIn.take(example{t.ID, entry.Start, lasted(entry), s.n})
	}
}

// perItem finds dependencies that are called once for each item.
func (a *analyst) perItem() (out []Risk) {
	keys := make([]itemKey, 0, len(a.items))
	for k := range a.items {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y itemKey) int {
		return cmp.Or(x.edge.compare(y.edge), cmp.Compare(x.operation, y.operation), cmp.Compare(x.callee, y.callee))
	})
	for _, k := range keys {
		s := a.items[k]
		if s.many < leastVisits || 4*s.many < s.visits {
			continue
		}
		mean := float64(s.calls) / float64(s.visits)
		share := float64(s.time) / float64(max(1, s.within))
		chained := float64(s.chained) / float64(max(1, s.calls-s.visits))
		r := Risk{Kind: CallPerItem, Subject: fmt.Sprintf("%s: %s -> %s %s", k.edge.caller.Name, k.operation, k.edge.callee.Name, k.callee),
			Path: nodesOf([]edgeKey{k.edge}), Users: a.users(k.edge.caller), Sure: min(0.95, 0.7+float64(s.many)/1000)}
		r.Evidence = []RiskEvidence{
			{"calls_per_visit", "1", round(mean, 2), fmt.Sprintf("%s makes %.1f such calls for one request on average, up to %d, in %d requests.", k.operation, mean, s.most, s.visits)},
			{"one_after_another", "share", round(chained, 3), fmt.Sprintf("%s of them begin after the one before has ended.", analysis.Percent(chained))},
			{"share_of_time", "share", round(share, 3), fmt.Sprintf("They take %s of its time.", analysis.Percent(share))},
		}
		weight := 0.4 + 0.6*max(share, 0)
		r.Score = max(0, 1-2.5/mean) * weight * r.Sure * blast(r.Users)
		r.Sentence = fmt.Sprintf("%s of %s calls %s (%s) %.0f times for one request: whatever %s gets slower by, it gets slower by %.0f times that.",
			k.operation, k.edge.caller.Name, k.edge.callee.Name, k.callee, mean, k.edge.callee.Name, mean)
		r.Remedy = fmt.Sprintf("Ask %s once for all of them, or make the calls side by side with a bound on how many.", k.edge.callee.Name)
		r.Examples = examplesOf(s.mostIn)
		out = append(out, r)
	}
	return out
}
