package workflow

import (
	"cmp"
	"slices"
	"time"

	"headwater/analysis"
	"headwater/graph/trace"
)

const (
	// leastLearned is how many workflows must show a step for anything to be
	// expected of it.
	leastLearned = 10
	// usually is the share of workflows from which on a step belongs to another.
	usually = 0.9
	// leastDeadline, in ns, is the least time a step may stay away that a message
	// leads to, or whose workflow has no end yet: redeliveries take that long.
	leastDeadline = int64(30 * time.Second)
	// leastSettled, in ns, is the same for the others: exporters take that long.
	leastSettled = int64(10 * time.Second)
	// patience is by what the usual delay is multiplied: the one by which 99 of
	// 100 had come.
	patience = 4
)

// route is what the workflows of an entry that ended well show.
type route struct {
	place    int32
	flows    int
	count    map[int32]int    // workflows that did a step
	pairs    map[[2]int32]int // that did the first and the second
	ordered  map[[2]int32]int // where the first was done before the second was begun
	several  map[int32]int    // that did a step in several visits
	delays   map[int32][]int64
	carried  map[int32]map[carrier]int
	carriers map[int32]carrier
	deadline int64
	settled  int64   // the deadline where the entry has ended and waits for no message
	sites    []int32 // in usual order
}

// carrier is how the work that a step is a part of was handed on: who took the
// message, and the step that sent it.
type carrier struct{ taker, sent int32 }

// learn reads what is usual.
func (a *analyst) learn() {
	a.learned = map[int32]*route{}
	a.indexMessages()
	a.taught = map[int32]int{}
	for i := range a.flows {
		if a.flows[i].baseline {
			a.taught[a.flows[i].route]++
		}
	}
	for i := range a.flows {
		f := &a.flows[i]
		if f.route == none || !a.teaches(f) {
			continue
		}
		r := a.learned[f.route]
		if r == nil {
			r = &route{place: f.route, count: map[int32]int{}, pairs: map[[2]int32]int{}, ordered: map[[2]int32]int{}, several: map[int32]int{}, delays: map[int32][]int64{}, carried: map[int32]map[carrier]int{}}
			a.learned[f.route] = r
		}
		a.teach(r, f)
	}
	for _, r := range a.learned {
		r.settle(a)
	}
}

// teaches reports whether the workflow is one of those that are learned from:
// where the baseline has enough of its kind, it must be of the baseline.
func (a *analyst) teaches(f *flow) bool {
	if !f.known || a.records[f.records[0]].visits[a.records[f.records[0]].entry].failed {
		return false
	}
	if f.baseline {
		return true
	}
	if a.taught[f.route] >= leastLearned || a.opt.Incident != nil && a.within(f.start) || f.start > a.latest-leastDeadline {
		return false
	}
	at := time.Unix(0, f.start)
	return !slices.ContainsFunc(a.opt.Trouble, func(t analysis.Interval) bool {
		return !at.Before(t.Start) && (t.End.IsZero() || at.Before(t.End))
	})
}

func (a *analyst) teach(r *route, f *flow) {
	r.flows++
	var did []int32
	for n := range f.steps {
		if f.has(n) {
			did = append(did, n)
		}
	}
	for _, n := range did {
		s := f.steps[n]
		r.count[n]++
		r.delays[n] = append(r.delays[n], max(0, s.start-f.start))
		if a.homes(s) > 1 {
			r.several[n]++
		}
		for _, m := range did {
			r.pairs[[2]int32{n, m}]++
			if s.end <= f.steps[m].start {
				r.ordered[[2]int32{n, m}]++
			}
		}
		if r.carried[n] == nil {
			r.carried[n] = map[carrier]int{}
		}
		r.carried[n][a.carrierOf(s.commits[0])]++
	}
}

// homes is in how many stays at a service a step was done.
func (a *analyst) homes(s *step) int {
	var seen []ref
	for _, c := range s.commits {
		if v := (ref{c.record, a.event(c).visit}); !slices.Contains(seen, v) {
			seen = append(seen, v)
		}
	}
	return len(seen)
}

// carrierOf finds the message that an event follows from; both are none where it
// follows from none.
func (a *analyst) carrierOf(e ref) carrier {
	rec := &a.records[e.record]
	for v := a.event(e).visit; v >= 0; v = rec.visits[v].parent {
		if w := &rec.visits[v]; len(w.messages) > 0 { // of several, the first stands for all
			sent := none
			if s, ok := a.queues.sends[w.messages[0]]; ok {
				sent = a.of[a.event(s).site]
			}
			return carrier{w.place, sent}
		}
	}
	return carrier{none, none}
}

// settle decides what is usual once all workflows were counted.
func (r *route) settle(a *analyst) {
	slowest := int64(0)
	r.carriers = map[int32]carrier{}
	for n, c := range r.count {
		slices.Sort(r.delays[n])
		if c >= leastLearned && a.sites.list[n].kind != cacheSite {
			r.sites = append(r.sites, n)
		}
		for k, seen := range r.carried[n] {
			if float64(seen) >= usually*float64(c) {
				r.carriers[n] = k
			}
		}
		if c >= leastLearned {
			slowest = max(slowest, latest(r.delays[n]))
		}
	}
	slowest = min(patience*slowest, trace.MaxDuration)
	r.deadline, r.settled = max(leastDeadline, slowest), max(leastSettled, slowest)
	slices.SortFunc(r.sites, func(x, y int32) int {
		return cmp.Or(cmp.Compare(median(r.delays[x]), median(r.delays[y])), a.compareSites(x, y))
	})
}

func median(sorted []int64) int64 { return sorted[len(sorted)/2] }

// latest is by when 99 of 100 had come.
func latest(sorted []int64) int64 { return sorted[(len(sorted)-1)*99/100] }

// compareSites orders sites by what they are.
func (a *analyst) compareSites(x, y int32) int {
	s, t := &a.sites.list[x], &a.sites.list[y]
	return cmp.Or(s.home.service.Compare(t.home.service), cmp.Compare(s.home.operation, t.home.operation),
		cmp.Compare(s.call, t.call), s.target.Compare(t.target), cmp.Compare(s.kind, t.kind), cmp.Compare(b2i(s.cut), b2i(t.cut)))
}

// follows reports whether a workflow that did the first step usually does the
// second.
func (r *route) follows(first, second int32) bool {
	n := r.count[first]
	return n >= leastLearned && float64(r.pairs[[2]int32{first, second}]) >= usually*float64(n)
}

// regular reports whether a step is a part of nearly every workflow.
func (r *route) regular(n int32) bool {
	return r.flows >= leastLearned && float64(r.count[n]) >= usually*float64(r.flows)
}

// before reports whether the first step is nearly always done well before the
// second one is begun: what was done later tells that it was passed.
func (r *route) before(first, second int32) bool {
	x, y := r.delays[first], r.delays[second]
	return len(y) > 0 && median(x) < median(y) && r.ordered[[2]int32{first, second}] >= int(usually*float64(r.pairs[[2]int32{first, second}])) &&
		r.carriers[first] == r.carriers[second]
}

// once reports whether a step is always done in one visit alone.
func (r *route) once(n int32) bool { return r.count[n] >= 20*leastLearned && r.several[n] == 0 }
