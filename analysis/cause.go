package analysis

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"headwater/graph"
)

// causes turns the places at which pressure rested into ranked causes, and gives
// the place of the first.
func (x *explainer) causes() ([]Cause, place) {
	r := x.whole
	if x.start != r {
		trigger := shares{}
		trigger.add(x.start.trigger, earlyWeight)
		trigger.add(r.trigger, 1-earlyWeight)
		r.trigger = trigger
	}
	list := slices.SortedFunc(maps.Keys(merged(r.trigger, r.sustaining)), place.compare)
	begun := x.onsets(list)
	var earliest time.Time
	for _, p := range list {
		if t := begun[p]; t != nil && r.trigger[p] > 0.02 && (earliest.IsZero() || t.Before(earliest)) {
			earliest = *t
		}
	}
	score := map[place]float64{}
	for _, p := range list {
		s := r.trigger[p] + 0.1*r.sustaining[p]
		// A cause does not start after its effects.
		if t := begun[p]; t != nil && !earliest.IsZero() {
			late := t.Sub(earliest).Seconds() / (float64(x.during[0].Length) / 1e9)
			s *= math.Exp(-0.15 * max(0, late-1))
		}
		score[p] = s
	}
	slices.SortStableFunc(list, func(a, b place) int { return cmp.Or(cmp.Compare(score[b], score[a]), a.compare(b)) })
	out := []Cause{}
	var first place
	for _, p := range list {
		if len(out) == x.opt.MaxCauses || score[p] < 0.005 {
			break
		}
		c := x.cause(p, r)
		c.Onset = begun[p]
		c.Rank = len(out) + 1
		if c.Rank == 1 {
			first = p
		}
		c.Confidence = round(x.confidence(score, list, p), 3)
		out = append(out, c)
	}
	return out, first
}

// confidence is how far a cause stands out, lowered where little was seen.
func (x *explainer) confidence(score map[place]float64, list []place, p place) float64 {
	total, seen := 0.0, 0.0
	for _, q := range list {
		total += score[q]
	}
	if total == 0 {
		return 0
	}
	for _, pain := range x.whole.pains {
		seen += pain.requests
	}
	return min(0.98, score[p]/total) * (1 - math.Exp(-seen/50))
}

// cause describes one place.
func (x *explainer) cause(p place, r *rested) Cause {
	c := Cause{Kind: p.kind, Trigger: round(r.trigger[p], 4), Sustaining: round(r.sustaining[p], 4),
		Evidence: []Evidence{}, Examples: []Example{}, Ledger: []Line{}, Narrowed: []Narrowed{}, Path: []graph.NodeID{}}
	switch p.kind {
	case CauseEdge, CauseRetryPolicy:
		c.ID = graph.EdgeID{Caller: p.caller, Callee: p.node}.String()
		c.Name = p.caller.Name + "->" + p.node.Name
		c.Parent = p.caller.String()
		x.edgeEvidence(&c, graph.EdgeID{Caller: p.caller, Callee: p.node})
	case CauseLoad:
		c.ID = p.node.String() + "#operation=" + p.name
		c.Name = p.name
		c.Parent = p.node.String()
		x.loadEvidence(&c, graph.RouteID{Node: p.node, Operation: p.name})
	case CauseHost:
		c.ID, c.Name, c.Parent = "host:"+p.name, p.name, "host:"+p.name
		x.hostEvidence(&c, p.name)
	default:
		c.ID, c.Name, c.Parent = p.node.String(), p.node.Name, p.node.String()
		x.nodeEvidence(&c, p.node)
		x.silenceEvidence(&c, p.node)
		x.stallEvidence(&c, p.node)
		x.partEvidence(&c, r.parts[p])
		x.narrow(&c, p.node)
	}
	x.ledgerLines(&c, r.lines[p])
	x.without(&c, r.lines[p])
	c.Path = x.path(p)
	c.Sentence = explainCause(&c)
	return c
}

