package graph_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

var update = flag.Bool("update", false, "write what the hand-made traces give into their files")

// TestHandMadeTraces reads each file of testdata/traces: spans, written by hand,
// and beside them the calls, edges, self times and critical paths that they
// mean. The spans are read in order, backwards, shuffled and doubled.
func TestHandMadeTraces(t *testing.T) {
	files, err := filepath.Glob("testdata/traces/*.txtar")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d hand-made traces, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			want, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			spans, err := tracetest.Parse("t", string(want.Files[0].Data))
			if err != nil {
				t.Fatal(err)
			}
			got := &txtar.Archive{Comment: want.Comment, Files: append(want.Files[:1:1], told(spans)...)}
			if *update {
				if err := os.WriteFile(file, txtar.Format(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(txtar.Format(want)), string(txtar.Format(got))); diff != "" {
				t.Errorf("want - got +:\n%s", diff)
			}
			r := rand.New(rand.NewPCG(1, 2))
			for range 5 {
				more := append(slices.Clone(spans), spans[r.IntN(len(spans))])
				r.Shuffle(len(more), func(i, j int) { more[i], more[j] = more[j], more[i] })
				if diff := cmp.Diff(told(spans), told(more)); diff != "" {
					t.Fatalf("order or duplicates matter:\n%s", diff)
				}
			}
		})
	}
}

// told is what the spans mean, as the files say it.
func told(spans []trace.Span) []txtar.File {
	all := pile{}
	all.add(spans)
	var ids []trace.TraceID
	for id := range all {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b trace.TraceID) int {
		return strings.Compare(firstStart(all[a]), firstStart(all[b]))
	})
	var calls, self, paths []string
	var traces []*trace.Trace
	for _, id := range ids {
		tr := trace.Assemble(all[id])
		traces = append(traces, tr)
		r := graph.Read(tr, all)
		calls = append(calls, callsOf(r)...)
		self = append(self, selfOf(tr)...)
		for _, root := range r.Entries() {
			paths = append(paths, pathOf(r, root)...)
		}
	}
	w := graph.Derive(tracetest.Base, 3600*second, slices.Values(traces), all)
	out := []txtar.File{{Name: "calls", Data: text(calls)}, {Name: "edges", Data: text(edgesOf(w))}, {Name: "routes", Data: text(routesOf(w))}, {Name: "self", Data: text(self)}, {Name: "path", Data: text(paths)}}
	if len(w.Addresses) > 0 {
		var known []string
		for a, n := range w.Addresses {
			known = append(known, fmt.Sprintf("%s:%s is %s", a.Host, a.Port, n))
		}
		slices.Sort(known)
		out = append(out, txtar.File{Name: "addresses", Data: text(known)})
	}
	return out
}

func firstStart(spans []trace.Span) string {
	first := slices.MinFunc(spans, func(a, b trace.Span) int { return int(min(max(a.Start-b.Start, -1), 1)) })
	return fmt.Sprintf("%d %s", first.Start, first.TraceID)
}

