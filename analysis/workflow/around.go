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

const (
	// learnBefore is how long before an incident workflows are learned from, and
	// waitAfter how long after it steps are still waited for.
	learnBefore = 10 * time.Minute
	waitAfter   = 10 * time.Minute
	// countEach is the time that spans are counted by, longer where there would be
	// more than mostCounts of it.
	countEach  = 10 * time.Second
	mostCounts = 4096

	usualHold = 300_000
	usualRead = 40_000_000
	// mostOften is how often all is read at most, and othersPart the part of what may
	// be held that is kept for traces which are learned from and not judged.
	mostOften  = 8
	othersPart = 0.25
)

// Around is an incident in a store, of which the workflows are asked for. However much
// there is in it, there is an answer: where it is too much, only those that began in
// a stretch of the incident are judged, and what stands around it is learned from
// by a share of its traces.
type Around struct {
	// Incident is when it was. A zero End is open.
	Incident analysis.Interval
	// From is where to begin, to go on where an answer ended. A zero From, or one
	// outside of it, is the incident's begin.
	From time.Time
	// Until is the end of what is stored.
	Until time.Time
	// Spans gives the stored spans that start in [from, to), Unix nanoseconds. It may
	// leave out those of traces that are not wanted; a nil wanted wants all.
	Spans func(ctx context.Context, from, to int64, wanted func(trace.TraceID) bool, yield func(*trace.Span) bool) error
	// Keys are as in Options.
	Keys []string
	// Hold is about how many spans are held in memory, 300,000 where it is 0, and Read
	// about how many are read in all, 40 million.
	Hold, Read int
}

// Judge judges the workflows. Where ctx reaches its deadline, what was read by then
// is judged, if that is a part of the traces.
func (a Around) Judge(ctx context.Context) (*WorkflowReport, error) {
	a.Hold, a.Read = cmp.Or(a.Hold, usualHold), cmp.Or(a.Read, usualRead)
	p, err := a.plan(ctx)
	if err != nil {
		return nil, err
	}
	judged := analysis.Interval{Start: p.from, End: p.to}
	if !p.rest {
		judged.End = a.Incident.End
	}
	reader := NewReader(Options{Incident: &judged, Trouble: []analysis.Interval{a.Incident}, Keys: a.Keys})
	wanted, err := p.wanted(ctx)
	if err != nil {
		return nil, err
	}
	done, parts := 0, p.held/a.Hold+1
	for part := range parts {
		err := gather(ctx, p.read, a.Hold, uint64(part), uint64(parts), wanted, reader.Add)
		if errors.Is(err, context.DeadlineExceeded) && done > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		done++
	}
	r := reader.Report()
	p.tell(r, done, parts)
	return r, nil
}

// plan is what is read and judged for an answer.
type plan struct {
	Around
	from, to time.Time // when workflows begin that are judged
	rest     bool      // more began after them
	before   int64     // begin of what is learned from
	after    int64     // end of what is read
	held     int       // spans that are held, in all parts
	share    uint64    // one of so many other traces is held
}

// plan counts spans, and chooses from that.
func (a Around) plan(ctx context.Context) (*plan, error) {
	p := &plan{Around: a, from: a.Incident.Start, to: a.Incident.End, share: 1}
	end := a.Until
	if !a.Incident.End.IsZero() && a.Incident.End.Before(end) {
		end = a.Incident.End
	}
	if a.From.After(p.from) && a.From.Before(end) {
		p.from = a.From
	}
	p.to = end
	p.before = a.Incident.Start.Add(-learnBefore).UnixNano()
	p.after = p.reaches(end)
	each := max(int64(countEach), (p.after-p.from.UnixNano())/mostCounts)
	counts := make([]int, (p.after-p.from.UnixNano())/each+1) // by when they start
	all, counted := 0, end                                    // until when all are counted
	if err := p.Spans(ctx, p.from.UnixNano(), p.after, nil, func(s *trace.Span) bool {
		all++
		counts[(s.Start-p.from.UnixNano())/each]++
		if all >= a.Read/2 {
			counted = time.Unix(0, s.Start)
		}
		return all < a.Read/2
	}); err != nil {
		return nil, err
	}
	before := 0
	if err := p.Spans(ctx, p.before, a.Incident.Start.UnixNano(), nil, func(*trace.Span) bool {
		before++
		return before < a.Read/2
	}); err != nil {
		return nil, err
	}
	all += before
	often := min(mostOften, max(1, a.Read/max(all, 1)-2))
	p.held = all
	if all <= often*a.Hold {
		return p, nil
	}
	most, n := int((1-othersPart)*float64(often*a.Hold)), 0
	for i, c := range counts {
		at := time.Unix(0, p.from.UnixNano()+int64(i)*each).UTC()
		if !at.Before(end) {
			break
		}
		if i > 0 && (n+c > most || !at.Before(counted)) {
			p.to, p.rest = at, true
			break
		}
		n += c
	}
	p.after = p.reaches(p.to)
	others := all - n
	room := max(a.Hold/2, often*a.Hold-n)
	p.share = uint64(others/room + 1)
	p.held = n + others/int(p.share)
	return p, nil
}

