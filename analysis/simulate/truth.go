package simulate

import (
	"cmp"
	"slices"

	"headwater/analysis"
	"headwater/analysis/accuracy"
)

// truth writes down what really happened.
func (e *engine) truth() *accuracy.Truth {
	t := &accuracy.Truth{Source: "simulated", System: e.scenario.systemName(), Fault: e.scenario.Fault, Healthy: e.scenario.Healthy}
	t.HalfDone = e.halfDone
	if e.scenario.Healthy {
		return t
	}
	causes := e.causes()
	t.Cause, t.More = causes[0], causes[1:]
	t.TriggerStart, t.TriggerEnd = e.triggerRange()
	t.UsersHit, t.UsersWell = e.usersHurt(func(n *entry) *entryBook { return &n.book })
	shown, _ := e.usersHurt(func(n *entry) *entryBook { return &n.shown })
	t.Unshown = t.UsersHit != 0 && shown == 0
	t.Order = e.order()
	usersCalm := e.calmAgain(t.TriggerEnd)
	t.Calm = max(usersCalm, e.backlogGone(t.TriggerEnd))
	t.Edges = e.edgeTruths(e.tickOf(t.TriggerStart), e.tickOf(max(t.TriggerEnd, t.UsersWell)+e.length-1))
	if t.Calm > t.TriggerEnd+lingers {
		t.Sustaining = e.sustaining(e.tickOf(t.TriggerEnd), e.tickOf(t.Calm))
	}
	t.Metastable = len(t.Sustaining) > 0 && usersCalm > t.TriggerEnd+lingers
	e.coupling(t)
	return t
}

// lingers is how long trouble must go on after the trigger for
// something to have kept it up, in ns.
const lingers = 60e9

// systemName is the shipped system, or the scenario itself.
func (sc *Scenario) systemName() string { return cmp.Or(sc.SystemName, sc.Name) }

// triggerRange is when the first fault began and the last one ended: a bad
// version when its last instance is the old one again.
func (e *engine) triggerRange() (from, to int64) {
	from = e.trigger()
	for _, f := range e.faults {
		if !f.spec.Remedy {
			to = max(to, min(f.until+e.unrolling(f), e.end))
		}
	}
	return from, to
}

// tickOf is the tick that a time falls into; timeOf is when a tick begins.
func (e *engine) tickOf(at int64) int { return int((at - e.start) / e.length) }

func (e *engine) timeOf(tick int) int64 { return e.start + int64(tick)*e.length }

// onset is when a series leaves its usual range for good reason; 0 for never.
func (e *engine) onset(series []float32, floor float64) int64 {
	from := e.trigger()
	first, _ := leap(series, e.tickOf(from), floor)
	if first < 0 {
		return 0
	}
	return max(e.timeOf(first), from)
}

// usersHurt is when users of any entry were hurt first and last, by what the
// book of each entry says.
func (e *engine) usersHurt(bookOf func(*entry) *entryBook) (hit, well int64) {
	from := e.trigger()
	for _, n := range e.entries {
		b := bookOf(n)
		for _, s := range []struct {
			of    func(entryTick) float64
			floor float64
		}{{entryTick.failing, 0.05}, {entryTick.waiting, 0.02}} {
			series := b.ratio(s.of)
			first, last := leap(series, e.tickOf(from), s.floor)
			if first < 0 {
				continue
			}
			if at := max(e.timeOf(first), from); hit == 0 || at < hit {
				hit = at
			}
			usual, limit := limitOf(series, e.tickOf(from), s.floor)
			end := b.lastAbove(s.of, usual, limit, last)
			well = max(well, hit, e.timeOf(end))
		}
	}
	return hit, well
}

// backlogged is how many waiting messages above the usual are a backlog.
const backlogged = 5

// backlogGone is when the last queue's backlog was worked off; 0 without one.
func (e *engine) backlogGone(since int64) (at int64) {
	for _, g := range e.groups {
		if end := e.calmAfter(g.waiting.series, backlogged, since); end > 0 {
			at = max(at, end)
		}
	}
	return at
}

// calmAgain is when users were first well again, for a minute at least; what comes
// later is another story. 0 where they were never hurt.
func (e *engine) calmAgain(since int64) (at int64) {
	for _, n := range e.entries {
		for _, s := range []struct {
			series []float32
			floor  float64
		}{{n.book.failing(), 0.05}, {n.book.waiting(), 0.02}} {
			if end := e.calmAfter(s.series, s.floor, since); end > 0 {
				at = max(at, end-int64(n.book.pooled()/2)*e.length)
			}
		}
	}
	return at
}