func text(lines []string) []byte {
	if len(lines) == 0 {
		return []byte("none\n")
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// ms writes a time since the base, or a duration, in milliseconds.
func ms(ns int64) string { return fmt.Sprintf("%g", float64(ns)/1e6) }

func at(ns int64) string { return ms(ns - tracetest.Base) }

// name is a node's name as the files write it: services bare.
func name(n graph.NodeID) string {
	if n.Kind == graph.Service && n.Scope == "" && n.Name != "" {
		return n.Name
	}
	return n.String()
}

func arrow(async bool) string {
	if async {
		return "~>"
	}
	return "->"
}

func callsOf(r *graph.Reading) (out []string) {
	for i := range r.Calls {
		c := &r.Calls[i]
		line := fmt.Sprintf("%s %s %s %q:", name(r.Node(c.Caller)), arrow(c.Async), name(r.Node(c.Callee)), r.Word(c.Operation))
		for k := range c.Attempts {
			a := &c.Attempts[k]
			line += " " + a.Outcome.String()
			if a.Part {
				line += "(hidden)"
			}
			if a.Sender != nil {
				line += "(linked)"
			}
			if a.Client < 0 || a.Server < 0 {
				continue
			}
			if left := r.Trace.Nodes[a.Server].RawEnd - r.Trace.Nodes[a.Client].End; left > 0 && !c.Async {
				line += fmt.Sprintf(" (%sms after the caller left)", ms(left))
			}
		}
		if c.Unseen > 0 {
			line += fmt.Sprintf(" unseen=%d", c.Unseen)
		}
		out = append(out, line)
	}
	return out
}

func edgesOf(w *graph.Window) (out []string) {
	for _, id := range slices.SortedFunc(maps.Keys(w.Edges), graph.EdgeID.Compare) {
		e := w.Edges[id]
		line := fmt.Sprintf("%s %s %s calls=%d attempts=%d failed=%d paired=%d/%d", name(id.Caller), arrow(id.Async), name(id.Callee), e.Calls, e.Attempts, e.Failed, e.Paired, e.Expected)
		for _, x := range []struct {
			what string
			ns   int64
		}{{"gap", e.Gap.Sum}, {"backoff", e.Backoff}, {"before", e.Before.Sum}, {"wait", e.Wait.Sum}, {"orphan", e.Orphan}} {
			if x.ns != 0 {
				line += fmt.Sprintf(" %s=%sms", x.what, ms(x.ns))
			}
		}
		if e.InVain > 0 {
			line += fmt.Sprintf(" in-vain=%d", e.InVain)
		}
		out = append(out, line)
	}
	return out
}

func routesOf(w *graph.Window) (out []string) {
	for id, r := range w.Routes {
		line := fmt.Sprintf("%s %q requests=%d failed=%d time=%sms", name(id.Node), id.Operation, r.Requests, r.Failed, ms(r.Time.Sum))
		if r.Weight != r.Requests*graph.Millionth {
			line += fmt.Sprintf(" stand for %.3g", float64(r.Weight)/graph.Millionth)
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func selfOf(t *trace.Trace) (out []string) {
	for i := range t.Spans {
		n := &t.Nodes[i]
		line := fmt.Sprintf("%s%q of %s %s-%s: %sms", strings.Repeat(". ", int(n.Depth)), t.Spans[i].Name, name(graph.ServiceOf(t.Spans[i].Resource)), at(n.Start), at(n.End), ms(n.Self))
		if n.Async {
			line += " async"
		}
		if n.Shift != 0 {
			line += fmt.Sprintf(" shifted by %sms", ms(n.Shift))
		}
		for _, note := range n.Notes.Names() {
			line += " " + note
		}
		out = append(out, line)
	}
	return out
}

func pathOf(r *graph.Reading, root int32) (out []string) {
	segments := r.Path(root)
	sum := int64(0)
	for _, s := range segments {
		sum += s.To - s.From
		line := fmt.Sprintf("  %s-%s %s", at(s.From), at(s.To), s.Kind)
		if s.Call >= 0 {
			c := &r.Calls[s.Call]
			line += fmt.Sprintf(" %s %s %s", name(r.Node(c.Caller)), arrow(c.Async), name(r.Node(c.Callee)))
			if len(c.Attempts) > 1 {
				line += fmt.Sprintf(" attempt %d", s.Attempt+1)
			}
		} else {
			line += " " + name(r.Node(r.Visits[r.VisitOf[s.Span]].Node))
		}
		if s.Before >= 0 && s.Kind == graph.Own {
			line += fmt.Sprintf(", before %q", r.Trace.Spans[s.Before].Name)
		}
		out = append(out, line)
	}
	return append([]string{fmt.Sprintf("%q %sms", r.Trace.Spans[root].Name, ms(sum))}, out...)
}
