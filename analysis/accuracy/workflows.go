package accuracy

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
)

// Judged are the trace ids of the workflows that were said to be half done, to
// have done a step twice, and not to be over yet.
type Judged struct{ HalfDone, Twice, Running []string }

// Hits compares a list with the truth.
type Hits struct {
	True, Said, Right int
	// Open were not over, it was said, where the truth has them in the list.
	Open int
}

func (h *Hits) add(o Hits) {
	h.True += o.True
	h.Said += o.Said
	h.Right += o.Right
	h.Open += o.Open
}

// WorkflowTable counts workflows by scenario.
type WorkflowTable struct {
	rows map[string]*workflowRow
}

type workflowRow struct {
	cases       int
	half, twice Hits
}

// Add counts a case under the row's name.
func (t *WorkflowTable) Add(name string, truth *Truth, said Judged) {
	if t.rows == nil {
		t.rows = map[string]*workflowRow{}
	}
	if t.rows[name] == nil {
		t.rows[name] = &workflowRow{}
	}
	var half, twice []string
	for i := range truth.HalfDone {
		h := &truth.HalfDone[i]
		if len(h.Missing) > 0 {
			half = append(half, h.TraceID)
		}
		if len(h.Twice) > 0 {
			twice = append(twice, h.TraceID)
		}
	}
	r := t.rows[name]
	r.cases++
	r.half.add(hits(half, said.HalfDone, said.Running))
	r.twice.add(hits(twice, said.Twice, said.Running))
}

func hits(truth, said, open []string) Hits {
	in := make(map[string]bool, len(truth))
	for _, id := range truth {
		in[id] = true
	}
	h := Hits{True: len(in), Said: len(said)}
	for _, id := range said {
		if in[id] {
			h.Right++
			delete(in, id)
		}
	}
	for _, id := range open {
		if in[id] {
			h.Open++
		}
	}
	return h
}

// Write writes the table, in Markdown. The error is the writer's.
func (t *WorkflowTable) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(tw, "| scenario\t| cases\t| half done\t| found\t| wrong\t| not over\t| precision\t| recall\t| done twice\t| found\t| wrong\t| precision\t| recall\t|")
	fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	var all workflowRow
	for _, name := range slices.Sorted(maps.Keys(t.rows)) {
		r := t.rows[name]
		r.write(tw, name)
		all.cases += r.cases
		all.half.add(r.half)
		all.twice.add(r.twice)
	}
	all.write(tw, "all")
	return tw.Flush()
}

func (r *workflowRow) write(w io.Writer, name string) {
	h, d := &r.half, &r.twice
	fmt.Fprintf(w, "| %s\t| %d\t| %d\t| %d\t| %d\t| %d\t| %s\t| %s\t| %d\t| %d\t| %d\t| %s\t| %s\t|\n", name, r.cases,
		h.True, h.Right, h.Said-h.Right, h.Open, percent(h.Right, h.Said), percent(h.Right, h.True),
		d.True, d.Right, d.Said-d.Right, percent(d.Right, d.Said), percent(d.Right, d.True))
}

func percent(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(part)/float64(whole))
}
