package accuracy

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
)

// Table counts results by row.
type Table struct {
	rows map[string]*row
}

type row struct {
	cases, found, top1, top3, top5, alarms int
	reciprocal                             float64
}

// Add counts one result under the row's name.
func (t *Table) Add(name string, r Result) {
	if t.rows == nil {
		t.rows = map[string]*row{}
	}
	if t.rows[name] == nil {
		t.rows[name] = &row{}
	}
	t.rows[name].add(r)
}

func (w *row) add(r Result) {
	w.cases++
	w.alarms += r.FalseAlarms
	if r.Found {
		w.found++
	}
	if r.Rank > 0 {
		w.reciprocal += 1 / float64(r.Rank)
	}
	for _, c := range []struct {
		most int
		n    *int
	}{{1, &w.top1}, {3, &w.top3}, {5, &w.top5}} {
		if r.Rank > 0 && r.Rank <= c.most {
			*c.n++
		}
	}
}

// Write prints the table as Markdown, rows by name and a last row for all.
func (t *Table) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(tw, "| fault\t| cases\t| found\t| top-1\t| top-3\t| top-5\t| MRR\t| false alarms\t|")
	fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	var all row
	for _, name := range slices.Sorted(maps.Keys(t.rows)) {
		r := t.rows[name]
		r.write(tw, name)
		all.cases += r.cases
		all.found += r.found
		all.top1 += r.top1
		all.top3 += r.top3
		all.top5 += r.top5
		all.alarms += r.alarms
		all.reciprocal += r.reciprocal
	}
	all.write(tw, "all")
	return tw.Flush()
}

func (w *row) write(out io.Writer, name string) {
	mrr := 0.0
	if w.cases > 0 {
		mrr = w.reciprocal / float64(w.cases)
	}
	fmt.Fprintf(out, "| %s\t| %d\t| %d\t| %d\t| %d\t| %d\t| %.2f\t| %d\t|\n", name, w.cases, w.found, w.top1, w.top3, w.top5, mrr, w.alarms)
}
