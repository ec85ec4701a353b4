package accuracy

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"text/tabwriter"
	"time"
)

// Table counts results by row.
type Table struct {
	rows map[string]*row
}

type row struct {
	cases, found, top1, top3, top5, exact, alarms int
	reciprocal                                    float64
	onsets                                        []time.Duration // how far off, without sign
	healthy, alarmed                              int
	retries                                       Retries
	shared, coupled                               int
	unshown, missed                               int // of which nothing is recorded, and not found
	aspects                                       aspectsOf
	calibration                                   Calibration
}

// Add counts one result under the row's name.
func (t *Table) Add(name string, r Result) { t.row(name).add(r) }

// AddHealthy counts a case in which nothing was wrong.
func (t *Table) AddHealthy(name string, r Result) {
	w := t.row(name)
	w.healthy++
	w.alarms += r.FalseAlarms
	if r.Found {
		w.alarmed++
	}
}

func (t *Table) row(name string) *row {
	if t.rows == nil {
		t.rows = map[string]*row{}
	}
	if t.rows[name] == nil {
		t.rows[name] = &row{}
	}
	return t.rows[name]
}

func (w *row) add(r Result) {
	w.cases++
	w.alarms += r.FalseAlarms
	if r.Found {
		w.found++
		w.onsets = append(w.onsets, r.Onset.Abs())
	}
	w.rank(r.Rank)
	if r.Rank == 1 && r.Exact {
		w.exact++
	}
	w.retries.add(r.Retries)
	if r.Found {
		w.aspects.add(&r.Aspects)
		w.calibration.Add(r.Confidence, r.Rank == 1)
	}
	if r.Unshown {
		w.unshown++
		if !r.Found {
			w.missed++
		}
	}
	if r.Shared {
		w.shared++
	}
	if r.Coupled {
		w.coupled++
	}
}

func (w *row) rank(place int) {
	if place > 0 {
		w.reciprocal += 1 / float64(place)
	}
	for _, c := range []struct {
		most int
		n    *int
	}{{1, &w.top1}, {3, &w.top3}, {5, &w.top5}} {
		if place > 0 && place <= c.most {
			*c.n++
		}
	}
}

func (w *row) merge(o *row) {
	w.cases += o.cases
	w.found += o.found
	w.top1 += o.top1
	w.top3 += o.top3
	w.top5 += o.top5
	w.exact += o.exact
	w.alarms += o.alarms
	w.reciprocal += o.reciprocal
	w.onsets = append(w.onsets, o.onsets...)
	w.healthy += o.healthy
	w.alarmed += o.alarmed
	w.retries.add(o.retries)
	w.aspects.merge(&o.aspects)
	w.calibration.merge(&o.calibration)
	w.shared += o.shared
	w.coupled += o.coupled
	w.unshown += o.unshown
	w.missed += o.missed
}

// Write prints the table as Markdown, rows by name and a last row for all, and
// below it what is measured over all cases.
func (t *Table) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(tw, "| fault\t| cases\t| found\t| top-1\t| top-3\t| top-5\t| exact\t| MRR\t| onset off\t| false alarms\t|")
	fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	var all row
	for _, name := range slices.Sorted(maps.Keys(t.rows)) {
		t.rows[name].write(tw, name)
		all.merge(t.rows[name])
	}
	all.write(tw, "all")
	if err := tw.Flush(); err != nil {
		return err
	}
	if all.healthy > 0 {
		fmt.Fprintf(w, "\nHealthy cases with an incident: %d of %d.\n", all.alarmed, all.healthy)
	}
	if r := &all.retries; r.Right+r.Missed+r.Wrong > 0 {
		fmt.Fprintf(w, "\nRetried edges: %d right, %d missed, %d wrong; amplification off by %.1f%% (median).\n", r.Right, r.Missed, r.Wrong, 100*median(r.Errors))
	}
	if all.shared > 0 {
		fmt.Fprintf(w, "\nCoupled by something shared: named in %d of %d.\n", all.coupled, all.shared)
	}
	if all.unshown > 0 {
		fmt.Fprintf(w, "\nWhat was recorded shows nothing of the users' pain in %d cases; %d of them were not found.\n", all.unshown, all.missed)
	}
	all.aspects.write(w)
	if all.found == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return all.calibration.Write(w)
}

func (w *row) write(out io.Writer, name string) {
	onset := "-"
	if len(w.onsets) > 0 {
		slices.Sort(w.onsets)
		onset = fmt.Sprintf("%.0f s", w.onsets[len(w.onsets)/2].Seconds())
	}
	fmt.Fprintf(out, "| %s\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %.2f\t| %s\t| %d\t|\n", name, w.cases, w.found, w.top1, w.top3, w.top5, w.exact, w.mrr(), onset, w.alarms)
}

func (w *row) mrr() float64 {
	if w.cases == 0 {
		return 0
	}
	return w.reciprocal / float64(w.cases)
}

// Comparison counts how methods rank the same cases.
type Comparison struct {
	rows []*row // by method
}

// Add counts the places that the methods gave to the right answer of one case,
// in the order of Methods after the analysis itself.
func (c *Comparison) Add(places ...int) {
	for len(c.rows) < len(places) {
		c.rows = append(c.rows, &row{})
	}
	for i, place := range places {
		c.rows[i].cases++
		c.rows[i].rank(place)
	}
}

// Write prints the comparison as Markdown.
func (c *Comparison) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(tw, "| method\t| cases\t| top-1\t| top-3\t| top-5\t| MRR\t|")
	fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|---\t|---\t|")
	for i, r := range c.rows {
		name := "Headwater"
		if i > 0 {
			name = Methods[i-1].Name
		}
		fmt.Fprintf(tw, "| %s\t| %d\t| %d\t| %d\t| %d\t| %.2f\t|\n", name, r.cases, r.top1, r.top3, r.top5, r.mrr())
	}
	return tw.Flush()
}

func median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	return slices.Sorted(slices.Values(xs))[len(xs)/2]
}
