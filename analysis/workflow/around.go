package workflow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"headwater/analysis"
	"headwater/graph/trace"
)

// WaitAfter is how long after an incident steps are still waited for.
const WaitAfter = 10 * time.Minute

const (
	// learnBefore is how long before an incident workflows are learned from.
	learnBefore = 10 * time.Minute
	// untold is how long an incident is taken for of which nothing tells how long it was.
	untold = time.Hour
	// countEach is the time that spans are counted by, longer where there would be
	// more than mostCounts of it.
	countEach  = time.Second
	mostCounts = 4096

	// usualMost is how many spans are judged for an answer, othersPart how many more, of
	// these, are learned from, but no fewer than leastOthers.
	usualMost   = 1_000_000
	othersPart  = 0.125
	leastOthers = 2_000
	// mostKept is how many traces that change state are kept for an answer, of about
	// 1 KB each, and mostListed how many workflows it lists.
	mostKept   = 100_000
	mostListed = 50_000
	// inWork is how long before the newest span that was read a workflow must have begun
	// to be judged, where time was up.
	inWork = time.Minute
)

// Store gives the traces that are stored.
type Store interface {
	// Counts tells about how many spans start in each stretch of time of [from, to),
	// Unix nanoseconds. It is quick.
	Counts(from, to, each int64) []int
	// Each calls yield with the traces that are selected, each once and whole, in any
	// order, until it returns false. A trace is good until yield returns.
	Each(ctx context.Context, s Selection, yield func(*trace.Trace) bool) error
}

// Selection are traces of a Store, by the spans of them that start in [From, To), Unix
// nanoseconds: what starts elsewhere is left out of them.
type Selection struct {
	From, To int64
	// Share is one in how many traces is wanted, by lot; 0 and 1 are all.
	Share uint32
	// CoreFrom and CoreTo are a stretch of time: all traces with a span that starts
	// in it are wanted, whatever their share. A trace with a link goes with the one
	// that it points at.
	CoreFrom, CoreTo int64
}

// Around is an incident in a store, of which the workflows are asked for. However much
// there is in it, there is an answer: where it is too much, only those that began in
// a stretch of the incident are judged, and what stands around it is learned from
// by a share of its traces.
type Around struct {
	// Incident is when it was. A zero End is open.
	Incident analysis.Interval
	// Trouble are other incidents, of which nothing is learned either.
	Trouble []analysis.Interval
	// From is where to begin, to go on where an answer ended. A zero From, or one
	// outside of it, is the incident's begin.
	From time.Time
	// Until is the end of what is stored, as far as it is known: no sooner than the
	// incident's.
	Until time.Time
	Store Store
	// Keys are as in Options.
	Keys []string
	// Most is about how many spans are judged, 1,000,000 where it is 0.
	Most int
}

// Judge judges the workflows. Where ctx reaches its deadline, what was read by then
// is judged, if there is something.
func (a Around) Judge(ctx context.Context) (*WorkflowReport, error) {
	a.Most = cmp.Or(a.Most, usualMost)
	p := a.plan()
	for {
		reader := NewReader(Options{Incident: p.judged(), Trouble: append(slices.Clone(a.Trouble), a.Incident), Keys: a.Keys, MaxTraces: mostKept})
		err := p.Store.Each(ctx, p.selection(), func(t *trace.Trace) bool {
			reader.Add(t)
			return reader.leftOut == 0 || !p.divisible()
		})
		switch late := time.Unix(0, reader.latest).Add(-inWork); {
		case errors.Is(err, context.DeadlineExceeded) && late.After(p.from):
			p.cut(late, true)
		case err != nil:
			return nil, err
		case reader.leftOut > 0 && p.divisible():
			p.halve()
			continue
		}
		return p.tell(reader), nil
	}
}

// plan is what is read and judged for an answer.
type plan struct {
	Around
	from, to time.Time // when workflows begin that are judged
	rest     bool      // more began after them
	late     bool      // time was up
	share    uint32    // one of so many other traces is learned from
}

