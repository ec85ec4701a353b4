package analysis

import (
	"cmp"
	"slices"
	"time"

	"headwater/graph"
)

// explainer explains one incident.
type explainer struct {
	windows, known []*graph.Window
	days           *days
	at             stretch
	earlier        []stretch // incidents before this one: no part of its baseline
	opt            Options

	looked         []*graph.Window // that the incident was found in
	before, during []*graph.Window
	*carried       // may come from an earlier look at the incident
	source, why    string
	whole          *rested // of the whole incident
	start          *rested // of its beginning; whole where it is short
}

// explain returns false where there is nothing healthy to compare with.
func (x *explainer) explain() (Incident, bool) {
	x.look()
	if len(x.before) == 0 {
		return Incident{}, false
	}
	if x.carried == nil {
		x.carried = &carried{}
	}
	x.goOn(x.before, x.during)
	if !x.at.open {
		if n := x.lasted(x.base); n < len(x.during) {
			x.during = x.during[:n]
			x.goOn(x.before, x.during)
		}
	}
	x.whole = rest(x.base, x.now, x.now, x.noise, len(x.known) > 0)
	x.start = x.early()
	inc := Incident{Start: utc(x.during[0].Start), Notes: []string{}}
	last := x.during[len(x.during)-1]
	end := utc(last.Start + last.Length)
	if !x.at.open {
		inc.End = &end
	}
	inc.Baseline = BaselineOf{Source: x.source, Windows: len(x.before), Why: x.why}
	first, final := x.before[0], x.before[len(x.before)-1]
	inc.Baseline.Range = Interval{utc(first.Start), utc(final.Start + final.Length)}
	inc.Impact = x.impact()
	inc.Balance = x.whole.balance
	var origin place
	inc.Causes, origin = x.causes()
	inc.Phases, inc.Order = []Phase{}, x.order()
	lasting := x.during
	if len(inc.Causes) > 0 {
		course := x.course(origin)
		inc.Phases = x.phases(course)
		inc.Metastable, inc.Sustained = x.sustained(course)
		inc.Recovery, inc.Forecast = x.recovery(course, inc.Causes)
		inc.Containment = x.containment(origin)
		if !inc.Metastable {
			lasting = x.during[:max(1, min(course.removed, len(x.during)))]
		}
	}
	inc.Nodes, inc.Edges = x.views(inc.Causes, lasting)
	inc.Timeline = x.timeline()
	inc.State = x.state(&inc)
	if len(inc.Causes) > 0 {
		inc.Confidence = inc.Causes[0].Confidence
	}
	breached := x.at.first
	if breached.IsZero() && len(inc.Impact) > 0 {
		breached = inc.Impact[0].Node
	}
	inc.ID = incidentID(x.during[0].Start, breached)
	inc.Sentence = sentence(&inc)
	return inc, true
}

// look finds the windows that the explanation is made from.
func (x *explainer) look() {
	x.looked = x.windows[x.at.from:x.at.to]
	x.during = x.looked
	x.before = nil
	x.findBaseline()
}

// findBaseline takes the windows before the incident that are in no other, and
// the known-good ones.
func (x *explainer) findBaseline() {
	x.source = "before"
	for i := x.at.from - 1; i >= 0 && len(x.before) < historyKept; i-- {
		if !slices.ContainsFunc(x.earlier, func(s stretch) bool { return i >= s.from && i < s.to }) {
			x.before = append(x.before, x.windows[i])
		}
	}
	slices.Reverse(x.before)
	if len(x.known) > 0 {
		x.source = "file"
		x.before = append(slices.Clone(x.known), x.before...)
		slices.SortStableFunc(x.before, func(a, b *graph.Window) int { return cmp.Compare(a.Start, b.Start) })
		return
	}
	x.baselineByDay()
}

// baselineByDay takes the same time of an earlier day where that says better what
// is normal than the time before: where the rhythm of the day changes things just
// then, where what is wrong came too slowly, or where there is no time before.
func (x *explainer) baselineByDay() {
	if x.days == nil {
		return
	}
	first, last := x.during[0], x.during[len(x.during)-1]
	from := minuteOf(first.Start)
	minutes, back, ill := x.days.like(from, min(minuteOf(last.Start), from+longestDay), x.earlier, x.windows)
	if minutes == nil {
		x.why = "No earlier day is known at this time."
		if ill {
			x.why = "The same time of the earlier day was part of an incident."
		}
		return
	}
	day, source := "yesterday", "yesterday"
	if back != ago[0] {
		day, source = "a week ago", "week-ago"
	}
	switch {
	case x.at.ramp:
		x.why = "It came so slowly that the time before was no better; " + day + " at the same time it was."
	case len(x.before) < historyNeeded:
		x.why = "There is too little of the time before."
	case x.rhythm(minutes, from-int64(back)):
		x.why = "At the same time " + day + " things changed as they do every day; that is no part of the incident."
	default:
		x.why = "As healthy as the same time " + day + "."
		return
	}
	x.source = source
	x.before = x.days.whole(minutes)
}

// longestDay bounds how much of an earlier day is taken for a baseline.
const longestDay = int64(time.Hour)

// rhythm reports whether an earlier day, too, left what the time before says is
// normal.
func (x *explainer) rhythm(minutes []*graph.Window, from int64) bool {
	before := &detector{fixed: true, history: x.before}
	for i, w := range minutes {
		if w.Start >= from && !before.breached(w, minutes[max(0, i-1):i+1]).first.IsZero() {
			return true
		}
	}
	return false
}

func (x *explainer) state(inc *Incident) State {
	switch {
	case !x.at.open:
		return Over
	case !x.at.users:
		return Building
	case !inc.Metastable && len(inc.Phases) > 0 && inc.Phases[len(inc.Phases)-1].Name == PhaseRecovery:
		return Recovering
	}
	return Outage
}

const (
	// earlyShare of the pain, and at least as many windows and requests, are the
	// beginning of an incident: what set it off shows there before what it led
	// to.
	earlyShare    = 0.05
	earlyWindows  = 2
	earlyRequests = 30
	// earlyLater is how many windows after the beginning show who died in it.
	earlyLater = 6
	// earlyWeight is how much the beginning counts for the trigger, against the
	// whole.
	earlyWeight = 0.7
)

// early lets the pressure of the incident's beginning come to rest.
func (x *explainer) early() *rested {
	pain := 0.0
	for _, p := range x.whole.pains {
		pain += p.weight()
	}
	for k := range x.during {
		felt, requests := x.feltFirst(k)
		if requests < earlyRequests || felt < earlyShare*pain {
			continue
		}
		later := x.during[k:min(k+earlyLater, len(x.during))]
		key := [2]int{k, len(later)}
		if x.starts[key] == nil {
			clear(x.starts) // those before are not asked for again
			x.starts[key] = rest(x.base, graph.Sum(x.during[:k]), graph.Sum(later), x.noise, len(x.known) > 0)
		}
		return x.starts[key]
	}
	return x.whole
}
