package web

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"headwater/analysis"
	"headwater/graph/trace"
)

// TraceList is the answer of /api/v1/traces: what was found from the newest back
// until there was enough, or time to answer.
type TraceList struct {
	Range  analysis.Interval `json:"range"`
	Looked int64             `json:"looked"` // spans that were looked at for this answer
	// Next is where to go on: of all that starts then or later, what fits was told.
	// Ask for it with before, and the ends of range as from and to. Null where all
	// was looked at.
	Next   *time.Time   `json:"next"`
	Traces []FoundTrace `json:"traces"`
}

// FoundTrace is a trace with at least one span that fits. Durations are seconds.
type FoundTrace struct {
	ID       trace.TraceID `json:"id"`
	Service  string        `json:"service"` // of the root; empty where that is not stored
	Name     string        `json:"name"`    // of the root
	Start    time.Time     `json:"start"`   // of the root, else of the earliest span
	Duration float64       `json:"duration"`
	Failed   bool          `json:"failed"` // the root failed
	Spans    int           `json:"spans"`
	Failures int           `json:"failures"` // spans that failed
	Matches  int           `json:"matches"`  // spans that fit, of what was looked at
	Match    Match         `json:"match"`    // the longest of them
}

// Match is a span that fits.
type Match struct {
	SpanID   trace.SpanID `json:"span_id"`
	Service  string       `json:"service"`
	Name     string       `json:"name"`
	Duration float64      `json:"duration"`
	Outcome  string       `json:"outcome"`
}

// finder gathers what fits while spans are read.
type finder struct {
	q      condition
	by     *Sieve
	looked int64
	before int64 // all that starts then or later was looked at
	traces map[trace.TraceID]*found
	words  map[string]string
}

// found is what is known of one trace.
type found struct {
	id           trace.TraceID
	newest       int64 // start of the last span that fits
	matches      int
	match        span // the longest of them
	matchOutcome trace.Outcome

	root               span
	first, last        int64
	spans, failures    int
	rooted, rootFailed bool
}

// span is what is kept of a span.
type span struct {
	id            trace.SpanID
	service, name string
	start, end    int64
}

func newFinder(q condition) *finder {
	return &finder{q: q, by: q.sieve(), before: q.before, traces: map[trace.TraceID]*found{}, words: map[string]string{}}
}

// errCrowd is the error for more around one time than can be looked at.
var errCrowd = fmt.Errorf("more starts at one time than can be looked at in %s: %w", searchMust, context.DeadlineExceeded)

// find searches from the newest back until it has enough, or it is time to
// answer. It always comes on a little: who asks for the next part gets further.
func (f *finder) find(ctx context.Context, source Spans) (TraceList, error) {
	began := time.Now()
	err := source.Newest(ctx, f.q.from, f.q.before, f.by, func(p Piece) bool {
		f.looked += p.Looked
		for i := range p.Spans {
			f.take(&p.Spans[i])
		}
		f.before = p.Before
		if f.q.longest {
			f.narrow()
		}
		stuck := f.before == f.q.before && f.before > f.q.from
		return stuck || !f.enough() && time.Since(began) < searchTime && len(f.traces) < searchTraces
	})
	late := ctx.Err() != nil
	switch {
	case late && f.before == f.q.before:
		return TraceList{}, errCrowd
	case err != nil && !late:
		return TraceList{}, err
	}
	chosen := f.choose()
	if len(chosen) > 0 {
		ids := make([]trace.TraceID, len(chosen))
		for i, t := range chosen {
			ids[i] = t.id
		}
		err = source.OfTraces(ctx, ids, func(s *trace.Span) bool {
			f.about(f.traces[s.TraceID], s)
			return true
		})
		if err != nil && ctx.Err() == nil {
			return TraceList{}, err
		}
	}
	return f.list(chosen), nil
}

// take takes a span in that may fit.
func (f *finder) take(s *trace.Span) {
	length := s.Duration()
	if length < f.by.Least || !f.q.fits(s) {
		return
	}
	t := f.traces[s.TraceID]
	if t == nil {
		t = &found{id: s.TraceID, newest: s.Start, first: s.Start, last: s.Start + length}
		f.traces[s.TraceID] = t
	}
	t.matches++
	t.newest = max(t.newest, s.Start)
	longer := cmp.Or(cmp.Compare(length, t.match.end-t.match.start), slices.Compare(t.match.id[:], s.SpanID[:]))
	if t.matches == 1 || longer > 0 {
		t.match, t.matchOutcome = f.kept(s), trace.OutcomeOf(s)
	}
}

