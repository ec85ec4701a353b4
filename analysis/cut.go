package analysis

import (
	"fmt"
	"math"

	"headwater/graph"
)

// Containment is the call at which the cascade could have been cut: had its
// caller given up there, what lies above would have been spared.
type Containment struct {
	Caller graph.NodeID `json:"caller"` // zero where users are the callers
	Callee graph.NodeID `json:"callee"`
	// By says how: "cap-retries", "fail-fast" or "shed-load".
	By string `json:"by"`
	// Spared is the share of the callee's attempts that would not have been made
	// (cap-retries) or of its calls that were held open beyond the usual.
	Spared   float64 `json:"spared"`
	Sentence string  `json:"sentence"`
}

const (
	// stormFrom is by how many attempts per call more than usual retries are a storm.
	stormFrom = 0.3
	// healsFrom is from what share of retries that make a call good on they are of
	// use.
	healsFrom = 0.4
	// heldFrom is by what factor more calls must be held open for giving up early to
	// spare anything.
	heldFrom = 1.3
)

// containment names the call at which the cascade could have been cut: the one
// that made most attempts on top in vain, or without such retries, the one into the
// cause that held most calls open. nil where there is nothing to cut.
func (x *explainer) containment(origin place) *Containment {
	shed := x.shed(origin)
	if c := x.storm(); c != nil {
		if shed != nil { // the flood comes first
			c.Sentence = shed.Sentence + " " + c.Sentence
		}
		return c
	}
	if shed != nil || origin.kind == CauseLoad {
		return shed
	}
	var best graph.EdgeID
	most := 0.0
	for _, e := range x.into(origin) {
		was, is := perSecond(edge(x.whole.base, e).Time.Sum, x.whole.base), perSecond(edge(x.whole.now, e).Time.Sum, x.whole.now)
		if held := x.held(e); held > most && is > heldFrom*was {
			most, best = held, e
		}
	}
	if most == 0 {
		return nil
	}
	b, n := edge(x.whole.base, best), edge(x.whole.now, best)
	usual := b.Latency.Quantile(0.99) / 1e9
	s := fmt.Sprintf("Give up early on %s -> %s: it held %.1f calls open on average, before %.1f. ", best.Caller.Name, best.Callee.Name,
		perSecond(n.Time.Sum, x.whole.now)/1e9, perSecond(b.Time.Sum, x.whole.base)/1e9)
	if usual > 0 && n.Latency.Quantile(0.5)/1e9 > usual {
		s += fmt.Sprintf("Nearly all calls used to take less than %s: a timeout near that, or a breaker, spares what lies above.", Seconds(usual))
	} else {
		s += "A breaker there spares what lies above."
	}
	return &Containment{Caller: best.Caller, Callee: best.Callee, By: "fail-fast",
		Spared: round(max(0, 1-perSecond(b.Time.Sum, x.whole.base)/perSecond(n.Time.Sum, x.whole.now)), 4), Sentence: s}
}

// shed says where to turn requests away that are too many; nil where they are not
// the cause.
func (x *explainer) shed(origin place) *Containment {
	if origin.kind != CauseLoad {
		return nil
	}
	id := graph.RouteID{Node: origin.node, Operation: origin.name}
	rate0 := stands(route(x.whole.base, id)).rate(x.whole.base)
	rate1 := stands(route(x.whole.now, id)).rate(x.whole.now)
	if rate1 <= rate0 {
		return nil
	}
	return &Containment{Callee: origin.node, By: "shed-load", Spared: round(1-rate0/rate1, 4),
		Sentence: fmt.Sprintf("Turn away at once what is too much of %s at %s: it gets %.1f requests a second, before %.1f.", origin.name, origin.node.Name, rate1, rate0)}
}

// storm is the edge whose retries, which are of no use, made most attempts on top,
// if they are a storm.
func (x *explainer) storm() *Containment {
	var best graph.EdgeID
	most, spared := 0.0, 0.0
	callers := map[graph.NodeID]int{}
	for _, id := range x.whole.edges {
		n := edge(x.whole.now, id)
		amp0, amp1 := x.usually(id), x.amplified(id)
		if id.Async || amp1 < amp0+stormFrom || n.Attempts-n.Calls < 10 || !idle(n) {
			continue
		}
		callers[id.Callee]++
		if more := float64(n.Attempts) - amp0*float64(n.Calls); more > most {
			most, best, spared = more, id, more/float64(n.Attempts)
		}
	}
	if most == 0 {
		return nil
	}
	within := ""
	if outer, times := x.around(best); outer != best {
		within = fmt.Sprintf(" Each of them makes %.1f attempts at %s.", times, best.Callee.Name)
		best = outer
		n := edge(x.whole.now, best)
		spared = (float64(n.Attempts) - x.usually(best)*float64(n.Calls)) / float64(n.Attempts)
	}
	s := fmt.Sprintf("Cap the retries of %s -> %s (%.1f attempts per call): without them %s of what came to %s would not have come.%s",
		best.Caller.Name, best.Callee.Name, x.amplified(best), Percent(spared), best.Callee.Name, within)
	if callers[best.Callee] > 1 {
		s += " Its other callers retry in vain, too: cap them all."
	}
	return &Containment{Caller: best.Caller, Callee: best.Callee, By: "cap-retries", Spared: round(spared, 4), Sentence: s}
}

