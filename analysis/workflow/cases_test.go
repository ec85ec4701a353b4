package workflow_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"headwater/analysis/workflow"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

var update = flag.Bool("update", false, "write what the hand-made cases give into their files")

// usualTimes is how many workflows there are of those that ended well.
const usualTimes = 40

// TestHandMadeCases reads each file of testdata/cases: the spans of a workflow
// that ended well, of which there are many, those of an incident, and what became
// of its workflows. "@" stands for the number of the usual workflow; a line that
// begins with "?4" is there in each fourth of them.
func TestHandMadeCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			want, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			usual, incident := parse(t, want)
			got := &txtar.Archive{Comment: want.Comment, Files: slices.Clone(want.Files)}
			got.Files[2].Data = told(judged(usual, incident, workflow.Options{}))
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
			first := judged(usual, incident, workflow.Options{})
			for range 3 {
				r.Shuffle(len(usual), func(i, j int) { usual[i], usual[j] = usual[j], usual[i] })
				r.Shuffle(len(incident), func(i, j int) { incident[i], incident[j] = incident[j], incident[i] })
				if diff := cmp.Diff(first, judged(usual, incident, workflow.Options{})); diff != "" {
					t.Fatalf("the order of traces matters:\n%s", diff)
				}
			}
		})
	}
}

func parse(t *testing.T, a *txtar.Archive) (usual, incident []*trace.Trace) {
	t.Helper()
	var spans []trace.Span
	for n := range usualTimes {
		var text strings.Builder
		for line := range strings.Lines(string(a.Files[0].Data)) {
			if rest, ok := strings.CutPrefix(line, "?4 "); ok {
				if n%4 != 0 {
					continue
				}
				line = rest
			}
			text.WriteString(strings.ReplaceAll(line, "@", strconv.Itoa(n)))
		}
		more, err := tracetest.Parse(fmt.Sprintf("usual%d", n), text.String())
		if err != nil {
			t.Fatal(err)
		}
		spans = append(spans, more...)
	}
	bad, err := tracetest.Parse("incident", string(a.Files[1].Data))
	if err != nil {
		t.Fatal(err)
	}
	return assembled(spans), assembled(bad)
}

func assembled(spans []trace.Span) (out []*trace.Trace) {
	slices.SortStableFunc(spans, func(a, b trace.Span) int { return bytes.Compare(a.TraceID[:], b.TraceID[:]) })
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].TraceID == spans[0].TraceID {
			n++
		}
		out = append(out, trace.Assemble(spans[:n]))
		spans = spans[n:]
	}
	return out
}

func judged(usual, incident []*trace.Trace, opt workflow.Options) *workflow.WorkflowReport {
	r := workflow.NewReader(opt)
	for _, t := range usual {
		r.Baseline(t)
	}
	for _, t := range incident {
		r.Add(t)
	}
	return r.Report()
}

// told is what became of the workflows, as the files say it.
func told(r *workflow.WorkflowReport) []byte {
	var b strings.Builder
	c := r.Counts
	fmt.Fprintf(&b, "workflows=%d done=%d half=%d twice=%d undone=%d running=%d nothing=%d doubtful=%d fragments=%d unknown=%d\n",
		c.Workflows, c.Done, c.HalfDone, c.DoneTwice, c.Undone, c.Running, c.Nothing, c.Doubtful, c.Fragments, c.Unknown)
	for i := range r.Workflows {
		w := &r.Workflows[i]
		fmt.Fprintf(&b, "at %d: %s %s: %s", (w.Start.UnixNano()-tracetest.Base)/1e6, w.Service, w.Route, w.State)
		for _, k := range w.Keys {
			fmt.Fprintf(&b, " %s=%s", k.Name, k.Value)
		}
		b.WriteByte('\n')
		for _, s := range w.Done {
			fmt.Fprintf(&b, "  done %s\n", s)
		}
		for _, g := range w.Missing {
			fmt.Fprintf(&b, "  missing %s\n", g)
		}
		for _, s := range w.Twice {
			fmt.Fprintf(&b, "  twice %s\n", s)
		}
		for _, p := range w.Perhaps {
			fmt.Fprintf(&b, "  perhaps %s\n", p)
		}
		for _, s := range w.Undone {
			fmt.Fprintf(&b, "  undone %s\n", s)
		}
		if w.Waits != nil {
			fmt.Fprintf(&b, "  waits in %s for %s, %d ahead, %d tries\n", w.Waits.Queue, w.Waits.Consumer, w.Waits.Ahead, w.Waits.Tries)
		}
	}
	for _, u := range r.Undoing {
		fmt.Fprintf(&b, "%s (in %s) undoes", u.StepID, u.StepID.Operation)
		for _, s := range u.Undoes {
			fmt.Fprintf(&b, " %s;", s)
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}
