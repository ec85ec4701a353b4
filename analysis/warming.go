package analysis

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"headwater/graph"
)

// ofCache follows how often a cache has no answer: for each question of a caller
// to the cache, the questions that it then asks elsewhere, of those that grew.
func (x *explainer) ofCache(id graph.EdgeID, windows []*graph.Window) *pressed {
	asked := edge(x.whole.base, id)
	if asked.Calls < 30 {
		return nil
	}
	// The store behind it is what is asked much less often than the cache, and
	// more often in the incident.
	var behind graph.EdgeID
	most := 0.0
	for _, e := range sortedEdges(x.whole.base.Edges) {
		if e.Caller != id.Caller || e.Callee == id.Callee || e.Async || e.Callee.Kind != graph.Database && e.Callee.Kind != graph.Service {
			continue
		}
		before := ratio(edge(x.whole.base, e).Calls, asked.Calls)
		after := ratio(edge(x.whole.now, e).Calls, edge(x.whole.now, id).Calls)
		if before < 0.7 && after > 1.2*before && after-before > most {
			most, behind = after-before, e
		}
	}
	if most < 0.03 {
		return nil
	}
	of := func(w *graph.Window) (float64, bool) {
		n := edge(w, id).Calls
		return min(1, ratio(edge(w, behind).Calls, n)), n > 5
	}
	usual, vary, ok := x.level(of)
	if !ok {
		return nil
	}
	p := &pressed{node: id.Callee, caller: behind.Callee, limit: usual + max(usual/3, 3*vary, 0.02)}
	p.Pressing = Pressing{Kind: PressingColdCache, Subject: id.Callee.Name, Unit: "share", Usual: usual}
	p.values = follow(windows, of)
	p.comes = float64(asked.Calls) / float64(max(1, len(x.before)))
	for _, w := range windows {
		p.taken = append(p.taken, float64(edge(w, behind).Calls))
	}
	return p
}

// filling is how a cache fills again: each answer of the store behind it that is
// put into it takes a share of what is missing away. What is missing goes down
// exponentially in the number of those answers, whether they come as fast as they
// are asked for or as fast as the store can.
type filling struct {
	misses  []float64 // the share of questions that go to the store, by window; NaN where not known
	behind  []float64 // of them that were answered
	took    []float64 // seconds that a request of users takes; may be shorter
	usual   float64   // misses
	asks    float64   // questions a window, usually
	others  float64   // what else the store is asked in a window
	each    float64   // questions of one request
	answer  float64   // seconds that the store usually takes
	vary    float64   // how much that varies: deviation by mean
	request float64   // seconds that a request usually takes
	limit   float64   // at or below it, users are well
	window  float64   // seconds
}

const (
	// mostServers is how much at once a store is thought to do at most, where its
	// answers got slower with its load.
	mostServers = 32
	// fullestStore is how busy a store is at most for the formula of its waits.
	fullestStore = 0.97
	// fillingStep is in what part of a window the filling is followed.
	fillingStep = 0.25
	// fillingSure is by how many standard errors what is missing must go down.
	fillingSure = 2.5
)

// store is what stands behind a cache, as a queue with several servers.
type store struct {
	servers float64
	service float64 // seconds
	vary    float64
	able    float64 // answers a window
}

// answers is how long it takes for an answer, where so many are asked for in a
// window: by Sakasegawa's approximation.
func (s *store) answers(load float64) float64 {
	used := min(load/s.able, fullestStore)
	wait := math.Pow(used, math.Sqrt(2*(s.servers+1))-1) / (s.servers * (1 - used))
	return s.service * (1 + (1+s.vary*s.vary)/2*wait)
}

// behindIt finds the store that answers as was seen: how much it does at once, from
// how its answers got slower with its load.
func (f *filling) behindIt(from int) store {
	rest := f.request - f.each*f.usual*f.answer
	best, least := store{}, math.Inf(1)
	for n := 1.0; n <= mostServers; n++ {
		s := store{servers: n, service: f.answer, vary: f.vary}
		for range 20 { // its usual answers waited, too
			s.able = n * f.window / s.service
			s.service *= f.answer / s.answers(f.asks*f.usual+f.others)
		}
		s.able = n * f.window / s.service
		off := 0.0
		for i := from + 1; i < min(len(f.misses), len(f.took)); i++ {
			if math.IsNaN(f.misses[i]) || math.IsNaN(f.took[i]) || f.misses[i] <= 0 {
				continue
			}
			load := f.behind[i] + f.others
			if over := math.Log(load / s.able); over > 0 {
				off += min(2, 100*over*over) // it did more than it could
			}
			seen := max((f.took[i]-rest)/(f.each*f.misses[i]), 1e-4)
			d := math.Log(seen / s.answers(load))
			off += min(1, d*d) // whose caller left is no measure
		}
		if off < least-1e-9 {
			best, least = s, off
		}
	}
	return best
}

