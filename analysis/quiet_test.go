package analysis_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

const links = 20 // of the chain

// chain is requests that go through a row of services, each of which has a little to
// do of its own: from the given window on some take longer, by less than what they
// take differs from window to window.
func chain(windows, from int, host func(link int) string, slower func(link int) float64) []*graph.Window {
	r := rand.New(rand.NewPCG(5, 6))
	var out []*graph.Window
	for w := range windows {
		var traces []*trace.Trace
		for i := range 12 {
			at := float64(w*10_000 + i*800)
			var work [links]float64
			total := 0.0
			for k := range work {
				work[k] = 1 + 9*r.ExpFloat64()
				if w >= from {
					work[k] *= slower(k - 1) // the time before the next call is its caller's
				}
				total += work[k]
			}
			var text strings.Builder
			start, end := at, at+total+2*links+3
			fmt.Fprintf(&text, "s0 - web server %f-%f GET_/\n", start, end)
			for k := range work {
				start += work[k] / 2
				end -= work[k] / 2
				fmt.Fprintf(&text, "c%[1]d s%[1]d %[2]s client %[3]f-%[4]f call\n", k, link(k-1), start, end)
				start, end = start+1, end-1
				fmt.Fprintf(&text, "s%d c%d %s server %f-%f POST_/%d\n", k+1, k, link(k), start, end, k)
			}
			spans := tracetest.MustParse(fmt.Sprint("t", w, "-", i), text.String())
			for j := range spans {
				for k := range links {
					if spans[j].Resource.Service == link(k) {
						spans[j].Resource.Instance, spans[j].Resource.Host = link(k)+"-1", host(k)
					}
				}
			}
			traces = append(traces, trace.Assemble(spans))
		}
		out = append(out, graph.Derive(tracetest.Base+int64(w)*window, window, slices.Values(traces), nil))
	}
	return out
}

func link(k int) string {
	if k < 0 {
		return "web"
	}
	return fmt.Sprintf("link%02d", k)
}

// sigmas is by how many standard deviations between windows a number lies above what
// it was before, on average over the windows [from, to).
func sigmas(ws []*graph.Window, from, to int, of func(*graph.Window) (float64, bool)) float64 {
	var sum, squares, n, now, m float64
	for i, w := range ws[:to] {
		v, ok := of(w)
		switch {
		case !ok:
		case i < from:
			sum, squares, n = sum+v, squares+v*v, n+1
		default:
			now, m = now+v, m+1
		}
	}
	if n < 2 || m == 0 {
		return 0
	}
	mean := sum / n
	return (now/m - mean) / max(math.Sqrt(max(0, squares/n-mean*mean)), 0.01*mean, 1e-12)
}

// loudest is how far any node is from what it was by itself: by its own time, by what
// takes so long where it has no spans, or by its failures.
func loudest(ws []*graph.Window, from, to int) (worst float64, which string) {
	for id := range graph.Sum(ws).Nodes {
		for what, of := range map[string]func(*graph.VisitStats) float64{
			"own time": func(v *graph.VisitStats) float64 { return v.Self.Mean() },
			"failures": func(v *graph.VisitStats) float64 { return float64(v.FailedOwn) / float64(v.Visits) },
		} {
			z := sigmas(ws, from, to, func(w *graph.Window) (float64, bool) {
				n := w.Nodes[id]
				if n == nil || n.All.Visits == 0 {
					return 0, false
				}
				return of(&n.All), true
			})
			if z > worst {
				worst, which = z, id.String()+", "+what
			}
		}
	}
	return worst, which
}

// TestAllLooksFineAndUsersWait holds that an incident is found and explained in which
// no node is three sigmas from what it was.
func TestAllLooksFineAndUsersWait(t *testing.T) {
	const from, windows = 40, 88
	alone := func(k int) string { return "host-" + link(k) }
	pair := func(k int) string { return fmt.Sprintf("host-%d", k%2) }
	tests := []struct {
		name    string
		windows []*graph.Window
		from    int
		to      int
		right   func(*analysis.Cause) bool
		causes  int // at least so many right ones come first
	}{
		{"everybody is a little slower", chain(windows, from, alone, func(int) float64 { return 1.3 }), from, windows,
			func(c *analysis.Cause) bool { return strings.HasPrefix(c.Name, "link") }, 5},
		{"a host is a little slower", chain(windows, from, pair, func(k int) float64 {
			if k%2 == 0 {
				return 1.5
			}
			return 1
		}), from, windows,
			func(c *analysis.Cause) bool { return c.Kind == analysis.CauseHost && c.Name == "host-0" }, 1},
		{"a cache holds less", playedWindows(t, "quiet-degradation"), 36, 72,
			func(c *analysis.Cause) bool { return c.Kind == analysis.CauseCache && c.Name == "account-cache" }, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if z, which := loudest(tt.windows, tt.from, tt.to); z > 3 {
				t.Fatalf("not as quiet as it should be: %s is %.1f sigmas away", which, z)
			}
			r := analysis.Analyze(analysis.Input{Windows: tt.windows}, analysis.Options{})
			if len(r.Incidents) != 1 || len(r.Incidents[0].Impact) == 0 {
				t.Fatalf("%d incidents", len(r.Incidents))
			}
			inc := &r.Incidents[0]
			worst := inc.Impact[0]
			hurt := sigmas(tt.windows, tt.from, tt.to, func(w *graph.Window) (float64, bool) {
				s := w.Routes[graph.RouteID{Node: worst.Node, Operation: worst.Route}]
				if s == nil {
					return 0, false
				}
				return s.Time.Mean(), true
			})
			if hurt < 3 {
				t.Errorf("users of %s are %.1f sigmas away: nothing to find", worst.Route, hurt)
			}
			for i := range tt.causes {
				if i >= len(inc.Causes) || !tt.right(&inc.Causes[i]) {
					t.Errorf("cause %d is wrong: %s", i+1, inc.Sentence)
					break
				}
			}
			if inc.Balance.Unattributed > 0.05 {
				t.Errorf("%.0f%% of the pain is unattributed", 100*inc.Balance.Unattributed)
			}
		})
	}
}

func playedWindows(t *testing.T, scenario string) (out []*graph.Window) {
	t.Helper()
	sc, err := simulate.Load(scenario)
	if err != nil {
		t.Fatal(err)
	}
	f := graph.NewFolder(window)
	if _, err := simulate.Run(t.Context(), sc, simulate.Options{Seed: 1}, func(b simulate.Batch) error {
		f.Add(b.Spans)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	f.Finish()
	for _, start := range f.Starts() {
		out = append(out, f.Take(start).Window)
	}
	return out
}
