package analysis_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

// thin is a system with little traffic: six entries, each of which calls a service
// of its own, which asks a database of its own, in four requests a window.
type thin struct {
	windows int
	fails   func(window, i int) bool // the first service, in the i-th request of the window
	skips   func(window, i int) bool // it does not ask its database
	slow    func(window int) float64 // factor on its database
	copyOf  func(window, i int) int  // that serves at the first entry; -1: nobody does
}

func (c thin) report() *analysis.Report {
	r := rand.New(rand.NewPCG(3, 4))
	var out []*graph.Window
	for w := range c.windows {
		var traces []*trace.Trace
		for k := range 6 {
			requests := 4
			if k == 0 && c.copyOf != nil {
				requests = 24
			}
			for i := range requests {
				at := float64(w*10_000 + i*8000/requests + k*100)
				db := 20 * (0.8 + 0.4*r.Float64())
				fails, asks, copied := "", true, 0
				if k == 0 {
					if c.fails != nil && c.fails(w, i) {
						fails = "error"
					}
					asks = c.skips == nil || !c.skips(w, i)
					if c.slow != nil {
						db *= c.slow(w)
					}
					if c.copyOf != nil {
						copied = c.copyOf(w, i)
					}
				}
				if copied < 0 {
					continue
				}
				text := fmt.Sprintf(`
					r - web%[1]d server %[2]f-%[3]f GET_/%[1]d %[4]s
					c r web%[1]d client %[5]f-%[6]f call %[4]s
					s c svc%[1]d server %[7]f-%[8]f POST_/%[1]d %[4]s`, k, at, at+db+20, fails, at+1, at+db+18, at+2, at+db+16)
				if asks {
					text += fmt.Sprintf("\n\t\t\t\t\tq s svc%[1]d client %[2]f-%[3]f query db.system=postgresql server.address=db%[1]d", k, at+3, at+3+db)
				}
				spans := tracetest.MustParse(fmt.Sprint("t", w, "-", k, "-", i), text)
				for j := range spans {
					if strings.HasPrefix(spans[j].Resource.Service, "web") {
						spans[j].Resource.Instance = fmt.Sprint(spans[j].Resource.Service, "-", copied)
					}
				}
				traces = append(traces, trace.Assemble(spans))
			}
		}
		out = append(out, graph.Derive(tracetest.Base+int64(w)*window, window, slices.Values(traces), nil))
	}
	return analysis.Analyze(analysis.Input{Windows: out}, analysis.Options{})
}

func TestFewRequestsTell(t *testing.T) {
	late := func(w int) bool { return w >= 40 && w < 60 }
	tests := []struct {
		name string
		thin thin
		want string // the first cause; empty for no incident
	}{
		{"nothing", thin{}, ""},
		{"one request in five fails", thin{fails: func(w, i int) bool { return late(w) && (4*w+i)%5 == 0 }}, "svc0"},
		{"all fail, for a moment", thin{fails: func(w, i int) bool { return w == 45 && i < 2 }}, ""},
		{"one request in five leaves a call out", thin{skips: func(w, i int) bool { return late(w) && (4*w+i)%5 == 0 }}, "svc0"},
		{"one request in eight always left it out", thin{skips: func(w, i int) bool { return (4*w+i)%8 == 0 }}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.thin.windows = 72
			r := tt.thin.report()
			got := ""
			if len(r.Incidents) > 0 && len(r.Incidents[0].Causes) > 0 {
				got = r.Incidents[0].Causes[0].Name
			}
			if len(r.Incidents) > 1 || got != tt.want || (got == "") != (len(r.Incidents) == 0) {
				t.Errorf("%d incidents, first cause %q, want %q", len(r.Incidents), got, tt.want)
			}
		})
	}
}

func TestACopyThatDiesAtTheDoor(t *testing.T) {
	gone := func(w int) bool { return w >= 40 && w < 60 }
	r := thin{windows: 72, copyOf: func(w, i int) int {
		if gone(w) && i%2 == 1 {
			return -1
		}
		return i % 2
	}}.report()
	if len(r.Incidents) != 1 || r.Incidents[0].Causes[0].Kind != analysis.CauseInstance || r.Incidents[0].Causes[0].Name != "web0-1" {
		t.Errorf("half the users are turned away: %d incidents", len(r.Incidents))
	}
	r = thin{windows: 72, copyOf: func(w, i int) int {
		if gone(w) {
			return 0
		}
		return i % 2
	}}.report()
	if len(r.Incidents) != 0 {
		t.Errorf("the other copy takes over: %q", r.Incidents[0].Sentence)
	}
}

func TestAnIncidentEndsWhenItEnds(t *testing.T) {
	const from, to = 40, 60
	r := thin{windows: 80, slow: func(w int) float64 {
		if w >= from && w < to {
			return 6
		}
		return 1
	}}.report()
	if len(r.Incidents) != 1 || r.Incidents[0].End == nil {
		t.Fatalf("%d incidents, or it did not end", len(r.Incidents))
	}
	inc := &r.Incidents[0]
	start, end := time.Unix(0, tracetest.Base+from*window).UTC(), time.Unix(0, tracetest.Base+to*window).UTC()
	if !inc.Start.Equal(start) || !inc.End.Equal(end) {
		t.Errorf("from %v to %v, want from %v to %v", inc.Start, inc.End, start, end)
	}
}
