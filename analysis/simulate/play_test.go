package simulate

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"headwater/analysis/accuracy"
	"headwater/graph/trace"
)

// parse reads a scenario that must be right.
func parse(t testing.TB, text string) *Scenario {
	t.Helper()
	sc, err := Parse([]byte(text), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func load(t testing.TB, name string) *Scenario {
	t.Helper()
	sc, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func cornerShop(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/corner-shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// play runs a scenario and gives every span and the truth.
func play(t testing.TB, sc *Scenario, opt Options) ([]trace.Span, *accuracy.Truth) {
	t.Helper()
	var spans []trace.Span
	truth, err := Run(context.Background(), sc, opt, func(b Batch) error {
		spans = append(spans, b.Spans...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return spans, truth
}

// engineAfter runs a scenario without looking at its spans and gives the
// engine, with its own state.
func engineAfter(t testing.TB, sc *Scenario, seed uint64) *engine {
	t.Helper()
	// To record next to nothing changes nothing but the spans.
	e := newEngine(sc, Options{Seed: seed, Sample: 1e-9}, func(Batch) error { return nil })
	if err := e.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return e
}

// text writes all of a batch.
func text(b Batch) string {
	var out strings.Builder
	fmt.Fprintln(&out, b.At)
	for i := range b.Spans {
		s := b.Spans[i]
		fmt.Fprintln(&out, s.TraceID, s.SpanID, s.Parent, s.Name, s.Kind, s.Status, s.StatusMessage, s.Start, s.End, s.TraceState, s.Flags,
			s.Attrs, s.Events, s.Links, *s.Scope, s.Resource.Attrs)
	}
	return out.String()
}

func record(t testing.TB, sc *Scenario, opt Options) string {
	t.Helper()
	sc.Duration = duration(140 * time.Second) // into the storm
	var out strings.Builder
	if _, err := Run(context.Background(), sc, opt, func(b Batch) error {
		out.WriteString(text(b))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
