package workflow

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"headwater/graph/trace"
)

// gap is a step that belongs to what was done and is absent.
type gap struct {
	site int32
	in   situation
	lost float64
}

// verdict is what is known of one workflow.
type verdict struct {
	flow    int32
	done    []int32 // sites, in order of time
	undone  []int32
	twice   []int32
	perhaps []Perhaps
	gaps    []gap
	waits   *Wait
	taker   int32
	young   bool // it may still be in work
	waiting []bool
	doubt   bool
}

// judge makes the report.
func (a *analyst) judge() *WorkflowReport {
	out := &WorkflowReport{
		Version: 1, Until: time.Unix(0, a.latest).UTC(), LeftOut: a.leftOut,
		Workflows: []Workflow{}, Routes: []Route{}, Undoing: []Undoing{}, Keys: []string{}, Notes: []string{},
	}
	a.losses = &losses{there: map[gapKey]int{}, absent: map[gapKey]int{}, usualThere: map[gapKey]int{}, usualGoing: map[gapKey]int{}}
	if a.parents > 0 {
		a.losses.rate = float64(a.missing) / float64(a.parents)
	}
	out.Lost = a.losses.rate
	var verdicts []verdict
	for i := range a.flows {
		f := &a.flows[i]
		r := a.learned[f.route]
		if r == nil || len(r.sites) == 0 {
			a.countUnjudged(&out.Counts, f)
			continue
		}
		v := a.verdictOf(r, int32(i))
		a.countGaps(r, f, v.gaps)
		if f.judged {
			verdicts = append(verdicts, v)
		}
	}
	for i := range verdicts {
		a.doubts(&verdicts[i])
	}
	a.countPending(verdicts)
	for i := range verdicts {
		a.conclude(out, &verdicts[i])
	}
	slices.SortFunc(out.Workflows, func(x, y Workflow) int {
		return cmp.Or(x.Start.Compare(y.Start), bytes.Compare(x.TraceID[:], y.TraceID[:]))
	})
	a.describe(out)
	return out
}

// countUnjudged counts a workflow of which nothing is known.
func (a *analyst) countUnjudged(c *Counts, f *flow) {
	switch {
	case !f.judged || !a.changes(f):
	case f.route == none:
		c.Fragments++
	default:
		c.Workflows++
		c.Unknown++
	}
}

// changes reports whether a workflow did anything that lasts.
func (a *analyst) changes(f *flow) bool {
	for n := range f.steps {
		if f.has(n) && a.sites.list[n].kind != cacheSite {
			return true
		}
	}
	return false
}

// verdictOf finds what a workflow did, and what is absent.
func (a *analyst) verdictOf(r *route, i int32) verdict {
	f := &a.flows[i]
	v := verdict{flow: i, taker: none}
	back := a.takenBack(f)
	for n, s := range f.steps {
		if !f.has(n) || a.sites.list[n].kind == cacheSite && !r.regular(n) || a.undoes[n] != nil {
			continue
		}
		if back[n] >= len(s.commits) || back[n] > 0 && a.homes(s) <= back[n] {
			v.undone = append(v.undone, n)
			continue
		}
		v.done = append(v.done, n)
		if a.sites.list[n].kind != cacheSite && back[n] == 0 && a.doneTwice(r, f, n, s) {
			v.twice = append(v.twice, n)
		}
	}
	byTime := func(x, y int32) int {
		return cmp.Or(cmp.Compare(f.steps[x].start, f.steps[y].start), a.compareSites(x, y))
	}
	slices.SortFunc(v.done, byTime)
	v.perhaps = a.perhapsTwice(r, f, v.twice)
	slices.SortFunc(v.undone, byTime)
	slices.SortFunc(v.twice, byTime)
	for _, n := range r.sites {
		if f.has(n) || !slices.ContainsFunc(v.done, func(d int32) bool { return r.follows(d, n) }) {
			continue
		}
		v.gaps = append(v.gaps, gap{site: n, in: a.situationOf(r, f, n)})
	}
	v.young = len(v.gaps) > 0 && !f.baseline && a.latest < f.end+a.deadline(r, f, v.gaps)
	a.findWaits(r, f, &v)
	return v
}

