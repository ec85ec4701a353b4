package risk

import (
	"fmt"
	"slices"

	"headwater/graph"

	"headwater/analysis"
)

// deadline is when callers of an edge give up, as their durations pile up there.
type deadline struct {
	at   float64 // seconds; 0 where it is not known
	sure float64
	n    int64
}

// piled is how far apart the durations of calls that were given up may lie, 90th
// to 10th percentile, to be of one deadline.
const piled = 1.15

// deadlineOf reads the timeout of an edge from where durations pile up.
func deadlineOf(e *edge) deadline {
	n := e.timedOut.Count()
	if n == 0 {
		return deadline{}
	}
	low, mid, high := e.timedOut.Quantile(0.1), e.timedOut.Quantile(0.5), e.timedOut.Quantile(0.9)
	if mid <= 0 || high > piled*low {
		return deadline{n: n}
	}
	// Who waits longer than the deadline has none.
	if e.answered.CountAbove(1.1*mid) > 0 {
		return deadline{n: n}
	}
	return deadline{mid / 1e9, 1 - 0.5/float64(n), n}
}

// usualTimeouts are what people set, in seconds: of how many of them an answer
// took longer tells how sure it is that there is no timeout.
var usualTimeouts = []float64{0.5, 1, 2, 3, 5, 10, 20, 30, 60}

// unlimited finds calls that are waited for however long they take.
func (a *analyst) unlimited() (out []Risk) {
	for _, k := range a.sortedEdges {
		e := a.edges[k]
		longest := seconds(e.longest.duration)
		usual := e.answered.Quantile(0.5) / 1e9
		if e.timedOut.Count() > 0 || e.answered.Count() < 30 || longest < 0.4 || longest < 10*usual {
			continue
		}
		known := slices.Clone(usualTimeouts)
		for _, d := range a.deadlines { // what this system's people set
			if d.at > 0 {
				known = append(known, d.at)
			}
		}
		below := 0
		for _, t := range known {
			if t < longest {
				below++
			}
		}
		sure := float64(below) / float64(len(known)+1)
		// A wait that the caller's own caller would have ended proves more.
		if sure < 0.25 {
			continue
		}
		r := Risk{Kind: NoTimeout, Subject: k.String(), Path: nodesOf([]edgeKey{k}), Users: a.users(k.callee), Sure: sure}
		r.Evidence = []RiskEvidence{
			{"longest_answered", "s", round(longest, 3), fmt.Sprintf("The longest call that was waited for to its end took %s.", analysis.Seconds(longest))},
			{"median", "s", round(usual, 6), fmt.Sprintf("Half of the %d calls take less than %s.", e.answered.Count(), analysis.Seconds(usual))},
			{"timeouts_seen", "1", 0, "No caller was ever seen to give up."},
		}
		r.Score = (1 - 1/(1+longest/3)) * sure * blast(r.Users)
		r.Sentence = fmt.Sprintf("%s waits for %s without a limit, as far as was seen: %s once, where half of the calls take less than %s.", k.caller.Name, k.callee.Name, analysis.Seconds(longest), analysis.Seconds(usual))
		r.Remedy = fmt.Sprintf("Give the calls of %s a timeout of about %s, the time that 99.9%% of them keep.", k, analysis.Seconds(max(2*usual, e.answered.Quantile(0.999)/1e9)))
		r.Examples = examplesOf(e.longest)
		out = append(out, r)
	}
	return out
}

// late finds callees that are waited for after the caller's own caller has left:
// work for nobody, that goes on when everything is slow.
func (a *analyst) late() (out []Risk) {
	type found struct {
		up, down edgeKey
		over     float64
	}
	worst := map[edgeKey]found{} // by down
	for _, k := range a.sortedPairs {
		d := a.deadlines[k.up]
		if d.at == 0 {
			continue
		}
		longest := seconds(a.pairs[k].longest.duration)
		if own := a.deadlines[k.down]; own.at > 0 { // attempts and the waits between them
			longest = max(longest, own.at)
		}
		if over := longest / d.at; over > 1.1 && over > worst[k.down].over {
			worst[k.down] = found{k.up, k.down, over}
		}
	}
	for _, k := range a.sortedEdges {
		w, ok := worst[k]
		if !ok {
			continue
		}
		d, own := a.deadlines[w.up], a.deadlines[k]
		p := a.pairs[pairKey{w.up, k}]
		longest := seconds(p.longest.duration)
		count := p.whole.CountAbove(d.at * 1e9)
		r := Risk{Kind: LateDeadline, Subject: pathName([]edgeKey{w.up, k}), Path: nodesOf([]edgeKey{w.up, k}), Users: a.users(k.callee), Sure: d.sure}
		r.Evidence = []RiskEvidence{
			{"callers_timeout", "s", round(d.at, 3), fmt.Sprintf("%s gives up after %s: the %d calls that it gave up end there.", w.up, analysis.Seconds(d.at), d.n)},
			{"longest_wait", "s", round(longest, 3), fmt.Sprintf("Meanwhile %s waited for %s for up to %s; %d times longer than its caller would.", k.caller.Name, k.callee.Name, analysis.Seconds(longest), count)},
		}
		if own.at > 0 {
			r.Evidence = append(r.Evidence, RiskEvidence{"timeout", "s", round(own.at, 3), fmt.Sprintf("%s gives up after %s only.", k, analysis.Seconds(own.at))})
			r.Sure *= own.sure
		}
		if up := a.edges[w.up]; up.abandoned > 0 {
			r.Evidence = append(r.Evidence, RiskEvidence{"work_for_nobody", "s", round(seconds(up.orphan), 3),
				fmt.Sprintf("%s worked on %d times after its caller had left, for %s together.", k.caller.Name, up.abandoned, analysis.Seconds(seconds(up.orphan)))})
		}
		r.Score = (1 - 0.8/w.over) * r.Sure * blast(r.Users)
		r.Sentence = fmt.Sprintf("%s waits for %s for up to %s, but %s leaves after %s: when %s slows down, %s works for nobody and its places fill.",
			k.caller.Name, k.callee.Name, analysis.Seconds(max(longest, own.at)), w.up.caller.Name, analysis.Seconds(d.at), k.callee.Name, k.caller.Name)
		r.Remedy = fmt.Sprintf("Let %s give up on %s, all attempts together, before %s: or pass the caller's deadline on.", k.caller.Name, k.callee.Name, analysis.Seconds(d.at))
		r.Examples = examplesOf(p.longest, a.edges[w.up].timedOutIn)
		out = append(out, r)
	}
	return out
}

// timeoutsAbove are the deadlines that end a call of an edge, its own and those of
// the calls around it, with how long those usually take.
type timeoutAbove struct {
	edge        edgeKey
	at          deadline
	usual, part float64 // seconds: of the call that has the deadline, of it in the callee
}

func (a *analyst) timeoutsOn(node graph.NodeID) (out []timeoutAbove) {
	for _, k := range a.sortedEdges {
		if k.callee != node {
			continue
		}
		if d := a.deadlines[k]; d.at > 0 {
			t := a.edges[k].answered.Quantile(0.95) / 1e9
			out = append(out, timeoutAbove{k, d, t, t})
		}
		for _, up := range a.above[k] {
			if d := a.deadlines[up]; d.at > 0 {
				out = append(out, timeoutAbove{up, d, a.edges[up].answered.Quantile(0.95) / 1e9, a.pairs[pairKey{up, k}].share.Mean() / 1e9})
			}
		}
	}
	return out
}
