package whatif

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"headwater/analysis/simulate"
	"headwater/graph"
)

const (
	// mostCandidates bounds how many changes are tried out, and kept how many of
	// them are looked at closely and told.
	mostCandidates = 20
	kept           = 6
	// amplified is from how many attempts per call on retries are worth a change,
	// and mayTakeLong by how much a timeout may be longer than what is usual.
	amplified   = 1.05
	mayTakeLong = 2.0
	// heldOpen is how many calls must be held open beyond the usual to give up
	// early on them.
	heldOpen = 0.5
	// tempering is the budget that is tried, and shedding the share that is turned
	// away.
	tempering = 0.1
	shedding  = 0.3
)

// candidate is a change worth a try, or several of a kind together, with a guess of
// how much.
type candidate struct {
	changes []Setting
	weight  float64
}

// Candidates are the small changes that might have contained the incident, the
// most promising first; each is one change, or a few that are made together.
func (f *Fit) Candidates() [][]Setting {
	all := f.nested()
	add := func(kind SettingKind, target string, value, weight float64) {
		all = append(all, candidate{[]Setting{{Kind: kind, Target: target, Value: value}}, weight})
	}
	for i := range f.edges {
		e := &f.edges[i]
		target := f.edgeTarget(e.ID)
		more := (e.amplify - 1) * e.calls * f.multiplied(e)
		if e.Attempts > 1 && e.amplify > amplified {
			add(CapRetries, target, 0, more*10)
			if e.Attempts > 2 {
				add(CapRetries, target, 1, more*5)
			}
			add(BudgetRetries, target, tempering, more*8)
		}
		if e.failed >= fewFailures {
			add(AddBreaker, target, 0, float64(e.failed)/10)
			if !e.Optional {
				add(MakeOptional, target, 0, float64(e.failed)/20)
			}
		}
		if t := giveUp(e.longest); e.occupied > heldOpen && t > 0 && (e.Timeout == 0 || t < 0.7*e.Timeout.Seconds()) {
			add(SetTimeout, target, t, e.occupied*5)
		}
		if e.Connections > 0 {
			add(SetPool, target, float64(2*e.Connections), e.occupied*3+1)
		}
	}
	for i := range f.edges { // all callers of one that several retry
		e := &f.edges[i]
		target := anyCaller + "->" + f.nodeTarget(e.ID.Callee)
		if more, callers := f.retried(e.ID.Callee); callers > 1 && !slices.ContainsFunc(all, func(c candidate) bool { return len(c.changes) == 1 && c.changes[0].Target == target }) {
			add(CapRetries, target, 0, more*10)
			add(BudgetRetries, target, tempering, more*8)
		}
	}
	for i := range f.services {
		s := &f.services[i]
		if s.Workers == 0 {
			continue
		}
		name := f.nodeTarget(s.ID)
		add(SetPool, name, float64(2*s.Workers), 20)
		if s.ID.Kind == graph.Service {
			add(SetReplicas, name, float64(2*s.Replicas), 20)
		}
	}
	for i, id := range f.byUse() {
		if i == 3 {
			break
		}
		add(Shed, f.routeTarget(id), shedding, 10-float64(i))
	}
	if len(f.routes) > 1 {
		add(Shed, AllRoutes, shedding, 10)
	}
	kinds := Kinds()
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(slices.Index(kinds, a.changes[0].Kind), slices.Index(kinds, b.changes[0].Kind)), cmp.Compare(a.changes[0].Target, b.changes[0].Target))
	})
	return inTurn(all)
}

// inTurn takes the best of each kind in turn, as many as are tried out.
func inTurn(all []candidate) (out [][]Setting) {
	of := map[SettingKind][][]Setting{}
	for _, c := range all {
		of[c.changes[0].Kind] = append(of[c.changes[0].Kind], c.changes)
	}
	for n := 0; len(out) < min(len(all), mostCandidates); n++ {
		for _, k := range Kinds() {
			if n < len(of[k]) && len(out) < mostCandidates {
				out = append(out, of[k][n])
			}
		}
	}
	return out
}

// retried is how many retries a second came to a node in the incident, and how many
// of its callers made them.
func (f *Fit) retried(callee graph.NodeID) (more float64, callers int) {
	for i := range f.edges {
		if e := &f.edges[i]; e.ID.Callee == callee && e.Attempts > 1 && e.amplify > amplified {
			more += (e.amplify - 1) * e.calls
			callers++
		}
	}
	return more, callers
}

