package main

import (
	"context"
	"fmt"
	"math"
	"strings"

	"headwater/analysis"
	"headwater/analysis/contrast"
	"headwater/graph"
	"headwater/graph/trace"
)

// mostContrasted is how many spans are held in memory to part good traces from
// bad ones. Where there are more, there is time to compare with.
const mostContrasted = 500_000

// contrasted compares the bad requests of a recording with the good ones.
func contrasted(ctx context.Context, r *recording) (*analysis.Report, error) {
	if r.stats.Spans > mostContrasted {
		return nil, fmt.Errorf("--contrast is for at most %d spans, and here are %d: --baseline with a stretch of time compares more", mostContrasted, r.stats.Spans)
	}
	parted, err := part(ctx, r)
	if err != nil {
		return nil, err
	}
	if len(parted.Bad) == 0 {
		report := analysis.Analyze(analysis.Input{Windows: r.windows}, analysis.Options{})
		report.Incidents = []analysis.Incident{}
		report.Notes = append(report.Notes, "No route has both enough good and enough bad requests to compare them: more traces of each would help.")
		return report, nil
	}
	in := analysis.Input{Known: windowed(parted.Good), Windows: windowed(parted.Bad), Incident: &analysis.Interval{}}
	report := analysis.Analyze(in, analysis.Options{})
	for i := range report.Incidents {
		report.Incidents[i].Baseline.Source = "contrast"
	}
	report.Notes = append(report.Notes, fmt.Sprintf(
		"%d bad requests (%d failed, the others slow) are compared with %d good ones of %s. How many requests came in is not compared.",
		len(parted.Bad), parted.Failed, len(parted.Good), strings.Join(parted.Routes, ", ")))
	return report, nil
}

// part brings the spans of a recording together by trace, and parts the traces.
func part(ctx context.Context, r *recording) (contrast.Parted, error) {
	spans := map[trace.TraceID][]trace.Span{}
	err := r.store.Spans(ctx, everything, func(span *trace.Span) bool {
		spans[span.TraceID] = append(spans[span.TraceID], *span)
		return true
	})
	if err != nil {
		return contrast.Parted{}, err
	}
	traces := make([]*trace.Trace, 0, len(spans))
	for _, of := range spans {
		traces = append(traces, trace.Assemble(of))
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
			windows = append(windows, graph.Derive(start, step, within, nil))
		}
	}
	return windows
}

// hint says what would help where there was too little to find anything in.
func hint(ctx context.Context, r *recording, report *analysis.Report) error {
	if len(report.Incidents) > 0 || report.Data.Windows >= enoughWindows || r.stats.Spans == 0 || r.stats.Spans > mostContrasted {
		return nil
	}
	parted, err := part(ctx, r)
	if err != nil {
		return err
	}
	if len(parted.Bad) > 0 {
		report.Notes = append(report.Notes, fmt.Sprintf("%d of the requests failed or were slow, and %d of the same routes went well: --contrast compares them.",
			len(parted.Bad), len(parted.Good)))
	}
	return nil
}