// around is the call around one that is retried in vain, itself retried, whose cap
// spares most: what comes in the end is the product of the attempts per call along
// the way, so that it is the one with most of them, of like ones the outermost. It
// may be the call itself; times is how often each of its attempts makes that one.
func (x *explainer) around(inner graph.EdgeID) (best graph.EdgeID, times float64) {
	best, times = inner, 1
	product := 1.0
	seen := map[graph.NodeID]bool{inner.Callee: true}
	for at := inner; !seen[at.Caller]; {
		seen[at.Caller] = true
		failed := edge(x.whole.now, at).Failed
		var next graph.EdgeID
		most := 0.0
		for _, id := range x.whole.callers[at.Caller] {
			n := edge(x.whole.now, id)
			more := float64(n.Attempts) - x.usually(id)*float64(n.Calls)
			if !id.Async && x.amplified(id) >= x.usually(id)+stormFrom && more >= 10 && more > most && followed(n, failed) {
				most, next = more, id
			}
		}
		if most == 0 {
			break
		}
		product *= x.amplified(at)
		if at = next; x.amplified(at) >= alikeFrom*x.amplified(best) {
			best, times = at, product
		}
	}
	return best, times
}

// alikeFrom is from what share of the attempts per call of another call on a call
// is retried as much.
const alikeFrom = 0.97

// followed reports whether the retries of a call are of no use since calls within it,
// of which so many failed in spite of their own retries, fail most of its attempts.
func followed(e *graph.EdgeStats, within int64) bool {
	bad := e.Attempts - e.Outcomes[graph.OK]
	return 2*within >= bad && healed(e) < healsFrom
}

// amplified is how many attempts a call makes, usually how many it used to make.
func (x *explainer) amplified(id graph.EdgeID) float64 {
	n := edge(x.whole.now, id)
	return ratio(n.Attempts, n.Calls)
}

func (x *explainer) usually(id graph.EdgeID) float64 {
	b := edge(x.whole.base, id)
	return max(1, ratio(b.Attempts, b.Calls))
}

// idle reports whether the retries of a call are of no use: most attempts run into
// their deadline or are turned away, and either hardly any retry makes a call good, or
// the callee still works for callers that left, so that it is the crowd that fails
// them. Where attempts end in errors that come by chance, or get lost on the way, retries
// heal, and who cuts them hurts users more.
func idle(e *graph.EdgeStats) bool {
	bad := e.Attempts - e.Outcomes[graph.OK]
	crowd := e.Outcomes[graph.TimedOut] + e.Outcomes[graph.Rejected]
	if 2*crowd < bad {
		return false
	}
	return healed(e) < healsFrom || 2*(e.Abandoned+e.Outcomes[graph.Rejected]) > bad
}

// healed is the share of the retries of a call that made it good.
func healed(e *graph.EdgeStats) float64 {
	// Of attempts that fail by chance, this many calls would have failed unretried.
	unhealed := ratio(e.Attempts-e.Outcomes[graph.OK], e.Attempts) * float64(e.Calls)
	return (unhealed - float64(e.Failed)) / float64(e.Attempts-e.Calls)
}

// into are the calls that lead to a cause.
func (x *explainer) into(origin place) []graph.EdgeID {
	switch origin.kind {
	case CauseEdge, CauseRetryPolicy:
		return []graph.EdgeID{{Caller: origin.caller, Callee: origin.node}}
	case CauseHost:
		var out []graph.EdgeID
		for _, h := range x.whole.hosts {
			if h.name != origin.name {
				continue
			}
			for _, n := range sortedNodes(h.part) {
				out = append(out, x.whole.callers[n]...)
			}
		}
		return out
	}
	return x.whole.callers[origin.node]
}

// held is how many calls of an edge were open at a time beyond the usual.
func (x *explainer) held(id graph.EdgeID) float64 {
	b, n := edge(x.whole.base, id).Time, edge(x.whole.now, id).Time
	return math.Max(0, perSecond(n.Sum, x.whole.now)-perSecond(b.Sum, x.whole.base)) / 1e9
}