// deadline is how long after its last sign of life a workflow's gaps may be
// filled.
func (a *analyst) deadline(r *route, f *flow, gaps []gap) int64 {
	if !f.known || slices.ContainsFunc(gaps, func(g gap) bool { return r.carriers[g.site].taker != none }) {
		return r.deadline
	}
	return r.settled
}

// findWaits tells which of the gaps are only waiting for a message to be taken.
func (a *analyst) findWaits(r *route, f *flow, v *verdict) {
	v.waiting = make([]bool, len(v.gaps))
	for i, g := range v.gaps {
		c, ok := r.carriers[g.site]
		if !ok || c.taker == none {
			continue
		}
		d := a.deliveries(f, c)
		if !a.waits(r, c, d) {
			continue
		}
		v.waiting[i] = true
		if v.waits == nil || d.since < v.waits.Since.UnixNano() {
			p := a.places.list[c.taker]
			v.taker = c.taker
			v.waits = &Wait{Queue: a.sites.list[c.sent].target, Consumer: p.service.Name, Since: time.Unix(0, d.since).UTC(), Tries: d.tries}
		}
	}
	// What a waiting step sends, and what follows from that, waits with it.
	for range v.gaps {
		for i, g := range v.gaps {
			c, ok := r.carriers[g.site]
			v.waiting[i] = v.waiting[i] || ok && c.sent != none && slices.ContainsFunc(v.gaps, func(o gap) bool { return o.site == c.sent && v.waiting[slices.Index(v.gaps, o)] })
		}
	}
}

// doneTwice reports whether a step was done in more than one attempt: below two
// attempts of one call, by two deliveries of one message, or in two visits where
// there has always been one.
func (a *analyst) doneTwice(r *route, f *flow, n int32, s *step) bool {
	if len(s.commits) < 2 {
		return false
	}
	if !f.batched && r.once(n) && a.homes(s) > 1 {
		return true
	}
	const most = 16
	var first []map[callKey]int64
	for _, c := range s.commits[:min(len(s.commits), most)] {
		way := a.way(c)
		for _, other := range first {
			for k, attempt := range way {
				if had, ok := other[k]; ok && had != attempt {
					return true
				}
			}
		}
		first = append(first, way)
	}
	return false
}

// callKey names a call of a trace, or a message and who takes it.
type callKey struct {
	record, call int32
	message      trace.Ref
	place        int32
}

// way lists the calls that lead to an event, and the attempt of each.
func (a *analyst) way(c ref) map[callKey]int64 {
	out := map[callKey]int64{}
	at := c
	for range longestChain {
		rec := &a.records[at.record]
		e := a.event(at)
		if e.call != none {
			out[callKey{record: at.record, call: e.call}] = int64(e.attempt)
		}
		var from *trace.Ref
		for v := e.visit; v >= 0; v = rec.visits[v].parent {
			w := &rec.visits[v]
			if w.call >= 0 && !w.consumes {
				out[callKey{record: at.record, call: w.call}] = int64(w.attempt)
			}
			if len(w.messages) == 1 {
				from = &w.messages[0]
				out[callKey{message: *from, place: w.place, record: none, call: none}] = int64(at.record)<<32 | int64(v)
				break
			}
		}
		if from == nil {
			break
		}
		sent, ok := a.queues.sends[*from]
		if !ok {
			break
		}
		at = sent
	}
	return out
}

// doubtful is from which probability on a gap is taken for lost spans.
const doubtful = 0.5