// reaches is until when is read for workflows that begin before a time.
func (p *plan) reaches(end time.Time) int64 {
	return max(p.from.UnixNano()+1, min(end.Add(waitAfter).UnixNano(), p.Until.Add(waitAfter).UnixNano()))
}

// read gives what is learned from, and what is judged.
func (p *plan) read(ctx context.Context, wanted func(trace.TraceID) bool, yield func(*trace.Span) bool) error {
	on := true
	each := func(s *trace.Span) bool {
		on = yield(s)
		return on
	}
	begin := p.Incident.Start.UnixNano()
	if p.from.UnixNano() == begin {
		return p.Spans(ctx, p.before, p.after, wanted, each)
	}
	if err := p.Spans(ctx, p.before, begin, wanted, each); err != nil || !on {
		return err
	}
	return p.Spans(ctx, p.from.UnixNano(), p.after, wanted, each)
}

// wanted are the traces with spans in the stretch that is judged, a share of the
// others, and what follows from them over links. It is nil where that is all.
func (p *plan) wanted(ctx context.Context) (func(trace.TraceID) bool, error) {
	if p.share == 1 {
		return nil, nil
	}
	from, to := p.from.UnixNano(), p.to.UnixNano()
	in := map[trace.TraceID]standing{}
	most := mostOften * p.Hold
	follows := func(s *trace.Span) bool {
		return slices.ContainsFunc(s.Links, func(l trace.Link) bool { return l.TraceID == s.TraceID || in[l.TraceID] > follower })
	}
	if err := p.read(ctx, nil, func(s *trace.Span) bool {
		is := in[s.TraceID]
		switch {
		case is == firm:
		case s.Start >= from && s.Start < to:
			in[s.TraceID] = firm
		case len(s.Links) > 0 && follows(s):
			in[s.TraceID] = firm
		case len(s.Links) > 0 && is == drawn:
			in[s.TraceID] = follower
		case is == unknownTrace && len(s.Links) == 0 && PartOf(s.TraceID)>>24%p.share == 0:
			in[s.TraceID] = drawn
		}
		return len(in) < most
	}); err != nil {
		return nil, err
	}
	return func(id trace.TraceID) bool { return in[id] > follower }, nil
}

// standing is why a trace is wanted, or not.
type standing uint8

const (
	unknownTrace standing = iota
	follower              // it follows from a trace that is not wanted
	drawn                 // by lot
	firm                  // it began in the stretch that is judged, or follows from one that is wanted
)

// tell says in the answer what was looked at.
func (p *plan) tell(r *WorkflowReport, done, parts int) {
	r.Judged = &analysis.Interval{Start: p.from.UTC(), End: p.to.UTC()}
	r.Rest = p.rest
	clock := func(t time.Time) string { return t.UTC().Format(time.TimeOnly) }
	if p.rest || p.from.After(p.Incident.Start) {
		r.Notes = append(r.Notes, fmt.Sprintf("So much was going on that these are only the workflows of the incident that began from %s to %s UTC.", clock(p.from), clock(p.to)))
	}
	if p.share > 1 {
		r.Notes = append(r.Notes, fmt.Sprintf("Of the traces before and after, one of %d was learned from.", p.share))
	}
	if done < parts {
		r.Notes = append(r.Notes, fmt.Sprintf("Time was up after %d of %d parts of the traces: about %.0f%% of the workflows were looked at.", done, parts, 100*float64(done)/float64(parts)))
	}
}
