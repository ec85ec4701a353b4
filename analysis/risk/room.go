package risk

import (
	"cmp"
	"fmt"
	"slices"

	"headwater/graph"

	"headwater/analysis"
)

const (
	// fullFrom is from what share of its places on, in the busiest minute, a pool
	// is told of.
	fullFrom = 0.5
	// littleRoom is how much slower a dependency should be able to get.
	littleRoom = 3
	// busiestOver is how many windows are the busiest stretch.
	busiestOver = 6
)

// pool is all the places of one sort: the copies of a service, or the calls that
// copies of a caller have open at a callee.
type pool struct {
	at, from graph.NodeID
	copies   int
	mean     float64 // there at a time, in the busiest minute
	limit    int     // places that were seen to be all there are; 0 where not known
	most     int     // there at a time, each copy's most added up
	sure     float64
}

// gatherPools adds up the places of the copies.
func (a *analyst) gatherPools() {
	byKey := map[edgeKey]*pool{}
	for _, c := range a.crowd.crowdings() {
		k := edgeKey{c.place.from, c.place.at}
		p := byKey[k]
		if p == nil {
			p = &pool{at: c.place.at, from: c.place.from, sure: 1}
			byKey[k] = p
			a.pools = append(a.pools, p)
		}
		p.copies++
		p.mean += c.mean
		p.most += c.most
		if c.full {
			p.limit += c.most
			p.sure = min(p.sure, c.sure)
		} else {
			p.limit -= 1 << 20 // one copy without a limit leaves it open
		}
	}
	for _, p := range a.pools {
		p.limit = max(0, p.limit)
		p.mean *= a.busier(p.at)
		a.poolOf[edgeKey{p.from, p.at}] = p
	}
	slices.SortFunc(a.pools, func(x, y *pool) int { return cmp.Or(x.at.Compare(y.at), x.from.Compare(y.from)) })
}

// busier is by what factor a node is busier than usual in its busiest minute.
func (a *analyst) busier(n graph.NodeID) float64 {
	if len(a.windows) < 2*busiestOver {
		return 1
	}
	total, most, last := int64(0), int64(0), int64(0)
	in := make([]int64, len(a.windows))
	for i, w := range a.windows {
		if s := w.Nodes[n]; s != nil {
			in[i] = s.All.Occupancy
		}
		total += in[i]
		last += in[i]
		if i >= busiestOver {
			last -= in[i-busiestOver]
		}
		most = max(most, last)
	}
	if total == 0 {
		return 1
	}
	return max(1, float64(most)/busiestOver/(float64(total)/float64(len(a.windows))))
}

// full finds pools that have few free places left.
func (a *analyst) full() (out []Risk) {
	for _, p := range a.pools {
		if p.limit == 0 {
			continue
		}
		used := p.mean / float64(p.limit)
		if used < fullFrom {
			continue
		}
		// What a caller has open can't be more than it has places itself.
		if own := a.poolOf[edgeKey{graph.NodeID{}, p.from}]; !p.from.IsZero() && own != nil && own.limit > 0 && own.limit <= p.limit {
			continue
		}
		name, path := p.at.Name, []graph.NodeID{p.at}
		what := fmt.Sprintf("places of %s", name)
		if !p.from.IsZero() {
			name, path = p.from.Name+" -> "+p.at.Name, []graph.NodeID{p.from, p.at}
			what = fmt.Sprintf("connections of %s", name)
		}
		r := Risk{Kind: NearlyFull, Subject: name, Path: path, Users: a.users(p.at), Sure: p.sure, Examples: []RiskExample{}}
		if s := a.slowest(p.at); s != nil {
			r.Examples = examplesOf(*s)
		}
		r.Evidence = []RiskEvidence{
			{"places", "1", float64(p.limit), fmt.Sprintf("Never more than %d were there at a time (%d in each of %d copies on average), though by their arrivals more should have been.", p.limit, p.limit/p.copies, p.copies)},
			{"taken", "1", round(p.mean, 3), fmt.Sprintf("%.1f of them are taken in the busiest minute: %s.", p.mean, analysis.Percent(used))},
		}
		r.Score = min(1, max(0, used-0.35)/0.5) * p.sure * blast(r.Users)
		r.Sentence = fmt.Sprintf("The %s are %s full: it may get slower, or busier, by %s until requests queue without end.", what, analysis.Percent(used), analysis.Percent(max(0, 1/used-1)))
		r.Remedy = fmt.Sprintf("Give %s more places, as far as what it uses bears it, and turn away early what finds none.", name)
		out = append(out, r)
	}
	return out
}

// slowest is the longest request at a node.
func (a *analyst) slowest(n graph.NodeID) *example {
	var out example
	for _, id := range a.sortedRoutes {
		if u := a.routes[id].nodes[n]; u != nil {
			out.take(u.longest)
		}
	}
	if out.id.IsZero() {
		return nil
	}
	return &out
}