// doubts takes out the gaps that lost spans explain better. Where the message
// that leads to a step is absent itself, what explains that explains the step.
func (a *analyst) doubts(v *verdict) {
	f := &a.flows[v.flow]
	for i := range v.gaps {
		v.gaps[i].lost = a.losses.likely(gapKey{f.route, v.gaps[i].site, v.gaps[i].in})
	}
	for range v.gaps {
		for i := range v.gaps {
			c := a.learned[f.route].carriers[v.gaps[i].site]
			for _, g := range v.gaps {
				if c.taker != none && g.site == c.sent {
					v.gaps[i].lost = max(v.gaps[i].lost, g.lost)
				}
			}
		}
	}
	var gaps []gap
	var waiting []bool
	for i, g := range v.gaps {
		if g.lost < doubtful {
			gaps, waiting = append(gaps, g), append(waiting, v.waiting[i])
		} else {
			v.doubt = true
		}
	}
	v.gaps, v.waiting = gaps, waiting
}

// state is what became of the workflow; "" where it is done, or did nothing.
func (v *verdict) state() WorkflowState {
	open := slices.Contains(v.waiting, false) // a gap that nothing will fill
	switch {
	case len(v.gaps) > 0 && (v.young || !open):
		return Running
	case len(v.gaps) > 0:
		return HalfDone
	case len(v.twice) > 0:
		return DoneTwice
	case len(v.perhaps) > 0:
		return PerhapsTwice
	case len(v.undone) > 0:
		return Undone
	}
	return ""
}

// countPending lists since when the messages of each consumer wait.
func (a *analyst) countPending(verdicts []verdict) {
	for i := range verdicts {
		if v := &verdicts[i]; v.waits != nil && v.state() == Running {
			a.queues.pending[v.taker] = append(a.queues.pending[v.taker], v.waits.Since.UnixNano())
		}
	}
	for _, p := range a.queues.pending {
		slices.Sort(p)
	}
}

// conclude counts a verdict and lists it.
func (a *analyst) conclude(out *WorkflowReport, v *verdict) {
	f := &a.flows[v.flow]
	c := &out.Counts
	c.Workflows++
	state := v.state()
	switch {
	case state == HalfDone:
		c.HalfDone++
	case state == Undone:
		c.Undone++
	case state == Running:
		c.Running++
	case state == "" && !a.changes(f):
		c.Nothing++
	case state == "" || state == PerhapsTwice:
		c.Done++
	}
	if len(v.twice) > 0 {
		c.DoneTwice++
	}
	if len(v.perhaps) > 0 {
		c.PerhapsTwice++
	}
	if v.doubt && state == "" {
		c.Doubtful++
	}
	if state == "" {
		return
	}
	head := &a.records[f.records[0]]
	p := a.places.list[f.route]
	w := Workflow{
		TraceID: head.id, Linked: []trace.TraceID{}, Route: p.operation, Service: p.service.Name, State: state,
		Start: time.Unix(0, f.start).UTC(), End: time.Unix(0, f.end).UTC(), Keys: a.keysOf(v.flow),
		Done: a.stepsOf(f, v.done), Missing: []Gap{}, Twice: a.stepsOf(f, v.twice), Undone: a.stepsOf(f, v.undone),
		Perhaps: v.perhaps,
	}
	if w.Perhaps == nil {
		w.Perhaps = []Perhaps{}
	}
	if w.Keys == nil {
		w.Keys = []Key{}
	}
	for _, m := range f.records[1:] {
		w.Linked = append(w.Linked, a.records[m].id)
	}
	slices.SortFunc(w.Linked, func(x, y trace.TraceID) int { return bytes.Compare(x[:], y[:]) })
	w.LostSpans = 1
	for _, g := range v.gaps {
		w.Missing = append(w.Missing, Gap{a.stepID(g.site), a.why(f, g), g.lost})
		w.LostSpans = min(w.LostSpans, g.lost)
	}
	if len(v.gaps) == 0 {
		w.LostSpans = 0
	}
	if state == Running && v.waits != nil {
		w.Waits = v.waits
		w.Waits.Ahead, _ = slices.BinarySearch(a.queues.pending[v.taker], v.waits.Since.UnixNano())
	}
	out.Workflows = append(out.Workflows, w)
}

