package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/graph/trace"
	"headwater/ingest/dump"
)

// baskets is a small system with an incident: a service slows down, and the
// retries of its caller make it worse.
const baskets = `
description: A price service slows down and the basket's retries make it worse.
duration: 3m
services:
  - name: front
    gateway: true
    operations:
      - {name: view, route: GET /items/list, steps: [{call: basket.show}]}
  - name: basket
    workers: 8
    operations:
      - {name: show, route: POST /show, time: 5ms, steps: [{call: prices.list}, {query: basket-db, collection: lines}]}
    clients:
      - {to: prices, timeout: 300ms, attempts: 3, backoff: 20ms, jitter: 0.5}
  - name: prices
    workers: 2
    operations:
      - {name: list, route: GET /list, time: 20ms}
databases:
  - {name: basket-db, namespace: basketdata, time: 3ms}
entries:
  - {call: front.view, rate: 9}
faults:
  - {at: 100s, for: 30s, service: prices, slow: 10}
`

// basketSpans are the spans of that incident, in whole microseconds: no form but
// OTLP has finer ones.
func basketSpans() (spans []trace.Span, err error) {
	scenario, err := simulate.Parse([]byte(baskets), "baskets")
	if err != nil {
		return nil, err
	}
	_, err = simulate.Run(context.Background(), scenario, simulate.Options{Seed: 3}, func(b simulate.Batch) error {
		for _, s := range b.Spans {
			s.Start -= s.Start % 1000
			s.End = max(s.End-s.End%1000, s.Start+1000)
			spans = append(spans, s)
		}
		return nil
	})
	return spans, err
}

// TestTheSameIncidentInEveryForm writes an incident in every form that is read;
// the causes are the same.
func TestTheSameIncidentInEveryForm(t *testing.T) {
	spans, err := basketSpans()
	if err != nil {
		t.Fatal(err)
	}
	plain := causesOf(t, formatted(t, dump.OTLP, spans))
	if len(plain) == 0 || !strings.Contains(plain[0], "prices") {
		t.Fatalf("causes %q", plain)
	}
	for form, c := range map[string]struct {
		content []byte
		// exact is set where a form has a place for all that the analysis looks
		// at. Where it has not, the first cause must be the same.
		exact bool
	}{
		"OTLP protobuf":    {formatted(t, dump.Protobuf, spans), true},
		"Jaeger":           {formatted(t, dump.Jaeger, spans), true},
		"Zipkin":           {formatted(t, dump.Zipkin, spans), true},
		"Tempo":            {asTempo(t, spans), true},
		"Go's console":     {asGo(t, spans), true},
		"Python's console": {asPython(t, spans), true},
		"Datadog":          {asDatadog(t, spans), true},
		"X-Ray":            {asXRay(t, spans), false},
	} {
		t.Run(form, func(t *testing.T) {
			got, want := causesOf(t, c.content), plain
			if !c.exact {
				first := func(causes []string) string { name, _, _ := strings.Cut(causes[0]+":", ":"); return name }
				got, want = []string{first(append(got, ""))}, []string{first(want)}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("causes (-OTLP +%s):\n%s", form, diff)
			}
		})
	}
}

// causesOf analyses a dump and lists its causes with their shares.
func causesOf(t *testing.T, content []byte) (causes []string) {
	t.Helper()
	var out, stderr bytes.Buffer
	if err := run(t.Context(), []string{"analyze", "--format", "json", "-"}, bytes.NewReader(content), &out, &stderr); err != nil {
		t.Fatal(err, stderr.String())
	}
	var r analysis.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	for _, in := range r.Incidents {
		for _, c := range in.Causes {
			causes = append(causes, fmt.Sprintf("%s %s: set off %.2f, keeps up %.2f", c.Kind, c.Name, c.Trigger, c.Sustaining))
		}
	}
	return causes
}

func formatted(t *testing.T, format dump.Format, spans []trace.Span) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := dump.NewWriter(&out, format)
	if err != nil {
		t.Fatal(err)
	}
	for part := range slices.Chunk(spans, 500) {
		if err := w.WriteSpans(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// encode writes a JSON value and a line feed.
func encode(t *testing.T, w io.Writer, v any) {
	t.Helper()
	if err := json.NewEncoder(w).Encode(v); err != nil {
		t.Fatal(err)
	}
}