// giveUp is a timeout that hardly any usual attempt runs into, in seconds.
func giveUp(usual float64) float64 {
	if usual <= 0 {
		return 0
	}
	s := max(mayTakeLong*usual/1e9, 0.01)
	unit := math.Pow(10, math.Floor(math.Log10(s)))
	return round(math.Ceil(s/unit*2)/2*unit, 4)
}

// byUse are the routes by how many requests came in the incident.
func (f *Fit) byUse() []graph.RouteID {
	n := map[graph.RouteID]int64{}
	for _, id := range f.routes {
		for _, w := range f.measured[f.from:f.to] {
			n[id] += routeOf(w, id).Requests
		}
	}
	out := slices.Clone(f.routes)
	slices.SortStableFunc(out, func(a, b graph.RouteID) int { return cmp.Or(cmp.Compare(n[b], n[a]), compareRoutes(a, b)) })
	return out
}

// The names of things as changes have them: short where that is clear.

func (f *Fit) nodeTarget(id graph.NodeID) string {
	for i := range f.services {
		if o := f.services[i].ID; o != id && o.Name == id.Name {
			return id.String()
		}
	}
	return id.Name
}

func (f *Fit) edgeTarget(id graph.EdgeID) string {
	for i := range f.edges {
		if o := f.edges[i].ID; o != id && o.Caller.Name == id.Caller.Name && o.Callee.Name == id.Callee.Name {
			return id.String()
		}
	}
	return id.Caller.Name + "->" + id.Callee.Name
}

func (f *Fit) routeTarget(id graph.RouteID) string {
	for _, o := range f.routes {
		if o != id && o.Operation == id.Operation {
			return id.Node.Name + " " + id.Operation
		}
	}
	return id.Operation
}

// contain tries the candidates, roughly first and the best of them closely.
func (f *Fit) contain(ctx context.Context, a *WhatIf, seeds []uint64, opt Options) ([]Effect, error) {
	candidates := f.Candidates()
	steps := float64(len(candidates) + kept*len(seeds))
	done := 0.0
	var tried []Effect
	for _, c := range candidates {
		e, err := f.run(ctx, c, seeds[:1])
		if err != nil {
			return nil, err
		}
		tried = append(tried, e)
		done++
		opt.tell(replayDone + 0.8*done/steps)
	}
	slices.SortStableFunc(tried, better)
	var out []Effect
	for _, t := range tried[:min(len(tried), kept)] {
		e, err := f.run(ctx, t.Changes, seeds)
		if err != nil {
			return nil, err
		}
		f.tell(&e, a)
		out = append(out, e)
		done += float64(len(seeds))
		opt.tell(replayDone + 0.8*done/steps)
	}
	slices.SortStableFunc(out, better)
	return slices.DeleteFunc(out, func(e Effect) bool { return e.Spared < hardly }), nil
}

// better puts what spares users most first.
func better(a, b Effect) int { return cmp.Compare(a.Outcome.Pain, b.Outcome.Pain) }

// Possible are changes of all kinds to all parts of the system, whether or not they
// promise anything: to measure what is said of changes.
func (f *Fit) Possible() (out []Setting) {
	for i := range f.edges {
		e := &f.edges[i]
		target := f.edgeTarget(e.ID)
		if e.ID.Callee.Kind == graph.Service {
			out = append(out, Setting{Kind: AddBreaker, Target: target}, Setting{Kind: MakeOptional, Target: target})
		}
		if t := giveUp(e.longest); t > 0 {
			out = append(out, Setting{Kind: SetTimeout, Target: target, Value: t})
		}
		if e.Attempts > 1 {
			out = append(out, Setting{Kind: CapRetries, Target: target, Value: 0})
		}
	}
	for i := range f.services {
		s := &f.services[i]
		if s.ID.Kind == graph.Service {
			out = append(out, Setting{Kind: SetReplicas, Target: f.nodeTarget(s.ID), Value: float64(s.Replicas + 1)})
		}
	}
	for _, id := range f.routes {
		out = append(out, Setting{Kind: Shed, Target: f.routeTarget(id), Value: shedding})
	}
	return out
}

// Span is when the incident was, as far as it is played.
func (f *Fit) Span() (from, to time.Time) {
	return f.start.Add(time.Duration(f.from) * f.length), f.start.Add(time.Duration(f.to) * f.length)
}

// Breaker is the circuit breaker that a change adds.
func Breaker() *simulate.Breaker {
	return &simulate.Breaker{Failures: breakerFailures, Calls: breakerCalls, Open: simulate.Duration(breakerOpen)}
}
