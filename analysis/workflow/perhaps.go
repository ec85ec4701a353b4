package workflow

import (
	"cmp"
	"slices"
)

// leastLikely is from which likelihood on it is told that a step may be done twice.
const leastLikely = 0.05

// perhapsTwice lists the steps at systems that send no spans that may have been
// done more than once: their caller gave up waiting and asked again, and whether
// the other side did the first all the same is known to nobody here. Those that
// are known to be done twice are left out.
func (a *analyst) perhapsTwice(r *route, f *flow, twice []int32) (out []Perhaps) {
	var sites []int32
	for n := range f.steps {
		if a.sites.list[n].kind == requestSite && a.undoes[n] == nil && !slices.Contains(twice, n) && (r.once(n) && !f.batched || a.inOneCall(f, n)) {
			sites = append(sites, n)
		}
	}
	slices.SortFunc(sites, func(x, y int32) int { return a.compareSites(x, y) })
	for _, n := range sites {
		p := Perhaps{StepID: a.stepID(n)}
		none, one := 1.0, 0.0 // how likely none, and exactly one, of those given up was done
		committedOnce := false
		a.attempts(f, n, func(e *event) {
			switch e.state {
			case committed:
				p.Attempts++
				committedOnce = true
			case unknown:
				p.Attempts++
				p.GaveUp++
				likely := a.answeredBy(n, e.end-e.start)
				one = one*(1-likely) + none*likely
				none *= 1 - likely
			}
		})
		if p.GaveUp == 0 || p.Attempts < 2 {
			continue
		}
		done := 1 - none
		if !committedOnce {
			done -= one
		}
		if p.Likely = max(0, min(1, done)); p.Likely >= leastLikely {
			out = append(out, p)
		}
	}
	return out
}

// attempts calls do with the attempts at a step, in order.
func (a *analyst) attempts(f *flow, n int32, do func(*event)) {
	for _, m := range f.records {
		events := a.records[m].events
		for i := range events {
			if a.of[events[i].site] == n {
				do(&events[i])
			}
		}
	}
}

// inOneCall reports whether the step was tried in one call alone.
func (a *analyst) inOneCall(f *flow, n int32) bool {
	call, calls := none, 0
	a.attempts(f, n, func(e *event) {
		if calls == 0 || e.call != call || e.call == none {
			calls++
		}
		call = e.call
	})
	return calls == 1
}

// answeredBy is the share of the answers to a kind of request that take no longer
// than so many nanoseconds; half where none is known.
func (a *analyst) answeredBy(n int32, waited int64) float64 {
	if a.took == nil {
		a.took = map[int32][]int64{}
		for i := range a.records {
			for _, e := range a.records[i].events {
				if k := a.of[e.site]; k != none && a.sites.list[k].kind == requestSite && e.state == committed {
					a.took[k] = append(a.took[k], e.end-e.start)
				}
			}
		}
		for _, list := range a.took {
			slices.Sort(list)
		}
	}
	list := a.took[n]
	if len(list) == 0 {
		return 0.5
	}
	at, _ := slices.BinarySearchFunc(list, waited+1, cmp.Compare)
	return float64(at) / float64(len(list)+1)
}
