package analysis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

// consumed makes windows of a shop whose mailer takes messages from a queue, when
// and how fast as told: by when a message was sent, in ms, when it is taken and how
// long that takes.
func consumed(take func(sent float64) (at, work float64)) []*graph.Window {
	const windows = 40
	in := map[int64][]*trace.Trace{}
	for i := range windows * 20 {
		sent := float64(i*500 + i%7*20)
		at, work := take(sent)
		work *= 0.8 + 0.1*float64(i%5)
		t := trace.Assemble(tracetest.MustParse(fmt.Sprint("order", i), fmt.Sprintf(`
			r - web server %f-%f POST_/orders
			p r web producer %f-%f send messaging.system=kafka messaging.destination.name=mails
			m p mailer consumer %f-%f process messaging.system=kafka messaging.destination.name=mails`,
			sent, sent+20+float64(i%3), sent+5, sent+6, at, at+work)))
		for _, ms := range []float64{sent, at + work} {
			start := int64(ms*1e6) / window * window
			if list := in[start]; len(list) == 0 || list[len(list)-1] != t {
				in[start] = append(list, t)
			}
		}
	}
	var out []*graph.Window
	for w := range int64(windows) {
		out = append(out, graph.Derive(tracetest.Base+w*window, window, slices.Values(in[w*window]), nil))
	}
	return out
}

// TestStalledConsumer tells a consumer that took nothing for a while, and then all
// at once, from one that works slowly.
func TestStalledConsumer(t *testing.T) {
	const from, to = 200_000.0, 300_000.0
	for _, tt := range []struct {
		name, says string
		take       func(sent float64) (at, work float64)
	}{
		{"paused", "stopped taking messages", func(sent float64) (float64, float64) {
			if sent >= from && sent < to {
				return to + (sent-from)/50, 30
			}
			return sent + 10, 30
		}},
		{"slow", "slowed", func(sent float64) (float64, float64) {
			if sent >= from && sent < to {
				return sent + 10 + (sent-from)/2, 800
			}
			return sent + 10, 30
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := analysis.Analyze(analysis.Input{Windows: consumed(tt.take)}, analysis.Options{})
			if len(r.Incidents) == 0 {
				t.Fatal("nobody noticed")
			}
			c := r.Incidents[0].Causes[0]
			if !strings.Contains(c.Sentence, tt.says) || c.Parent != "service:mailer" {
				t.Errorf("the first cause is %s %s: %s", c.Kind, c.Parent, c.Sentence)
			}
		})
	}
}