// warm follows the filling to when users are well again; false where what is
// missing does not clearly go down.
func (f *filling) warm() (o outlook, ok bool) {
	_, from := highest(f.misses)
	var answered, missing, weight []float64
	done := 0.0
	for i := from; i < len(f.misses); i++ {
		done += f.behind[i]
		over := f.misses[i] - f.usual
		if !(over > 0.01) || f.behind[i] <= 0 {
			continue
		}
		n := f.behind[i] / f.misses[i]
		answered, missing = append(answered, done-f.behind[i]/2), append(missing, math.Log(over))
		weight = append(weight, n*over*over/max(f.misses[i]*(1-f.misses[i]), 0.02))
	}
	if len(answered) < 3 {
		return o, false
	}
	a, b := stat.LinearRegression(answered, missing, weight, false)
	mean, spread := stat.Mean(answered, weight), 0.0
	for i := range answered {
		spread += weight[i] * (answered[i] - mean) * (answered[i] - mean)
	}
	off := math.Sqrt(1 / spread)
	if -b < fillingSure*off {
		return o, false
	}
	s := f.behindIt(from)
	now := min(1-f.usual, math.Exp(a+b*done))
	var found bool
	if o.windows, o.half, found = f.until(s, now, b); !found {
		return o, false
	}
	soon, _, _ := f.until(s, now, b-off)
	late, _, _ := f.until(s, now, min(b+off, b/4))
	o.sd, o.decay = (late-soon)/2, "hyperbolic"
	return o, true
}

// until is in how many windows users are well, and half of what is missing is
// there, where each answer takes the logarithm of what is missing down by so much.
func (f *filling) until(s store, missing, by float64) (windows, half float64, ok bool) {
	waiting := f.waiting(&s)
	start := missing
	for t := 0.0; t*f.window < farthest.Seconds(); t += fillingStep {
		misses := min(1, missing+f.usual)
		load := f.asks*misses + f.others
		took := f.request + f.each*(misses*s.answers(load)-f.usual*f.answer)
		if half == 0 && missing <= start/2 {
			half = t
		}
		if waiting < 1 && load < s.able && took <= f.limit {
			if half == 0 && missing < start {
				half = t * math.Ln2 / math.Log(start/missing)
			}
			return t, half, true
		}
		served := min(waiting/fillingStep+f.asks, max(s.able-f.others, 0.1*s.able)/misses)
		waiting = max(0, waiting+(f.asks-served)*fillingStep)
		missing *= math.Exp(by * served * misses * fillingStep)
	}
	return farthest.Seconds() / f.window, half, false
}

// waiting is how many questions wait for a store that is full (Little's law).
func (f *filling) waiting(s *store) float64 {
	i := min(len(f.misses), len(f.took)) - 1
	if i < 0 || math.IsNaN(f.misses[i]) || math.IsNaN(f.took[i]) || f.behind[i]+f.others < 0.85*s.able || f.misses[i] <= 0 {
		return 0
	}
	rest := f.request - f.each*f.usual*f.answer
	longer := f.took[i] - rest - f.each*f.misses[i]*s.answers(0.9*s.able)
	return max(0, longer) * f.behind[i] / f.misses[i] / f.window
}

// warm is when a cache is warm enough for users: their requests take longer by
// what is missing times what asking the store behind it takes.
func (x *explainer) warm(p *pressed, list []*pressed) *pressed {
	var slow *pressed
	for _, o := range list {
		if o.Kind == PressingQueue && o.Highest > o.limit && (slow == nil || o.Highest/o.Usual > slow.Highest/slow.Usual) {
			slow = o
		}
	}
	if slow == nil {
		return nil
	}
	base := x.whole.base
	answers := node(base, p.caller).All
	windows := float64(max(1, len(x.before)))
	f := filling{
		misses: p.values, behind: p.taken, took: slow.values, usual: p.Usual, asks: p.comes,
		others: max(0, float64(answers.Visits)/windows-p.comes*p.Usual), each: x.asksOf(slow, p.node),
		answer: answers.Time.Mean() / 1e9, request: slow.Usual, limit: slow.limit, window: float64(x.windows[0].Length) / 1e9,
	}
	if f.each == 0 || f.answer <= 0 || f.asks <= 0 {
		return nil
	}
	f.vary = answers.Time.Deviation() / answers.Time.Mean()
	out := *p
	var ok bool
	if out.ahead, ok = f.warm(); !ok {
		return nil
	}
	return &out
}

// asksOf is how often a request of a route asks a cache; 0 where it does not.
func (x *explainer) asksOf(slow *pressed, cache graph.NodeID) float64 {
	asked := int64(0)
	s := route(x.whole.base, graph.RouteID{Node: slow.node, Operation: slow.Subject})
	for id, a := range s.Accounts {
		if id.Kind == graph.Unpaired && id.Node == cache {
			asked += a.Logical
		}
	}
	return float64(asked) / graph.Millionth / float64(max(1, s.Requests))
}
