package workflow

import (
	"slices"
	"strings"

	"headwater/graph"
)

// undo is a step that takes others back.
type undo struct {
	seen   int // workflows in which it did, after one of those
	whole  int // workflows that were complete and did it all the same
	undoes []int32
	byName bool
}

const (
	// leastUndone is how many workflows must show a step that takes another back
	// where its name says nothing.
	leastUndone = 3
	// strayUndo is how often, for each time that a step took another back, it may
	// stand in a workflow that is complete.
	strayUndo = 0.05
)

// findUndoing finds steps that are done only where a later step failed, after a
// step at the same callee. A name that says so makes up for what was seldom
// seen.
func (a *analyst) findUndoing() {
	a.undoes = map[int32]*undo{}
	for i := range a.flows {
		f := &a.flows[i]
		r := a.learned[f.route]
		if r == nil {
			continue
		}
		var extra, usual []int32
		whole := true
		for n := range f.steps {
			switch {
			case !f.has(n):
			case r.count[n] >= leastLearned && r.regular(n):
				usual = append(usual, n)
			case a.sites.list[n].kind != cacheSite && a.sites.list[n].kind != publishSite:
				extra = append(extra, n)
			}
		}
		for _, n := range usual {
			whole = whole && !slices.ContainsFunc(r.sites, func(m int32) bool { return r.follows(n, m) && !f.has(m) })
		}
		for _, n := range extra {
			u := a.undoes[n]
			if u == nil {
				u = &undo{byName: undoingName(a.sites.list[n].call, a.sites.list[n].home.operation)}
				a.undoes[n] = u
			}
			targets := a.undoneBy(f, n, usual)
			switch {
			case whole:
				u.whole++
			case len(targets) > 0:
				u.seen++
				for _, t := range targets {
					if !slices.Contains(u.undoes, t) {
						u.undoes = append(u.undoes, t)
					}
				}
			}
		}
	}
	for n, u := range a.undoes {
		if !u.holds() {
			delete(a.undoes, n)
			continue
		}
		u.byName = u.byName && u.seen < leastUndone
		slices.SortFunc(u.undoes, a.compareSites)
	}
}

// holds reports whether there is enough evidence.
func (u *undo) holds() bool {
	switch {
	case len(u.undoes) == 0:
		return false
	case u.byName:
		return u.whole <= u.seen
	}
	return u.seen >= leastUndone && float64(u.whole) <= strayUndo*float64(u.seen)
}

// undoneBy are the steps, among those given, that step n took back: done before
// it at the same callee, and of those the ones on the same collection, where
// there are any.
func (a *analyst) undoneBy(f *flow, n int32, of []int32) []int32 {
	u, at := &a.sites.list[n], f.steps[n].commits[len(f.steps[n].commits)-1]
	var all, same []int32
	for _, m := range of {
		s := &a.sites.list[m]
		if m == n || !f.has(m) || s.kind == publishSite || s.kind == cacheSite || f.steps[m].end > a.event(at).start || !sameCallee(u, s) {
			continue
		}
		all = append(all, m)
		if s.kind == databaseSite && object(s.call) == object(u.call) {
			same = append(same, m)
		}
	}
	if len(same) > 0 || u.kind == databaseSite && !undoingName(u.call, u.home.operation) {
		return same // another table alone is no taking back
	}
	return all
}

func sameCallee(u, s *site) bool {
	if u.target != s.target || u.kind != s.kind {
		return false
	}
	return s.target.Kind != graph.Database || u.home.service == s.home.service
}

// object is what a query works on.
func object(call string) string {
	_, rest, _ := strings.Cut(call, " ")
	return strings.ToLower(rest)
}

// takenBack are the steps of a workflow that were undone, and by how much.
func (a *analyst) takenBack(f *flow) map[int32]int {
	out := map[int32]int{}
	for n := range f.steps {
		u := a.undoes[n]
		if u == nil || !f.has(n) {
			continue
		}
		for _, m := range a.undoneBy(f, n, u.undoes) {
			if f.has(m) {
				out[m] += len(f.steps[n].commits)
			}
		}
	}
	return out
}
