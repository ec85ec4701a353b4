package analysis

import (
	"cmp"
	"slices"

	"headwater/graph"
)

// explainer explains one incident.
type explainer struct {
	windows, known []*graph.Window
	at             stretch
	earlier        []stretch // incidents before this one: no part of its baseline
	opt            Options

	before, during []*graph.Window
	source         string
	noise          noise      // of before
	sheet          *sheet     // of before
	taken          []*takings // of during, one by one
	whole          *rested    // of the whole incident
	start          *rested    // of its beginning; whole where it is short
}

// explain returns false where there is nothing healthy to compare with.
func (x *explainer) explain() (Incident, bool) {
	x.during = x.windows[x.at.from:x.at.to]
	x.findBaseline()
	if len(x.before) == 0 {
		return Incident{}, false
	}
	base := graph.Sum(x.before)
	now := graph.Sum(x.during)
	x.noise = noiseIn(x.before)
	x.whole = rest(base, now, now, x.noise, len(x.known) > 0)
	x.sheet = newSheet(base, now, x.noise)
	for _, w := range x.during {
		x.taken = append(x.taken, x.sheet.read(w))
	}
	x.start = x.early(base)
	inc := Incident{Start: utc(x.during[0].Start), Notes: []string{}}
	last := x.during[len(x.during)-1]
	end := utc(last.Start + last.Length)
	if !x.at.open {
		inc.End = &end
	}
	inc.Baseline = BaselineOf{Source: x.source, Windows: len(x.before)}
	first, final := x.before[0], x.before[len(x.before)-1]
	inc.Baseline.Range = Interval{utc(first.Start), utc(final.Start + final.Length)}
	inc.Impact = x.impact()
	inc.Balance = x.whole.balance
	var origin place
	inc.Causes, origin = x.causes()
	inc.Phases, inc.Order = []Phase{}, x.order()
	if len(inc.Causes) > 0 {
		course := x.course(origin)
		inc.Phases = x.phases(course)
		if inc.Metastable = course.lingers(); inc.Metastable {
			inc.Sustained = x.sustained(course, inc.Causes)
		}
		inc.Forecast = x.forecast(course)
		inc.Containment = x.containment(origin)
	}
	inc.Nodes, inc.Edges = x.views(inc.Causes)
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
	}
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
func (x *explainer) early(base *graph.Window) *rested {
	pain := 0.0
	for _, p := range x.whole.pains {
		pain += p.weight()
	}
	so := x.sheet.nothing()
	for k, taken := range x.taken {
		felt, requests := 0.0, 0.0
		if k >= earlyWindows {
			for _, p := range x.sheet.pains(so, nil) {
				if w := p.weight(); w > 0 {
					felt += w
					requests += p.requests
				}
			}
		}
		if requests >= earlyRequests && felt >= earlyShare*pain {
			return rest(base, graph.Sum(x.during[:k]), graph.Sum(x.during[k:min(k+earlyLater, len(x.during))]), x.noise, len(x.known) > 0)
		}
		so.add(taken)
	}
	return x.whole
}
