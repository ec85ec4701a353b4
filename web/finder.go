package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"headwater/analysis"
	"headwater/graph/trace"
)

// TraceList is the answer of /api/v1/traces.
type TraceList struct {
	Range  analysis.Interval `json:"range"`
	Looked int64             `json:"looked"` // spans that were looked at
	Found  int               `json:"found"`  // traces that fit, before the limit, of what was looked at
	More   bool              `json:"more"`   // enough were found: further back nothing was looked at
	Cut    string            `json:"cut"`    // why not all was looked at, as a sentence; empty where all was
	Traces []FoundTrace      `json:"traces"`
}

// FoundTrace is a trace with at least one span that fits. What is said of the
// whole trace is of its spans that start within the range. Durations are seconds.
type FoundTrace struct {
	ID       trace.TraceID `json:"id"`
	Service  string        `json:"service"` // of the root; empty where it starts outside of the range
	Name     string        `json:"name"`    // of the root
	Start    time.Time     `json:"start"`   // of the root, else of the earliest span
	Duration float64       `json:"duration"`
	Failed   bool          `json:"failed"` // the root failed
	Spans    int           `json:"spans"`
	Failures int           `json:"failures"` // spans that failed
	Matches  int           `json:"matches"`  // spans that fit
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
	q       condition
	looked  int64
	traces  map[trace.TraceID]*found
	words   map[string]string
	matched int    // traces that fit
	more    bool   // there may be more, further back
	full    string // what there was too much of
	cut     string
}

// kept gives a copy of a string that does not hold on to the block from which it
// was read; each is kept once.
func (f *finder) kept(s string) string {
	if k, ok := f.words[s]; ok {
		return k
	}
	if len(f.words) >= searchTraces {
		return strings.Clone(s)
	}
	s = strings.Clone(s)
	f.words[s] = s
	return s
}

// found is what is known of one trace.
type found struct {
	root               span
	first, last        int64
	spans, failures    int
	matches            int
	match              span
	matchOutcome       trace.Outcome
	rooted, rootFailed bool
}

// span is what is kept of a span.
type span struct {
	id            trace.SpanID
	service, name string
	start, end    int64
}

func newFinder(q condition) *finder {
	return &finder{q: q, traces: map[trace.TraceID]*found{}, words: map[string]string{}}
}

// look takes a span and reports whether more are wanted.
func (f *finder) look(s *trace.Span) bool {
	t := f.traces[s.TraceID]
	switch {
	case f.looked >= searchSpans:
		f.full = fmt.Sprintf("more than %d spans", searchSpans)
		return false
	case t == nil && len(f.traces) >= searchTraces:
		f.full = fmt.Sprintf("more than %d traces", searchTraces)
		return false
	case t == nil:
		t = &found{first: s.Start}
		f.traces[s.TraceID] = t
	}
	f.looked++
	f.add(t, s)
	return true
}

// read looks at the time range slice by slice, the newest first, until it has
// enough, holds too much, or ctx ends.
func (f *finder) read(ctx context.Context, source Spans) error {
	enough := false
	slice := int64(searchSlice)
	for end := f.q.to; end > f.q.from; end -= slice {
		if end != f.q.to {
			slice = min(2*slice, int64(searchLong))
		}
		err := source.Spans(ctx, max(f.q.from, end-slice), end, f.look)
		if f.full == "" && ctx.Err() != nil {
			f.full = fmt.Sprintf("more than can be read in %s", searchTime)
		}
		if f.full != "" {
			f.cut = fmt.Sprintf("There are %s in this time: those before %s were not all looked at. A shorter time finds all.",
				f.full, time.Unix(0, end).UTC().Format("15:04:05 MST"))
			return nil
		}
		if err != nil {
			return err
		}
		// One slice more than would do: that is where most of what was found begins.
		if enough {
			f.more = end-slice > f.q.from
			return nil
		}
		enough = !f.q.longest && f.matched >= f.q.limit
	}
	return nil
}

func (f *finder) add(t *found, s *trace.Span) {
	x := span{id: s.SpanID, start: s.Start, end: s.Start + s.Duration()}
	named := func() span {
		x.name = f.kept(s.Name)
		if s.Resource != nil {
			x.service = f.kept(s.Resource.Service)
		}
		return x
	}
	outcome := trace.OutcomeOf(s)
	t.spans++
	if outcome != trace.OK {
		t.failures++
	}
	t.first, t.last = min(t.first, x.start), max(t.last, x.end)
	if s.Parent.IsZero() && (!t.rooted || x.start < t.root.start) {
		t.rooted, t.root, t.rootFailed = true, named(), outcome != trace.OK
	}
	if !f.q.fits(s) {
		return
	}
	if t.matches++; t.matches == 1 {
		f.matched++
	}
	longer := cmp.Or(cmp.Compare(x.end-x.start, t.match.end-t.match.start), slices.Compare(t.match.id[:], x.id[:]))
	if t.matches == 1 || longer > 0 {
		t.match, t.matchOutcome = named(), outcome
	}
}

// list gives the traces that fit, sorted and limited.
func (f *finder) list() TraceList {
	l := TraceList{
		Range:  analysis.Interval{Start: time.Unix(0, f.q.from).UTC(), End: time.Unix(0, f.q.to).UTC()},
		Looked: f.looked, More: f.more, Cut: f.cut, Traces: []FoundTrace{},
	}
	for id, t := range f.traces {
		if t.matches > 0 {
			l.Traces = append(l.Traces, t.view(id))
		}
	}
	slices.SortFunc(l.Traces, func(a, b FoundTrace) int {
		newest := cmp.Or(b.Start.Compare(a.Start), slices.Compare(a.ID[:], b.ID[:]))
		if f.q.longest {
			return cmp.Or(cmp.Compare(b.Match.Duration, a.Match.Duration), newest)
		}
		return newest
	})
	l.Found = len(l.Traces)
	l.Traces = l.Traces[:min(f.q.limit, len(l.Traces))]
	return l
}

func (t *found) view(id trace.TraceID) FoundTrace {
	v := FoundTrace{
		ID: id, Start: time.Unix(0, t.first).UTC(), Duration: float64(t.last-t.first) / 1e9,
		Spans: t.spans, Failures: t.failures, Matches: t.matches,
		Match: Match{t.match.id, t.match.service, t.match.name, float64(t.match.end-t.match.start) / 1e9, t.matchOutcome.String()},
	}
	if t.rooted {
		v.Service, v.Name, v.Failed = t.root.service, t.root.name, t.rootFailed
		v.Start, v.Duration = time.Unix(0, t.root.start).UTC(), float64(t.root.end-t.root.start)/1e9
	}
	return v
}
