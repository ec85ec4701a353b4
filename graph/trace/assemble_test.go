package trace_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

// view is a node as the table tests compare it.
type view struct {
	Name       string
	Depth      int32
	Start, End float64 // milliseconds
	Self       float64
	Notes      []string
}

func views(t *trace.Trace) []view {
	var out []view
	for i, n := range t.Nodes {
		out = append(out, view{t.Spans[i].Name, n.Depth, float64(n.Start-tracetest.Base) / 1e6, float64(n.End-tracetest.Base) / 1e6, float64(n.Self) / 1e6, n.Notes.Names()})
	}
	return out
}

func TestAssemble(t *testing.T) {
	tests := []struct {
		name, spans string
		want        []view
	}{
		{"children overlap", `
			r - web server 0-100 root
			a r web internal 10-60 a
			b r web internal 40-80 b`,
			[]view{{"root", 0, 0, 100, 30, nil}, {"a", 1, 10, 60, 50, nil}, {"b", 1, 40, 80, 40, nil}}},
		{"a child outlives its parent", `
			r - web server 0-100 root
			a r web internal 90-150 a`,
			[]view{{"root", 0, 0, 100, 90, nil}, {"a", 1, 90, 100, 10, []string{"outlives-parent"}}}},
		{"a child that starts after its parent ended is not waited for", `
			r - web server 0-100 root
			a r web internal 120-150 a`,
			[]view{{"root", 0, 0, 100, 100, nil}, {"a", 1, 120, 150, 30, nil}}},
		{"a consumer is not waited for", `
			r - web producer 0-100 send
			a r mail consumer 50-90 receive`,
			[]view{{"send", 0, 0, 100, 100, nil}, {"receive", 1, 50, 90, 40, nil}}},
		{"an end before the start", `
			r - web server 100-0 root`,
			[]view{{"root", 0, 100, 100, 0, []string{"backwards"}}}},
		{"a parent that never came", `
			a x web internal 0-10 a`,
			[]view{{"a", 0, 0, 10, 10, []string{"orphan"}}}},
		{"a span that is its own parent", `
			a a web internal 0-10 a`,
			[]view{{"a", 0, 0, 10, 10, []string{"cycle"}}}},
		{"a circle of parents is cut at its earliest span", `
			a b web internal 5-10 a
			b c web internal 0-20 b
			c a web internal 6-9 c`,
			[]view{{"b", 0, 0, 20, 15, []string{"cycle"}}, {"a", 1, 5, 10, 2, nil}, {"c", 2, 6, 9, 3, nil}}},
		{"a host whose clock is behind is moved into its caller", `
			r - web@h1 server 100-200 root
			c r web@h1 client 110-190 call
			s c shop@h2 server 20-80 serve`,
			[]view{{"serve", 2, 120, 180, 60, []string{"skew"}}, {"root", 0, 100, 200, 20, nil}, {"call", 1, 110, 190, 20, nil}}},
		{"work after the caller's deadline is no skew", `
			c - web@h1 client 0-100 call error
			s c shop@h2 server 90-180 serve`,
			[]view{{"call", 0, 0, 100, 90, nil}, {"serve", 1, 90, 100, 10, []string{"outlives-parent"}}}},
		{"the halves of a shared span stay two", `
			c - web client 0-100 get
			c - shop server 10-90 get`,
			[]view{{"get", 0, 0, 100, 20, nil}, {"get", 1, 10, 90, 80, nil}}},
		{"of differing copies the later end wins", `
			r - web server 0-50 root
			r - web server 0-100 root`,
			[]view{{"root", 0, 0, 100, 100, nil}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := trace.Assemble(tracetest.MustParse(tt.name, tt.spans))
			if diff := cmp.Diff(tt.want, views(got)); diff != "" {
				t.Errorf("views differ (-want +got):\n%s", diff)
			}
		})
	}
}