// room says, for each dependency, by what factor it may slow down: until a
// timeout around it ends calls, or until the calls that are open fill the places
// of it or of its callers.
func (a *analyst) room() {
	for _, n := range a.sortedNodes {
		r := RiskRoom{Node: n, Users: round(a.users(n), 4)}
		known, least := 0.0, 0.0
		var why, whyLeast, by string
		say := func(f float64, what, text string) {
			if f < 1 {
				f = 1
			}
			if known == 0 || f < known {
				known, by, why = f, what, text
			}
		}
		called := false
		for _, k := range a.sortedEdges {
			called = called || k.callee == n
		}
		if !called {
			continue
		}
		for _, t := range a.timeoutsOn(n) {
			if t.part <= 0 {
				continue
			}
			say(1+(t.at.at-t.usual)/t.part, "timeout", fmt.Sprintf("%s gives up after %s, and 95%% of its calls take up to %s now.", t.edge, analysis.Seconds(t.at.at), analysis.Seconds(t.usual)))
		}
		for _, p := range a.pools {
			var f float64
			var text string
			limit := p.limit
			if limit == 0 {
				limit = p.most
			}
			switch {
			case p.at == n && p.from.IsZero():
				f, text = float64(limit)/max(p.mean, 1e-9), fmt.Sprintf("the %d places of %s would be taken, %.1f are now", limit, n.Name, p.mean)
			case p.at == n:
				f, text = float64(limit)/max(p.mean, 1e-9), fmt.Sprintf("the %d connections of %s -> %s would be taken, %.1f are now", limit, p.from.Name, n.Name, p.mean)
			case p.from.IsZero():
				open := a.poolOf[edgeKey{p.at, n}]
				if open == nil || open.mean <= 0 {
					continue
				}
				f, text = 1+(float64(limit)-p.mean)/open.mean, fmt.Sprintf("the %d places of %s would be taken, %.1f are now", limit, p.at.Name, p.mean)
			default:
				continue
			}
			if p.limit > 0 {
				say(f, "places", capital(text)+".")
			} else if least == 0 || f < least {
				least, whyLeast = f, "More at a time than were ever seen: "+text+"."
			}
		}
		switch {
		case known > 0 && (least == 0 || known <= least || by == "places"):
			r.Factor, r.By, r.Sentence = round(known, 2), by, fmt.Sprintf("%s may get %.1f times as slow. Then: %s", n.Name, known, why)
		case known > 0:
			r.Factor, r.By, r.Sentence = round(known, 2), by, fmt.Sprintf("%s may get %.1f times as slow, and %.1f times was not tried yet. Then: %s", n.Name, known, least, why)
		case least > 0:
			r.Factor, r.AtLeast, r.By, r.Sentence = round(least, 2), true, "places", fmt.Sprintf("%s may get at least %.1f times as slow; no limit was seen yet. Then: %s", n.Name, least, whyLeast)
		}
		a.report.Room = append(a.report.Room, r)
	}
	slices.SortStableFunc(a.report.Room, func(x, y RiskRoom) int {
		return cmp.Or(cmp.Compare(btoi(x.AtLeast || x.By == ""), btoi(y.AtLeast || y.By == "")), cmp.Compare(btoi(x.Factor == 0), btoi(y.Factor == 0)), cmp.Compare(x.Factor, y.Factor))
	})
}

// cramped finds dependencies that may hardly slow down before a timeout ends
// their calls.
func (a *analyst) cramped() (out []Risk) {
	for i := range a.report.Room {
		room := &a.report.Room[i]
		if room.By != "timeout" || room.AtLeast || room.Factor >= littleRoom {
			continue
		}
		sure := 0.0
		for _, t := range a.timeoutsOn(room.Node) {
			sure = max(sure, t.at.sure)
		}
		r := Risk{Kind: LittleRoom, Subject: room.Node.Name, Path: []graph.NodeID{room.Node}, Users: room.Users, Sure: sure, Examples: []RiskExample{}}
		if s := a.slowest(room.Node); s != nil {
			r.Examples = examplesOf(*s)
		}
		r.Evidence = []RiskEvidence{{"may_slow_by", "1", room.Factor, room.Sentence}}
		r.Score = (littleRoom - room.Factor) / littleRoom * sure * blast(r.Users)
		r.Sentence = fmt.Sprintf("%s may get only %.1f times as slow before calls are given up.", room.Node.Name, room.Factor)
		r.Remedy = fmt.Sprintf("Let the timeout around %s be several times what its calls take, or answer without it.", room.Node.Name)
		out = append(out, r)
	}
	return out
}
