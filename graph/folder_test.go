package graph_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

const tenSeconds = 10 * second

// pile is a stand-in for a store: all spans by trace.
type pile map[trace.TraceID][]trace.Span

func (p pile) add(spans []trace.Span) {
	for _, s := range spans {
		p[s.TraceID] = append(p[s.TraceID], s)
	}
}

// Sender implements graph.Senders.
func (p pile) Sender(r trace.Ref) *graph.Sender {
	t := trace.Assemble(p[r.TraceID])
	for i := range t.Spans {
		if t.Spans[i].SpanID == r.SpanID {
			return &graph.Sender{Start: t.Spans[i].Start, Class: t.Spans[i].Class}
		}
	}
	return nil
}

// derive makes a window of the traces with the ids, or of all.
func (p pile) derive(start int64, ids []trace.TraceID) *graph.Window {
	if ids == nil {
		ids = slices.Collect(maps.Keys(p))
	}
	var traces []*trace.Trace
	for _, id := range ids {
		traces = append(traces, trace.Assemble(p[id]))
	}
	return graph.Derive(start, tenSeconds, slices.Values(traces), p)
}

// anyLongTraces draws traces that last from milliseconds to minutes, some with
// links to others.
func anyLongTraces(t *rapid.T) []trace.Span {
	var out []trace.Span
	for i := range rapid.IntRange(1, 8).Draw(t, "traces") {
		at := rapid.IntRange(0, 60).Draw(t, "second") * 1000
		long := rapid.SampledFrom([]int{40, 900, 30_000, 90_000}).Draw(t, "length")
		root := rapid.SampledFrom([]string{"-", "x"}).Draw(t, "root")
		spans := tracetest.MustParse(fmt.Sprint("trace", i), fmt.Sprintf(`
			r %s web server %d-%d root
			c r web client %d-%d call error
			s c shop server %d-%d serve
			d r web client %d-%d call
			q s shop client %d-%d query db.system=redis server.address=cache
			p r web producer %d-%d send messaging.system=kafka messaging.destination.name=orders
			m - mail consumer %d-%d take messaging.system=kafka messaging.destination.name=orders`,
			root, at, at+long, at+1, at+long/2, at+2, at+long/3, at+long/2+1, at+long, at+3, at+4, at+5, at+6, at+long*2, at+long*2+50))
		// The consumer's is a trace of its own.
		last := &spans[len(spans)-1]
		if rapid.Bool().Draw(t, "linked") {
			last.Links = []trace.Link{{TraceID: spans[0].TraceID, SpanID: spans[len(spans)-2].SpanID}}
		}
		last.TraceID[0]++
		out = append(out, spans...)
	}
	return out
}

// A window is the same whether spans are folded as they come or derived from all
// of them afterwards: in whatever order they come, how often, and how late.
func TestFolderGivesWhatDeriveGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := anyLongTraces(t)
		all := pile{}
		all.add(spans)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		// Spans come as they end, some of them much later, some of them twice.
		type coming struct {
			at   int64
			span trace.Span
		}
		var arrivals []coming
		for _, s := range spans {
			for range 1 + r.IntN(8)/7 {
				late := r.Int64N(5 * second)
				if r.IntN(6) == 0 {
					late = r.Int64N(120 * second)
				}
				arrivals = append(arrivals, coming{s.End + late, s})
			}
		}
		slices.SortStableFunc(arrivals, func(a, b coming) int { return int(min(max(a.at-b.at, -1), 1)) })

		f := graph.NewFolder(tenSeconds)
		f.Patience = rapid.SampledFrom([]int{0, 0, 3, 20}).Draw(t, "patience")
		got, known := map[int64]*graph.Window{}, pile{}
		take := func(start int64) {
			taken := f.Take(start)
			switch {
			case !taken.Exact:
				got[start] = known.derive(start, nil)
			case len(taken.Missing) > 0:
				got[start] = taken.Window
				got[start].Merge(known.derive(start, taken.Missing))
			default:
				got[start] = taken.Window
			}
		}
		next := tracetest.Base - tracetest.Base%tenSeconds
		for _, a := range arrivals {
			f.Advance(a.at)
			for ; next+tenSeconds+30*second < a.at; next += tenSeconds {
				take(next)
			}
			known.add([]trace.Span{a.span})
			f.Add([]trace.Span{a.span})
			for _, start := range f.Stale() {
				got[start] = known.derive(start, nil)
			}
		}
		f.Finish()
		for _, start := range f.Stale() {
			got[start] = known.derive(start, nil)
		}
		for _, start := range f.Starts() {
			take(start)
		}
		for _, start := range f.Stale() {
			got[start] = known.derive(start, nil)
		}
		want := map[int64]*graph.Window{}
		for start := tracetest.Base - tracetest.Base%tenSeconds; start < tracetest.Base+300*second; start += tenSeconds {
			want[start] = all.derive(start, nil)
		}
		if diff := cmp.Diff(graph.Dumps(want), graph.Dumps(got)); diff != "" {
			t.Fatalf("folded differs from derived (-derived +folded):\n%s", diff)
		}
	})
}