// anySpans draws spans of one trace, broken ones included.
func anySpans(t *rapid.T) []trace.Span {
	words := []string{"-", "a", "b", "c", "d", "e", "f", "g", "h"}
	services := []*trace.Resource{
		trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("web")}, {Key: "host.name", Value: trace.String("h1")}}),
		trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("shop")}, {Key: "host.name", Value: trace.String("h2")}}),
		trace.NewResource(nil),
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) trace.Span {
		s := trace.Span{
			TraceID: trace.TraceID{1}, SpanID: tracetest.ID(rapid.SampledFrom(words[1:]).Draw(t, "id")),
			Parent: tracetest.ID(rapid.SampledFrom(words).Draw(t, "parent")),
			Kind:   trace.Kind(rapid.IntRange(0, 5).Draw(t, "kind")), Status: trace.StatusCode(rapid.IntRange(0, 2).Draw(t, "status")),
			Name: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "name"), Resource: rapid.SampledFrom(services).Draw(t, "service"),
		}
		s.Start = tracetest.Base + rapid.Int64Range(0, 50).Draw(t, "start")*1e6
		s.End = s.Start + rapid.Int64Range(-5, 60).Draw(t, "duration")*1e6
		if rapid.IntRange(0, 30).Draw(t, "mad") == 0 {
			s.Start, s.End = rapid.Int64().Draw(t, "mad start"), rapid.Int64().Draw(t, "mad end")
		}
		return s
	}), 0, 14).Draw(t, "spans")
}

func TestOrderAndDuplicatesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := anySpans(t)
		want := trace.Assemble(spans)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		more := append([]trace.Span(nil), spans...)
		for range len(spans) / 2 {
			more = append(more, spans[r.IntN(len(spans))])
		}
		r.Shuffle(len(more), func(i, j int) { more[i], more[j] = more[j], more[i] })
		got := trace.Assemble(more)
		if diff := cmp.Diff(want.Nodes, got.Nodes); diff != "" {
			t.Fatalf("nodes differ:\n%s", diff)
		}
	})
}

func TestEveryNodeStandsWithinItsParent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := trace.Assemble(anySpans(t))
		for i, n := range tr.Nodes {
			if n.End < n.Start || n.Self < 0 || n.Self > n.End-n.Start {
				t.Fatalf("span %d: start %d end %d self %d", i, n.Start, n.End, n.Self)
			}
			if n.Parent < 0 || n.Async {
				continue
			}
			if p := tr.Nodes[n.Parent]; n.Start < p.Start || n.End > p.End {
				t.Fatalf("span %d [%d,%d] reaches out of its parent [%d,%d]", i, n.Start, n.End, p.Start, p.End)
			}
		}
	})
}

func TestPartitionAddsUpToTheRoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := trace.Assemble(anySpans(t))
		var pieces trace.Pieces
		tr.Partition(&pieces)
		sums := map[int32]float64{}
		for i := range tr.Nodes {
			top := int32(i)
			for tr.Nodes[top].Parent >= 0 && !tr.Nodes[top].Async {
				top = tr.Nodes[top].Parent
			}
			for _, p := range pieces.Of(int32(i)) {
				sums[top] += float64(p.To-p.From) * p.Weight
			}
		}
		for top, sum := range sums {
			want := float64(tr.Nodes[top].End - tr.Nodes[top].Start)
			if math.Abs(sum-want) > 1e-9*want+1e-3 {
				t.Fatalf("root %d: pieces add up to %v, want %v", top, sum, want)
			}
		}
	})
}

func TestTheCriticalPathAddsUpToTheRoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := trace.Assemble(anySpans(t))
		for _, root := range tr.Roots {
			at := tr.Nodes[root].Start
			for _, s := range tr.CriticalPath(root) {
				n := tr.Nodes[s.Node]
				if s.From != at || s.To <= s.From || s.From < n.Start || s.To > n.End {
					t.Fatalf("root %d: step %+v of node [%d,%d] after %d", root, s, n.Start, n.End, at)
				}
				at = s.To
			}
			if at != tr.Nodes[root].End {
				t.Fatalf("root %d: the path ends at %d, the root at %d", root, at, tr.Nodes[root].End)
			}
		}
	})
}

func TestApportionIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shares := rapid.SliceOfN(rapid.Float64Range(0, 1e9), 1, 20).Draw(t, "shares")
		total := 0.0
		for _, s := range shares {
			total += s
		}
		want := int64(math.Round(total))
		got := int64(0)
		for _, n := range trace.Apportion(shares, want) {
			got += n
		}
		if got != want {
			t.Fatalf("adds up to %d, want %d", got, want)
		}
	})
}