// calmAfter is when a series is first back to the usual for good; 0 where it never
// left it.
func (e *engine) calmAfter(series []float32, floor float64, since int64) int64 {
	trigger, end := e.tickOf(e.trigger()), e.tickOf(since)
	last := -1
	for from := trigger; from < len(series); {
		limit := min(len(series), max(from, end)+int(lingers/e.length))
		_, to := leapWithin(series, trigger, floor, from, limit)
		if to < 0 {
			break
		}
		last = to
		from = to + 1
	}
	if last < 0 {
		return 0
	}
	return e.timeOf(last + 1)
}

// order lists services and stations by the onset of their own trouble, or else
// of being pressed; those without either are left out.
func (e *engine) order() (out []accuracy.OnsetOf) {
	for _, s := range e.services {
		own := earliest(e.struckAt(s.name), e.onset(s.busy.series, 0.3), e.onset(s.failed.series, 0.03))
		pressed := e.onset(together(s.waiting.series, s.queued.series), 0.2)
		for _, g := range e.groups {
			if g.service == s {
				pressed = earliest(pressed, e.onset(g.waiting.series, backlogged))
			}
		}
		out = append(out, accuracy.OnsetOf{Service: s.name, Own: own, Pressed: pressed})
	}
	for _, s := range e.stations {
		own := earliest(e.struckAt(s.name), e.onset(s.busy.series, 0.3))
		out = append(out, accuracy.OnsetOf{Service: s.address(), Own: own, Pressed: e.onset(s.queued.series, 0.2)})
	}
	out = slices.DeleteFunc(out, func(o accuracy.OnsetOf) bool { return o.Own == 0 && o.Pressed == 0 })
	slices.SortStableFunc(out, func(a, b accuracy.OnsetOf) int {
		return cmp.Or(
			cmp.Compare(earliest(a.Own, a.Pressed), earliest(b.Own, b.Pressed)),
			cmp.Compare(b.Own, a.Own)) // own trouble first, where a tick can't tell
	})
	return out
}

// earliest is the first of the times that are known; 0 if none is.
func earliest(times ...int64) int64 {
	first := int64(0)
	for _, t := range times {
		if t != 0 && (first == 0 || t < first) {
			first = t
		}
	}
	return first
}

// struckAt is when a fault first struck a service or station itself; 0 for
// never.
func (e *engine) struckAt(name string) int64 {
	for _, f := range e.faults {
		if s := f.spec; !s.Remedy && (s.Service == name || s.station() == name) {
			return f.from
		}
	}
	return 0
}

// edgeTruths counts the calls of every edge, from a tick to a tick.
func (e *engine) edgeTruths(from, to int) (out []accuracy.EdgeTruth) {
	add := func(caller, callee string, b *edgeBook) {
		t := accuracy.EdgeTruth{Caller: caller, Callee: callee}
		t.Calls, t.Attempts, t.Observable = b.sum(from, to)
		t.Tried, t.Recorded = b.tries(from, to)
		t.BaselineCalls, t.BaselineAttempts, _ = b.sum(0, from)
		if t.Calls > 0 || t.BaselineCalls > 0 {
			out = append(out, t)
		}
	}
	for _, ed := range e.edges {
		if ed.entry == nil {
			add(ed.caller.name, ed.seenAs(), &ed.book)
		}
	}
	for _, g := range e.groups {
		add(g.topic.name, g.service.name, &g.book)
	}
	return out
}

// sustaining names what kept the pressure up from a tick to a tick: retries, a
// backlog, a cold cache.
func (e *engine) sustaining(from, to int) (out []accuracy.Labelled) {
	label := func(kind analysis.CauseKind, name string, also ...string) {
		out = append(out, accuracy.Labelled{Kind: string(kind), Name: name, Accept: append([]string{name}, also...)})
	}
	trigger := e.tickOf(e.trigger())
	for _, ed := range e.edges {
		calls, attempts, _ := ed.book.sum(from, to)
		usualCalls, usualAttempts, _ := ed.book.sum(0, trigger)
		if calls == 0 {
			continue
		}
		usual := float64(usualAttempts) / float64(max(usualCalls, 1))
		if float64(attempts)/float64(calls) > max(usual, 1)+0.3 {
			if ed.entry != nil {
				label(analysis.CauseLoad, ed.entry.step.target.server.name, ed.callee.name)
			} else {
				label(analysis.CauseRetryPolicy, ed.caller.name+"->"+ed.seenAs(), ed.caller.name)
			}
		}
	}
	for _, g := range e.groups {
		if _, last := leap(g.waiting.series, trigger, backlogged); last > from {
			label(analysis.CauseQueue, g.topic.name, g.topic.broker.address())
		}
	}
	for _, s := range e.stations {
		if s.kind == cacheKind && from < len(s.warmth) && s.warmth[from] < 0.7 {
			label(analysis.CauseCache, s.address())
		}
	}
	return out
}
