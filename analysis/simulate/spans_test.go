package simulate

import (
	"context"
	"strings"
	"testing"
	"time"

	"headwater/graph/trace"
)

type spanKey struct {
	trace trace.TraceID
	span  trace.SpanID
}

// shorten ends a scenario soon after its first fault, and lets that strike
// after two minutes and briefly, for tests that need no long history.
func shorten(sc *Scenario) *Scenario {
	const history, incident = 2 * time.Minute, 2 * time.Minute
	for i := range sc.Faults {
		sc.Faults[i].At = duration(history)
		sc.Faults[i].For = min(sc.Faults[i].For, duration(incident/4))
	}
	sc.Duration = duration(history + incident)
	return sc
}

func TestSpansAreWellFormed(t *testing.T) {
	for _, name := range []string{"slow-database", "slow-query", "failing-redeliveries", "consumer-stall", "slow-broker", "starved-database",
		"retry-storm-outlives-trigger", "lost-packets", "deep-slow-service", "quiet-city", "bad-deployment"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans, _ := play(t, shorten(load(t, name)), Options{Seed: 1})
			byKey := make(map[spanKey]*trace.Span, len(spans))
			for i := range spans {
				s := &spans[i]
				k := spanKey{s.TraceID, s.SpanID}
				if byKey[k] != nil || s.SpanID.IsZero() || s.TraceID.IsZero() {
					t.Fatalf("span id of %q is used twice or zero", s.Name)
				}
				byKey[k] = s
			}
			for i := range spans {
				checkSpan(t, &spans[i], byKey)
			}
		})
	}
}

func checkSpan(t *testing.T, s *trace.Span, byKey map[spanKey]*trace.Span) {
	t.Helper()
	where := s.Resource.Service + " " + s.Kind.String() + " " + s.Name
	if s.End < s.Start || s.Name == "" || s.Scope == nil {
		t.Fatalf("%s: from %d to %d, scope %v", where, s.Start, s.End, s.Scope)
	}
	for _, l := range s.Links {
		if p := byKey[spanKey{l.TraceID, l.SpanID}]; p == nil || p.Kind != trace.KindProducer || p.TraceID == s.TraceID {
			t.Fatalf("%s: its link leads to %v", where, p)
		}
	}
	if s.Kind == trace.KindClient && s.Status == trace.StatusError && s.StatusMessage == "" {
		if _, ok := s.Attr("error.type"); !ok && !statusCode(s) {
			t.Fatalf("%s failed and does not say how: %v", where, s.Attrs)
		}
	}
	if s.Parent.IsZero() {
		if s.Kind != trace.KindServer && len(s.Links) == 0 {
			t.Fatalf("%s: a root is a server, or a consumer with a link", where)
		}
		return
	}
	p := byKey[spanKey{s.TraceID, s.Parent}]
	if p == nil {
		t.Fatalf("%s: its parent never came", where)
	}
	if s.Start < p.Start {
		t.Fatalf("%s starts before its parent %s", where, p.Name)
	}
	switch {
	case s.Kind == trace.KindServer && p.Kind != trace.KindClient, s.Kind == trace.KindConsumer && p.Kind != trace.KindProducer,
		s.Kind == trace.KindClient && p.Kind == trace.KindProducer:
		t.Fatalf("%s below a %s span", where, p.Kind)
	case s.Kind == trace.KindConsumer:
	case s.Kind == trace.KindServer && p.Status == trace.StatusError: // the client may have left
	case s.End > p.End:
		t.Fatalf("%s ends %v after its parent %s %s", where, time.Duration(s.End-p.End), p.Kind, p.Name)
	}
}

func statusCode(s *trace.Span) bool {
	for _, a := range s.Attrs {
		if strings.HasSuffix(a.Key, "status_code") {
			return true
		}
	}
	return false
}

func TestBatchesAreThoseOfExporters(t *testing.T) {
	last, batches := int64(0), 0
	_, err := Run(context.Background(), shorten(load(t, "quiet-shop")), Options{Seed: 1}, func(b Batch) error {
		batches++
		if b.At < last || len(b.Spans) == 0 || len(b.Spans) > exportFull {
			t.Fatalf("batch of %d spans at %d, the one before at %d", len(b.Spans), b.At, last)
		}
		last = b.At
		for i := range b.Spans {
			s := &b.Spans[i]
			if s.Resource != b.Spans[0].Resource {
				t.Fatal("a batch with two resources")
			}
			if s.End > b.At || b.At-s.End > exportEvery {
				t.Fatalf("a span that ended at %d was sent at %d", s.End, b.At)
			}
			if i > 0 && s.End < b.Spans[i-1].End {
				t.Fatal("spans stand in the order of their ends")
			}
		}
		return nil
	})
	if err != nil || batches < 500 {
		t.Errorf("%d batches, error %v", batches, err)
	}
}

func TestSamplingLossAndSkew(t *testing.T) {
	sc := parse(t, cornerShop(t)+"tracestate: true\n")
	all, _ := play(t, sc, Options{Seed: 1})
	some, _ := play(t, sc, Options{Seed: 1, Sample: 0.25})
	if share := float64(len(some)) / float64(len(all)); share < 0.22 || share > 0.28 {
		t.Errorf("sampled %.3f of the spans, want a quarter", share)
	}
	for i := range some {
		if some[i].TraceState != "ot=th:c" {
			t.Fatalf("trace state %q", some[i].TraceState)
		}
		if some[i].TraceID[9] < 0xc0 {
			t.Fatalf("trace %v is below its threshold", some[i].TraceID)
		}
	}
	lossy, _ := play(t, sc, Options{Seed: 1, Loss: 0.1})
	if share := float64(len(lossy)) / float64(len(all)); share < 0.89 || share > 0.91 {
		t.Errorf("%.3f of the spans arrived, want nine in ten", share)
	}
	skewed, _ := play(t, sc, Options{Seed: 1, Skew: time.Second})
	apart := false
	for i := range skewed {
		d := skewed[i].Start - all[i].Start
		if d > 1e9 || d < -1e9 {
			t.Fatalf("a clock is %v off", time.Duration(d))
		}
		apart = apart || d > 1e8 || d < -1e8
	}
	if !apart {
		t.Error("all clocks agree")
	}
}

func TestDeadProcessSendsNothing(t *testing.T) {
	for _, kind := range []string{"kill", "hang"} {
		sc := parse(t, strings.Replace(cornerShop(t), "slow: 10", "instance: 1, "+kind+": true", 1))
		spans, truth := play(t, sc, Options{Seed: 1})
		from, to := truth.TriggerStart, truth.TriggerEnd
		for i := range spans {
			if s := &spans[i]; s.End > from && s.End < to && s.Resource.Instance == truth.Cause.Name {
				t.Fatalf("%s: a span of the stopped process ended in the meantime", kind)
			}
		}
		if truth.Cause.Kind != "instance" || truth.UsersHit == 0 && kind == "hang" {
			t.Errorf("%s: truth %+v", kind, truth)
		}
	}
}
