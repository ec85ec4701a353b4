package workflow

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"headwater/graph/trace"
)

// flow is one workflow: an entry's trace and what followed from it.
type flow struct {
	records  []int32 // the entry's first
	route    int32   // place of the entry, or none
	judged   bool
	baseline bool
	failed   bool
	safe     bool
	known    bool // its entry was seen
	batched  bool // some of it did the work of several workflows at once
	start    int64
	end      int64
	steps    map[int32]*step // by site
}

// step is what a workflow shows of one site.
type step struct {
	commits    []ref // in order of time
	state      state // committed if any attempt was, else unknown if any was
	start, end int64 // of the first commit
	last       int64
}

// ref names an event, and the record that it stands in.
type ref struct{ record, event int32 }

// analyst makes a Report of what a Reader kept.
type analyst struct {
	*Reader
	flows   []flow
	of      []int32 // the site that counts for each site, none where it is no step
	byTrace map[trace.TraceID]int32
	keyed   []bool

	taught  map[int32]int // workflows of the baseline, by entry
	learned map[int32]*route
	undoes  map[int32]*undo
	queues  *queues
	losses  *losses
	took    map[int32][]int64 // how long requests of each site take, in order
	entryAt map[int32]int32   // the entry in whose own trace a place is usually visited
}

// Report judges what was read.
func (r *Reader) Report() *WorkflowReport {
	a := &analyst{Reader: r}
	a.arrange()
	a.settleSites()
	a.join()
	a.findEntries()
	for i := range a.flows {
		a.gatherSteps(&a.flows[i])
	}
	a.findKeys()
	a.learn()
	a.watchQueues()
	a.findUndoing()
	return a.judge()
}

// arrange puts the records in an order that does not depend on how they came.
func (a *analyst) arrange() {
	slices.SortFunc(a.records, func(x, y record) int {
		return cmp.Or(cmp.Compare(x.start, y.start), bytes.Compare(x.id[:], y.id[:]))
	})
	a.byTrace = make(map[trace.TraceID]int32, len(a.records))
	for i := range a.records {
		a.byTrace[a.records[i].id] = int32(i)
	}
	a.traces = a.byTrace
}

// leastUnpaired is the share of a request's attempts whose callee must be unseen
// for the request itself to be a step: else the step lies deeper.
const leastUnpaired = 0.8

// settleSites decides which sites are steps, and gives those whose operation was
// not seen to the one that they must be.
func (a *analyst) settleSites() {
	alone := map[site]int64{}
	for i := range a.records {
		for _, e := range a.records[i].events {
			alone[a.sites.list[e.site]]++
		}
	}
	a.of = make([]int32, len(a.sites.list))
	whole := map[site]int32{} // by what a cut site shows; -2 for several
	for n, s := range a.sites.list {
		a.of[n] = int32(n)
		switch paired := a.paired[s]; {
		case s.kind == requestSite && float64(paired) > (1-leastUnpaired)*float64(paired+alone[s]),
			s.kind == servedSite && a.calls[s.home] > 0:
			a.of[n] = none
		case !s.cut:
			k := s.seenCut()
			if had, ok := whole[k]; ok && had != int32(n) {
				whole[k] = -2
			} else {
				whole[k] = int32(n)
			}
		}
	}
	for n, s := range a.sites.list {
		if !s.cut || a.of[n] == none {
			continue
		}
		a.of[n] = none
		if at, ok := whole[s]; ok && at >= 0 {
			a.of[n] = a.of[at]
		}
	}
}

// seenCut is the site as it shows where the operation around it was not seen.
func (s site) seenCut() site {
	s.cut, s.home.operation = true, ""
	return s
}