// plan counts spans, and chooses from that.
func (a Around) plan() *plan {
	switch end := a.Incident.End; {
	case a.Until.Before(end):
		a.Until = end
	case end.IsZero() && !a.Until.After(a.Incident.Start):
		a.Until = a.Incident.Start.Add(untold)
	}
	p := &plan{Around: a, from: a.Incident.Start, to: a.Until, share: 1}
	if !a.Incident.End.IsZero() {
		p.to = a.Incident.End
	}
	if a.From.After(p.from) && a.From.Before(p.to) {
		p.from = a.From
	}
	p.choose()
	return p
}

// choose takes as much of the stretch that is to be judged as may be, and of the rest a
// share.
func (p *plan) choose() {
	s := p.selection()
	begin := p.from.UnixNano()
	each := max(int64(countEach), (s.To-begin)/mostCounts)
	others, n := 0, 0
	for _, c := range p.Store.Counts(s.From, begin, each) {
		others += c
	}
	for i, c := range p.Store.Counts(begin, s.To, each) {
		at := time.Unix(0, begin+int64(i)*each).UTC()
		switch {
		case at.After(p.to.Add(WaitAfter)): // it was cut
		case !at.Before(p.to):
			others += c
		case i > 0 && n+c > p.Most:
			p.cut(at, p.late)
			others += c
		default:
			n += c
		}
	}
	if room := max(leastOthers, int(othersPart*float64(p.Most))); others > max(room, p.Most-n) {
		p.share = uint32(others/room + 1)
	}
}

// cut judges only what began before a time.
func (p *plan) cut(to time.Time, late bool) {
	p.late = late
	if to.Before(p.to) {
		p.to, p.rest = to.UTC(), true
	}
}

// divisible reports whether less can be judged.
func (p *plan) divisible() bool { return p.to.Sub(p.from) > 2*countEach }

// halve judges half as much.
func (p *plan) halve() {
	p.cut(p.from.Add((p.to.Sub(p.from) / 2).Truncate(countEach)), p.late)
	p.Most /= 2
	p.share = 1
	p.choose()
}

// selection is what is read: what is learned from, and what is judged.
func (p *plan) selection() Selection {
	s := Selection{
		From: p.Incident.Start.Add(-learnBefore).UnixNano(), To: max(p.from.UnixNano()+1, min(p.to.Add(WaitAfter).UnixNano(), p.Until.Add(WaitAfter).UnixNano())),
		Share: p.share, CoreFrom: p.from.UnixNano(), CoreTo: p.to.UnixNano(),
	}
	return s
}

// judged is when workflows begin that are judged.
func (p *plan) judged() *analysis.Interval {
	i := &analysis.Interval{Start: p.from, End: p.to}
	if !p.rest {
		i.End = p.Incident.End
	}
	return i
}

// tell judges, and says in the answer what was looked at.
func (p *plan) tell(reader *Reader) *WorkflowReport {
	reader.opt.Incident = p.judged()
	r := reader.Report()
	if len(r.Workflows) > mostListed {
		if at := r.Workflows[mostListed].Start.Truncate(countEach); at.After(p.from) {
			p.cut(at, p.late)
			reader.opt.Incident = p.judged()
			r = reader.Report()
		}
	}
	r.Judged = &analysis.Interval{Start: p.from.UTC(), End: p.to.UTC()}
	r.Rest = p.rest
	clock := func(t time.Time) string { return t.UTC().Format(time.TimeOnly) }
	if p.rest || p.from.After(p.Incident.Start) {
		r.Notes = append(r.Notes, fmt.Sprintf("So much was going on that these are only the workflows of the incident that began from %s to %s UTC.", clock(p.from), clock(p.to)))
	}
	if p.share > 1 {
		r.Notes = append(r.Notes, fmt.Sprintf("Of the traces before and after, one of %d was learned from.", p.share))
	}
	if p.late {
		r.Notes = append(r.Notes, "Time was up before all was read.")
	}
	return r
}