// kept is what is kept of a span; its texts do not hold on to the block from
// which it was read, and each is kept once.
func (f *finder) kept(s *trace.Span) span {
	text := func(s string) string {
		k, ok := f.words[s]
		if !ok {
			k = strings.Clone(s)
			if len(f.words) < searchTraces {
				f.words[k] = k
			}
		}
		return k
	}
	x := span{id: s.SpanID, name: text(s.Name), start: s.Start, end: s.Start + s.Duration()}
	if s.Resource != nil {
		x.service = text(s.Resource.Service)
	}
	return x
}

// narrow lets go of traces that are not among the longest, once there are many,
// and of all that is no longer than these.
func (f *finder) narrow() {
	if len(f.traces) < 4*f.q.limit {
		return
	}
	all := f.sorted()
	for _, t := range all[f.q.limit:] {
		delete(f.traces, t.id)
	}
	least := all[f.q.limit-1].match
	f.by.Least = max(f.by.Least, least.end-least.start)
}

// enough reports whether there are as many traces as are wanted, none of which
// any that starts earlier can go before.
func (f *finder) enough() bool {
	if f.q.longest || len(f.traces) < f.q.limit {
		return false
	}
	n := 0
	for _, t := range f.traces {
		if t.newest >= f.before {
			n++
		}
	}
	return n >= f.q.limit
}

// sorted gives all traces in the order that was asked for.
func (f *finder) sorted() []*found {
	return slices.SortedFunc(maps.Values(f.traces), func(a, b *found) int {
		order := cmp.Compare(b.newest, a.newest)
		if f.q.longest {
			order = cmp.Or(cmp.Compare(b.match.end-b.match.start, a.match.end-a.match.start), order)
		}
		return cmp.Or(order, slices.Compare(a.id[:], b.id[:]))
	})
}

// choose gives the traces to answer with, and moves to where to go on after them.
func (f *finder) choose() []*found {
	all := f.sorted()
	if f.q.longest {
		return all[:min(f.q.limit, len(all))]
	}
	// Of what starts before that time not all was looked at: it is for the next part.
	all = slices.DeleteFunc(all, func(t *found) bool { return t.newest < f.before })
	if len(all) <= f.q.limit {
		return all
	}
	n := f.q.limit
	for n < len(all) && all[n].newest == all[n-1].newest {
		n++
	}
	if n < len(all) {
		f.before = all[n-1].newest
	}
	return all[:n]
}

// about takes in a span of a trace that is answered with.
func (f *finder) about(t *found, s *trace.Span) {
	t.spans++
	outcome := trace.OutcomeOf(s)
	if outcome != trace.OK {
		t.failures++
	}
	t.first, t.last = min(t.first, s.Start), max(t.last, s.Start+s.Duration())
	if s.Parent.IsZero() && (!t.rooted || s.Start < t.root.start) {
		t.rooted, t.root, t.rootFailed = true, f.kept(s), outcome != trace.OK
	}
}

func (f *finder) list(chosen []*found) TraceList {
	l := TraceList{
		Range:  analysis.Interval{Start: time.Unix(0, f.q.from).UTC(), End: time.Unix(0, f.q.to).UTC()},
		Looked: f.looked, Traces: make([]FoundTrace, 0, len(chosen)),
	}
	if f.before > f.q.from {
		next := time.Unix(0, f.before).UTC()
		l.Next = &next
	}
	for _, t := range chosen {
		l.Traces = append(l.Traces, t.view())
	}
	return l
}

func (t *found) view() FoundTrace {
	v := FoundTrace{
		ID: t.id, Start: time.Unix(0, t.first).UTC(), Duration: float64(t.last-t.first) / 1e9,
		Spans: t.spans, Failures: t.failures, Matches: t.matches,
		Match: Match{t.match.id, t.match.service, t.match.name, float64(t.match.end-t.match.start) / 1e9, t.matchOutcome.String()},
	}
	if t.rooted {
		v.Service, v.Name, v.Failed = t.root.service, t.root.name, t.rootFailed
		v.Start, v.Duration = time.Unix(0, t.root.start).UTC(), float64(t.root.end-t.root.start)/1e9
	}
	return v
}