// join puts the traces together that follow from one another.
func (a *analyst) join() {
	heads := make([]int32, len(a.records)) // the trace that each follows from, or itself
	shared := make([]bool, len(a.records))
	for i := range a.records {
		heads[i] = int32(i)
		froms := a.froms(int32(i))
		if len(froms) > 0 {
			heads[i] = froms[0]
		}
		shared[i] = len(froms) > 1
	}
	members := map[int32][]int32{}
	for i := range a.records {
		head, _ := follow(heads, int32(i))
		members[head] = append(members[head], int32(i))
	}
	// What took several messages at once belongs to each sender's workflow.
	for i := range a.records {
		if !shared[i] {
			continue
		}
		own, _ := follow(heads, int32(i))
		for _, from := range a.froms(int32(i)) {
			if head, ok := follow(heads, from); ok && head != own && !slices.Contains(members[head], int32(i)) {
				members[head] = append(members[head], int32(i))
			}
		}
	}
	for _, head := range slices.Sorted(maps.Keys(members)) {
		f := flow{records: members[head], route: none, start: a.records[head].start, baseline: a.records[head].baseline}
		slices.SortFunc(f.records, func(x, y int32) int { return cmp.Or(-cmp.Compare(b2i(x == head), b2i(y == head)), cmp.Compare(x, y)) })
		for _, m := range f.records {
			rec := &a.records[m]
			f.end = max(f.end, rec.end)
			f.failed = f.failed || rec.failed
			f.batched = f.batched || shared[m]
		}
		if e := a.records[head].entry; e >= 0 {
			f.route, f.known, f.safe = a.records[head].visits[e].place, true, a.records[head].safe
		}
		f.judged = !f.baseline && a.within(f.start)
		a.flows = append(a.flows, f)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// froms are the traces whose messages a trace took, in order, where its own
// entry is one of the takers.
func (a *analyst) froms(i int32) []int32 {
	rec := &a.records[i]
	if rec.entry >= 0 {
		return nil
	}
	var out []int32
	for _, v := range rec.visits {
		for _, m := range v.messages {
			if from, ok := a.byTrace[m.TraceID]; ok && from != i && !slices.Contains(out, from) {
				out = append(out, from)
			}
		}
	}
	slices.Sort(out)
	return out
}

// longestChain bounds how many traces may follow from one another.
const longestChain = 64

// follow walks to the first trace of a chain. ok is false where it leads in a
// circle, or too far: then it ends where it stands.
func follow(heads []int32, i int32) (head int32, ok bool) {
	least := i
	for range longestChain {
		if heads[i] == i {
			return i, true
		}
		i = heads[i]
		least = min(least, i)
	}
	return least, false
}

func (a *analyst) within(start int64) bool {
	in := a.opt.Incident
	return in == nil || start >= in.Start.UnixNano() && (in.End.IsZero() || start < in.End.UnixNano())
}

// findEntries gives workflows whose first span never came the entry in whose
// traces their first visit usually stands.
func (a *analyst) findEntries() {
	counts := map[int32]map[int32]int{}
	safe := map[int32]bool{}
	for i := range a.flows {
		f := &a.flows[i]
		if !f.known {
			continue
		}
		safe[f.route] = f.safe
		for _, v := range a.records[f.records[0]].visits {
			if v.cut {
				continue
			}
			if counts[v.place] == nil {
				counts[v.place] = map[int32]int{}
			}
			counts[v.place][f.route]++
		}
	}
	a.entryAt = map[int32]int32{}
	for p, routes := range counts {
		all, best, most := 0, none, 0
		for route, n := range routes {
			all += n
			if n > most {
				best, most = route, n
			}
		}
		if float64(most) >= 0.99*float64(all) {
			a.entryAt[p] = best
		}
	}
	for i := range a.flows {
		f := &a.flows[i]
		if f.known {
			continue
		}
		for _, v := range a.records[f.records[0]].visits {
			if entry, ok := a.entryAt[v.place]; ok && !v.cut {
				f.route, f.safe = entry, safe[entry]
				break
			}
		}
	}
}

// gatherSteps adds up what the traces of a workflow show of each site.
func (a *analyst) gatherSteps(f *flow) {
	f.steps = map[int32]*step{}
	for _, m := range f.records {
		rec := &a.records[m]
		for at := range rec.events {
			e := &rec.events[at]
			n := a.of[e.site]
			if n == none {
				continue
			}
			if k := a.sites.list[n].kind; f.safe && (k == requestSite || k == servedSite) {
				continue
			}
			s := f.steps[n]
			if s == nil {
				s = &step{state: e.state}
				f.steps[n] = s
			}
			s.last = max(s.last, e.end)
			switch {
			case e.state == committed:
				s.state = committed
				s.commits = append(s.commits, ref{m, int32(at)})
			case e.state == unknown && s.state == failed:
				s.state = unknown
			}
		}
	}
	for _, s := range f.steps {
		slices.SortFunc(s.commits, func(x, y ref) int {
			return cmp.Or(cmp.Compare(a.event(x).start, a.event(y).start), cmp.Compare(x.record, y.record), cmp.Compare(x.event, y.event))
		})
		if len(s.commits) > 0 {
			s.start, s.end = a.event(s.commits[0]).start, a.event(s.commits[0]).end
		}
	}
}

func (a *analyst) event(r ref) *event { return &a.records[r.record].events[r.event] }

// has reports whether the workflow did a step.
func (f *flow) has(n int32) bool {
	s := f.steps[n]
	return s != nil && s.state == committed
}
