package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"testing"

	"headwater/analysis/accuracy"
	"headwater/analysis/simulate"
	"headwater/graph/trace"
	"headwater/ingest/dump"
)

// TestMixedRequestsGiveTheCause takes requests of before and within an incident
// as if they had come in the same minutes, and asks nothing special.
func TestMixedRequestsGiveTheCause(t *testing.T) {
	for _, name := range []string{"hung-service", "bad-deployment", "network-delay"} {
		t.Run(name, func(t *testing.T) {
			sc, err := simulate.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			var spans []trace.Span
			truth, err := simulate.Run(t.Context(), sc, simulate.Options{Seed: 3}, func(b simulate.Batch) error {
				spans = append(spans, b.Spans...)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			term := &terminal{
				in: bytes.NewReader(formatted(t, dump.Protobuf, mixed(spans, truth))), out: io.Discard, err: io.Discard,
				log: slog.New(slog.DiscardHandler), quiet: true,
			}
			r, err := record(t.Context(), term, []string{"-"})
			if err != nil {
				t.Fatal(err)
			}
			var q question
			report, err := q.ask(t.Context(), term, r)
			if err := errors.Join(err, r.close()); err != nil {
				t.Fatal(err)
			}
			if len(report.Incidents) != 1 || report.Incidents[0].Baseline.Source != "contrast" {
				t.Fatalf("incidents %+v, notes %q", report.Incidents, report.Notes)
			}
			if got := accuracy.Score(truth, report); got.Rank != 1 {
				t.Errorf("first is %s, want %s", report.Incidents[0].Causes[0].Name, truth.Cause.Name)
			}
		})
	}
}

// mixed is a minute of requests, two thirds from before an incident and one from
// within, moved to the same time.
func mixed(all []trace.Span, truth *accuracy.Truth) (spans []trace.Span) {
	const good, bad = 600, 300
	of := map[trace.TraceID][]trace.Span{}
	for _, s := range all {
		of[s.TraceID] = append(of[s.TraceID], s)
	}
	left := [2]int{good, bad}
	for _, t := range assemble(all) { // by id, so at random
		if len(t.Roots) == 0 {
			continue
		}
		start, which := t.Spans[t.Roots[0]].Start, 0
		switch {
		case start > truth.TriggerStart+30e9 && start < truth.TriggerEnd:
			which = 1
		case start > truth.TriggerStart-30e9:
			continue
		}
		if left[which] == 0 {
			continue
		}
		left[which]--
		later := truth.TriggerStart + 60e9 + int64(left[which])*60e9/int64([2]int{good, bad}[which]) - start
		for _, s := range of[t.ID] {
			s.Start, s.End = s.Start+later, s.End+later
			spans = append(spans, s)
		}
	}
	return spans
}