func (a *analyst) why(f *flow, g gap) string {
	switch g.in {
	case tried:
		if f.steps[g.site].state == unknown {
			return "gave-up"
		}
		return "failed"
	case messageFailed:
		return "message-failed"
	case notTaken:
		return "message-not-taken"
	case visited:
		return "service-failed"
	case afterFailure:
		return "not-reached"
	}
	return "silent"
}

func (a *analyst) stepID(n int32) StepID {
	s := &a.sites.list[n]
	return StepID{Service: s.home.service.Name, Operation: s.home.operation, Call: s.call, Target: s.target}
}

func (a *analyst) stepsOf(f *flow, sites []int32) []Step {
	out := []Step{}
	for _, n := range sites {
		s := f.steps[n]
		out = append(out, Step{a.stepID(n), time.Unix(0, s.start).UTC(), len(s.commits)})
	}
	return out
}

// describe tells what was learned, and what limits the answer.
func (a *analyst) describe(out *WorkflowReport) {
	for _, r := range a.learned {
		if len(r.sites) == 0 {
			continue
		}
		p := a.places.list[r.place]
		d := Route{Service: p.service.Name, Operation: p.operation, Workflows: r.flows, Steps: []Learned{}, Deadline: float64(r.deadline) / 1e9, Settled: float64(r.settled) / 1e9}
		for _, n := range r.sites {
			if a.undoes[n] != nil {
				continue
			}
			delays := r.delays[n]
			d.Steps = append(d.Steps, Learned{
				StepID: a.stepID(n), Share: float64(r.count[n]) / float64(r.flows),
				Delay: float64(median(delays)) / 1e9, Latest: float64(latest(delays)) / 1e9, Message: r.carriers[n].taker != none,
			})
		}
		out.Routes = append(out.Routes, d)
	}
	slices.SortFunc(out.Routes, func(x, y Route) int {
		return cmp.Or(cmp.Compare(x.Service, y.Service), cmp.Compare(x.Operation, y.Operation), cmp.Compare(x.Workflows, y.Workflows))
	})
	for n, u := range a.undoes {
		d := Undoing{StepID: a.stepID(n), Seen: u.seen, ByName: u.byName}
		for _, m := range u.undoes {
			d.Undoes = append(d.Undoes, a.stepID(m))
		}
		out.Undoing = append(out.Undoing, d)
	}
	slices.SortFunc(out.Undoing, func(x, y Undoing) int { return x.StepID.compare(y.StepID) })
	for n, name := range a.keyNames.list {
		if a.keyed[n] {
			out.Keys = append(out.Keys, name)
		}
	}
	slices.Sort(out.Keys)
	a.notes(out)
}

func (s StepID) compare(o StepID) int {
	return cmp.Or(cmp.Compare(s.Service, o.Service), cmp.Compare(s.Operation, o.Operation), cmp.Compare(s.Call, o.Call), s.Target.Compare(o.Target))
}

func (a *analyst) notes(out *WorkflowReport) {
	note := func(format string, args ...any) { out.Notes = append(out.Notes, fmt.Sprintf(format, args...)) }
	if n := out.Counts.Unknown; n > 0 {
		note("%d workflows could not be judged: too few of their kind ended well to learn from (a baseline helps).", n)
	}
	if n := out.Counts.Fragments; n > 0 {
		note("%d traces that change something have no beginning, and belong to no workflow that is known.", n)
	}
	if n := out.Counts.Doubtful; n > 0 {
		note("%d workflows lack a step whose spans were more likely lost than never made; they count as done.", n)
	}
	for i := range out.Routes {
		for _, s := range out.Routes[i].Steps {
			if s.Message && s.Share < usually {
				note("%s is seen in %.0f%% of the workflows of %s %s: its traces may be sampled on their own, and one that is absent says nothing.",
					s.StepID, 100*s.Share, out.Routes[i].Service, out.Routes[i].Operation)
			}
		}
	}
	if out.Lost >= 0.001 {
		note("%.1f%% of the spans never came; how likely that explains a gap stands with it.", 100*out.Lost)
	}
	if a.leftOut > 0 {
		note("%d traces that change state were left out: only %d are kept.", a.leftOut, a.opt.MaxTraces)
	}
}
