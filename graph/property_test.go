package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

// A request's segments follow one another and last as long as the request, in
// whatever trace.
func TestThePathAddsUpToTheRequest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := trace.Assemble(tracetest.Any(t))
		r := graph.Read(tr, nil)
		for _, root := range r.Entries() {
			segments := r.Path(root)
			if len(segments) == 0 {
				if tr.Nodes[root].End > tr.Nodes[root].Start {
					t.Fatalf("request %d has no path", root)
				}
				continue
			}
			for i := 1; i < len(segments); i++ {
				if segments[i].From != segments[i-1].To || segments[i].To <= segments[i].From {
					t.Fatalf("request %d: %+v after %+v", root, segments[i], segments[i-1])
				}
			}
			if first := segments[0]; first.From != tr.Nodes[root].Start && first.To != tr.Nodes[root].Start {
				t.Fatalf("request %d begins at %d, its path at %d", root, tr.Nodes[root].Start, first.From)
			}
			if last := segments[len(segments)-1].To; last != tr.Nodes[root].End {
				t.Fatalf("request %d ends at %d, its path at %d", root, tr.Nodes[root].End, last)
			}
		}
	})
}

// Whatever is in a trace, its windows can be made, and the accounts of its
// requests add up.
func TestAnyTraceHasAWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := trace.Assemble(tracetest.Any(t))
		w := graph.Derive(tracetest.Base-tracetest.Base%tenSeconds, tenSeconds, slices.Values([]*trace.Trace{tr}), nil)
		for id, r := range w.Routes {
			sum, failures := int64(0), int64(0)
			for _, a := range r.Accounts {
				sum += a.Time
				failures += a.Failures
			}
			if sum != r.Time.Sum || failures != r.Failed*graph.Millionth {
				t.Fatalf("%v: accounts hold %d ns and %d failures, requests %d and %d", id, sum, failures, r.Time.Sum, r.Failed*graph.Millionth)
			}
		}
	})
}

// allWindows makes the windows from the base on.
func allWindows(spans []trace.Span, shift int64) map[int64]*graph.Window {
	all := pile{}
	all.add(spans)
	out := map[int64]*graph.Window{}
	base := tracetest.Base - tracetest.Base%tenSeconds
	for start := base; start < base+300*second; start += tenSeconds {
		out[start] = all.derive(start+shift, nil)
	}
	return out
}

// Started work and occupancy are two books of one thing: over all windows they
// are equal, for every node, operation, instance and edge; in a window alone where
// nothing crosses its borders.
func TestStartedWorkIsOccupancy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sum := graph.NewWindow(0, 0)
		for _, w := range allWindows(anyLongTraces(t), 0) {
			sum.Merge(w)
		}
		same(t, sum)
		within := slices.Concat(anyTraces(t)...)
		for i := range within { // into the middle of a window
			within[i].Start = within[i].Start - within[i].Start%tenSeconds + within[i].Start%second + 4*second
			within[i].End = within[i].Start + (within[i].End-within[i].Start%second)%second
			within[i].End = max(within[i].End, within[i].Start)
		}
		for _, w := range allWindows(within, 0) {
			same(t, w)
		}
	})
}

func same(t *rapid.T, w *graph.Window) {
	for id, n := range w.Nodes {
		check := func(what string, v *graph.VisitStats) {
			if v.Time.Sum != v.Occupancy {
				t.Fatalf("%s %s: started %d ns, in flight %d ns", id, what, v.Time.Sum, v.Occupancy)
			}
		}
		check("", &n.All)
		for k, v := range n.Operations {
			check(k, v)
		}
		for k, v := range n.Instances {
			check(k.Name, v)
		}
	}
	for id, e := range w.Edges {
		if e.Time.Sum != e.Occupancy {
			t.Fatalf("%s: started %d ns, in flight %d ns", id, e.Time.Sum, e.Occupancy)
		}
	}
}

// Other names, or another time, change names and times and nothing else.
func TestNamesAndTimesChangeNothingElse(t *testing.T) {
	names := strings.NewReplacer("web", "zebra", "shop", "ant", "mail", "kiwi", "orders", "apples")
	rapid.Check(t, func(t *rapid.T) {
		spans := anyLongTraces(t)
		want := graph.Dumps(allWindows(spans, 0))
		shift := rapid.Int64Range(1, 1000).Draw(t, "windows later") * tenSeconds
		other := slices.Clone(spans)
		for i := range other {
			s := &other[i]
			s.Start, s.End = s.Start+shift, s.End+shift
			s.Resource = trace.NewResource(renamed(s.Resource.Attrs, names))
			s.Attrs = renamed(s.Attrs, names)
		}
		for start, dump := range want {
			lines := strings.Split(names.Replace(dump), "\n")
			slices.Sort(lines[1:])
			want[start] = strings.Join(lines, "\n")
		}
		if diff := cmp.Diff(want, graph.Dumps(allWindows(other, shift))); diff != "" {
			t.Fatalf("-renamed afterwards +renamed before:\n%s", diff)
		}
	})
}

func renamed(attrs []trace.Attr, names *strings.Replacer) []trace.Attr {
	out := slices.Clone(attrs)
	for i := range out {
		out[i].Value = trace.String(names.Replace(out[i].Value.Str()))
	}
	return out
}
