package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"headwater/analysis"
	"headwater/analysis/contrast"
	"headwater/graph"
	"headwater/graph/trace"
)

// mostContrasted is how many spans are held in memory to part good traces from
// bad ones. Where there are more, there is time to compare with.
const mostContrasted = 500_000

// contrasted compares the bad requests of a recording with the good ones. whole
// is the report of all of them; it gives nil where there are too few of either.
func (q *question) contrasted(ctx context.Context, r *recording, whole *analysis.Report) (*analysis.Report, error) {
	parted, err := part(ctx, r)
	if err != nil || len(parted.Bad) == 0 {
		return nil, err
	}
	in := analysis.Input{Known: windowed(parted.Good), Windows: windowed(parted.Bad), Incident: &analysis.Interval{}}
	if q.Route != "" {
		in.Windows, in.Known = onRoute(in.Windows, q.Route), onRoute(in.Known, q.Route)
	}
	report := analysis.Analyze(in, analysis.Options{})
	report.Data, report.Range = whole.Data, whole.Range
	for i := range report.Incidents {
		report.Incidents[i].Baseline.Source = "contrast"
	}
	report.Notes = append(report.Notes, fmt.Sprintf(
		"%d bad requests (%d failed, the others slow) are compared with %d good ones of %s. How many requests came in is not compared.",
		len(parted.Bad), parted.Failed, len(parted.Good), strings.Join(parted.Routes, ", ")))
	return report, nil
}

// asked is contrasted where the user asks for it.
func (q *question) asked(ctx context.Context, r *recording) (*analysis.Report, error) {
	if r.stats.Spans > mostContrasted {
		return nil, fmt.Errorf("--contrast is for at most %d spans, and here are %d: --baseline with a stretch of time compares more", mostContrasted, r.stats.Spans)
	}
	whole := analysis.Analyze(analysis.Input{Windows: r.windows}, analysis.Options{})
	report, err := q.contrasted(ctx, r, whole)
	if err != nil || report != nil {
		return report, err
	}
	whole.Incidents = []analysis.Incident{}
	whole.Notes = append(whole.Notes, "No route has both enough good and enough bad requests to compare them: bad are those that failed, and slow ones that stand apart from the others of the same route and path. More traces of each would help.")
	return whole, nil
}

// fewRequests is how many requests may be too few to tell by time when something
// went wrong, over however many windows.
const fewRequests = 500

// unasked is contrasted where the recording has no time before to compare with,
// and nothing was found. It says why it did so.
func (q *question) unasked(ctx context.Context, r *recording, report *analysis.Report) (*analysis.Report, error) {
	if len(report.Incidents) > 0 || len(q.Baseline) > 0 || q.Incident != nil || q.Around != nil || r.stats.Spans > mostContrasted {
		return report, nil
	}
	var why string
	switch d := report.Data; {
	case d.Windows < enoughWindows:
		why = fmt.Sprintf("the recording has only %d windows of %g seconds, so no time before to compare with", d.Windows, report.WindowSec)
	case d.Requests < fewRequests:
		why = fmt.Sprintf("its %d requests over %d windows are too few to tell by time when something went wrong", d.Requests, d.Windows)
	default:
		return report, nil
	}
	instead, err := q.contrasted(ctx, r, report)
	if err != nil || instead == nil || len(instead.Incidents) == 0 {
		return report, err
	}
	for i := range instead.Incidents {
		instead.Incidents[i].Baseline.Why = why
	}
	return instead, nil
}

// part brings the spans of a recording together by trace, and parts the traces.
func part(ctx context.Context, r *recording) (contrast.Parted, error) {
	classes := trace.NewClasses()
	spans := map[trace.TraceID][]trace.Brief{}
	err := r.store.Spans(ctx, everything, func(span *trace.Span) bool {
		spans[span.TraceID] = append(spans[span.TraceID], classes.Brief(span))
		return true
	})
	if err != nil {
		return contrast.Parted{}, err
	}
	traces := make([]*trace.Trace, 0, len(spans))
	for id, of := range spans {
		traces = append(traces, new(trace.Assembler).Assemble(id, of))
	}
	return contrast.Split(traces), nil
}

// windowed derives the windows in which the traces have spans.
func windowed(traces []*trace.Trace) (windows []*graph.Window) {
	const length = int64(10e9)
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for _, t := range traces {
		for i := range t.Spans {
			first, last = min(first, t.Spans[i].Start), max(last, t.Spans[i].Start)
		}
	}
	const most = 1000 // windows; a recording over more time is one window each so long
	step := max(length, (last-first)/most/length*length)
	for start := first - first%step; start <= last; start += step {
		var within []*trace.Trace
		for _, t := range traces {
			for i := range t.Spans {
				if s := t.Spans[i].Start; s >= start && s < start+step {
					within = append(within, t)
					break
				}
			}
		}
		if len(within) > 0 {
			windows = append(windows, graph.Derive(start, step, slices.Values(within), nil))
		}
	}
	return windows
}
