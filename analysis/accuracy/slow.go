package accuracy

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
)

// SlowLimit is a factor by which a dependency may slow, as it was said and as it
// is; 0 where it does not happen up to the greatest that was tried.
type SlowLimit struct {
	Said, Least, True float64
	Exact             bool // it was said without an "at least"
}

// Off is by what factor the said one is off; 0 where there is none on one side.
func (l *SlowLimit) Off() float64 {
	if l.Said == 0 || l.True == 0 {
		return 0
	}
	return math.Exp(math.Abs(math.Log(l.Said / l.True)))
}

// Slowed is what was said of slowing one dependency, and what is true.
type Slowed struct {
	Case, Node string
	Known      bool
	Why        string    // it is not
	Felt       SlowLimit // by users
	Stuck      SlowLimit // it does not come back by itself
	// Window is what windows alone say, until a timeout or full places; 0 for nothing.
	Window   float64
	WindowBy string
}

// String tells of it in a line.
func (s Slowed) String() string {
	if !s.Known {
		return fmt.Sprintf("%s %s: unknown: %s", s.Case, s.Node, s.Why)
	}
	one := func(l SlowLimit) string {
		return fmt.Sprintf("said %.1f (at least %.1f, exact %t), is %.1f", l.Said, l.Least, l.Exact, l.True)
	}
	return fmt.Sprintf("%s %s: felt %s; stuck %s; windows %.1f %s", s.Case, s.Node, one(s.Felt), one(s.Stuck), s.Window, s.WindowBy)
}

// SlowTable counts what was said of slowing dependencies.
type SlowTable struct {
	all     []Slowed
	unknown []string
}

// Add counts a dependency.
func (t *SlowTable) Add(s Slowed) { t.all = append(t.all, s) }

// AddUnknown counts a system that nothing was fitted to.
func (t *SlowTable) AddUnknown(why string) { t.unknown = append(t.unknown, why) }

// slack is by what share a bound may be missed by the grid of factors.
const slack = 1.1

// Write writes the table in Markdown; the error is the writer's.
func (t *SlowTable) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(tw, "| \t| users feel it\t| it does not come back\t|")
	fmt.Fprintln(tw, "|---\t|---\t|---\t|")
	known := 0
	var rows [2]slowRow
	for i := range t.all {
		s := &t.all[i]
		if !s.Known {
			continue
		}
		known++
		rows[0].add(&s.Felt)
		rows[1].add(&s.Stuck)
	}
	line := func(what string, of func(*slowRow) string) {
		fmt.Fprintf(tw, "| %s\t| %s\t| %s\t|\n", what, of(&rows[0]), of(&rows[1]))
	}
	share := func(n, of int) string {
		if of == 0 {
			return "0 of 0"
		}
		return fmt.Sprintf("%d of %d (%.0f%%)", n, of, 100*float64(n)/float64(of))
	}
	line("it happens, in truth", func(r *slowRow) string { return share(r.happens, r.n) })
	line("it happens or not, told rightly", func(r *slowRow) string { return share(r.right, r.n) })
	line("said to happen, and does", func(r *slowRow) string { return share(r.saidHappens, r.said) })
	line("a factor was told, not a bound alone", func(r *slowRow) string { return share(r.exact, r.n) })
	line("factor off by (median; 80th percentile)", func(r *slowRow) string { return r.off(r.offs) })
	line("the same, where it was told as exact", func(r *slowRow) string { return r.off(r.exactOffs) })
	line("\"at least\" held", func(r *slowRow) string { return share(r.held, r.n) })
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nDependencies: %d, unknown %d more; systems that nothing was fitted to: %d.\n", known, len(t.all)-known, len(t.unknown))
	return err
}

type slowRow struct {
	n, happens, right, said, saidHappens, exact, held int
	offs, exactOffs                                   []float64
}

func (r *slowRow) add(l *SlowLimit) {
	r.n++
	if l.True > 0 {
		r.happens++
	}
	if (l.Said > 0) == (l.True > 0) {
		r.right++
	}
	if l.Said > 0 {
		r.said++
		if l.True > 0 {
			r.saidHappens++
		}
	}
	if l.True == 0 || l.Least <= slack*l.True {
		r.held++
	}
	if l.Exact {
		r.exact++
	}
	if off := l.Off(); off > 0 {
		r.offs = append(r.offs, off)
		if l.Exact {
			r.exactOffs = append(r.exactOffs, off)
		}
	}
}

func (r *slowRow) off(list []float64) string {
	if len(list) == 0 {
		return ""
	}
	v := slices.Sorted(slices.Values(list))
	return fmt.Sprintf("%.2f; %.2f (%d)", v[len(v)/2], v[len(v)*4/5], len(v))
}