// ledgerLines lists the accounts that led to the cause, greatest first.
func (x *explainer) ledgerLines(c *Cause, lines []line) {
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(b.excess, a.excess) })
	for _, l := range lines[:min(len(lines), 8)] {
		if l.excess == 0 {
			break
		}
		n := each(route(x.whole.now, l.route))
		c.Ledger = append(c.Ledger, Line{Account: accountName(l.account), Route: l.route.Operation,
			Time: round(n*l.time, 3), Retries: round(n*l.retries, 3), FanOut: round(n*l.fanOut, 3)})
	}
}

// without says what the most hurt route would have been without the excess that
// rested here.
func (x *explainer) without(c *Cause, lines []line) {
	saved := map[graph.RouteID]float64{}
	failed := map[graph.RouteID]float64{}
	for _, l := range lines {
		saved[l.route] += each(route(x.whole.now, l.route)) * l.excess * c.Trigger
		failed[l.route] += l.failures * c.Trigger
	}
	best, bestSaved := graph.RouteID{}, 0.0
	for _, id := range sortedRoutes(saved) {
		if saved[id] > bestSaved {
			best, bestSaved = id, saved[id]
		}
	}
	n := route(x.whole.now, best)
	if bestSaved == 0 || n.Requests == 0 {
		return
	}
	is := stands(n)
	mean := is.mean()
	w := &Counterfact{Route: best.Operation, Incident: round(mean, 4),
		Mean:   round(max(stands(route(x.whole.base, best)).mean(), mean-bestSaved/is.requests), 4),
		Failed: round(max(0, is.failing()*(1-failed[best]/float64(max(1, n.Failed)))), 4)}
	w.Sentence = "With " + c.Name + " as it was before, " + best.Operation + " would have taken " + Seconds(w.Mean) + " on average instead of " + Seconds(w.Incident) + "."
	c.Without = w
}

// path leads from the entry that was hurt most to the cause, by the shortest
// way along the calls.
func (x *explainer) path(p place) []graph.NodeID {
	if p.kind == CauseHost {
		return []graph.NodeID{}
	}
	type step struct {
		node graph.NodeID
		via  int
	}
	target, beyond := p.node, []graph.NodeID{}
	if !p.caller.IsZero() {
		target, beyond = p.caller, []graph.NodeID{p.node}
	}
	out := []graph.NodeID{}
	var pains []pain
	pains = append(pains, x.whole.pains...)
	slices.SortStableFunc(pains, func(a, b pain) int {
		return cmp.Compare(b.seconds+b.failures, a.seconds+a.failures)
	})
	for _, pain := range pains {
		steps := []step{{pain.route.Node, -1}}
		seen := map[graph.NodeID]bool{pain.route.Node: true}
		for i := 0; i < len(steps); i++ {
			if steps[i].node == target {
				for at := i; at >= 0; at = steps[at].via {
					out = append(out, steps[at].node)
				}
				slices.Reverse(out)
				return append(out, beyond...)
			}
			for _, e := range x.whole.callees[steps[i].node] {
				if !seen[e.Callee] {
					seen[e.Callee] = true
					steps = append(steps, step{e.Callee, i})
				}
			}
		}
	}
	return append(append(out, target), beyond...)
}

func accountName(a graph.AccountID) string {
	switch a.Kind {
	case graph.Own:
		return "own time of " + a.Node.Name + " in " + a.Operation
	case graph.Gap:
		return "between " + a.Caller.Name + " and " + a.Node.Name
	case graph.Backoff:
		return "waiting between attempts of " + a.Caller.Name + " at " + a.Node.Name
	}
	if a.Operation == "" {
		return a.Node.Name
	}
	return a.Node.Name + " (" + a.Operation + ")"
}

// round cuts a number to the digits that a reader can use, which also keeps
// the last bit of a sum out of the report.
func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}
