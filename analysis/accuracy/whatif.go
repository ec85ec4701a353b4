package accuracy

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
)

// Pair is one incident and one change: what was said of it, and what became of it
// when the engine that made the incident ran again with the change.
type Pair struct {
	Case, Change             string
	SaidP95, P95             float64 // seconds
	SaidFailed, Failed       float64 // shares
	SaidRecovered, Recovered bool
	// SaidOpen is set where it was said that chance decides whether users recover,
	// SaidBeyond where it was said that the change goes beyond what was observed.
	SaidOpen, SaidBeyond        bool
	SaidPain, Pain, PainAsItWas float64 // seconds
}

// Ranked is one incident whose changes were ranked: the place that the one ranked
// first has among all that were tried, from 1; 0 where none was ranked.
type Ranked struct {
	Case  string
	Place int
	Of    int
	// None is set where no change helps: then to rank none is right.
	None bool
}

// WhatIfTable counts how often what is said of changes is right.
type WhatIfTable struct {
	pairs   []Pair
	ranked  []Ranked
	unknown []string
	without int // incidents that were not found
}

// Add counts a pair.
func (t *WhatIfTable) Add(p Pair) { t.pairs = append(t.pairs, p) }

// AddRanked counts a ranking.
func (t *WhatIfTable) AddRanked(r Ranked) { t.ranked = append(t.ranked, r) }

// AddUnknown counts an incident of which nothing was said, and why.
func (t *WhatIfTable) AddUnknown(why string) { t.unknown = append(t.unknown, why) }

// AddMissed counts a case in which no incident was found.
func (t *WhatIfTable) AddMissed() { t.without++ }

// leastShare is below which shares of failures count as alike: half a percent of
// the requests more or less is chance.
const leastShare = 0.02

// mattered reports whether the change made a difference.
func (p *Pair) mattered() bool {
	return math.Abs(p.Pain-p.PainAsItWas) > differs*max(p.Pain, p.PainAsItWas)
}

// differs is by what share users' pain must differ for a change to have made a
// difference.
const differs = 0.1

// P95Off is how far the p95 was off, as a share.
func (p *Pair) P95Off() float64 { return math.Abs(p.SaidP95-p.P95) / max(p.P95, 1e-3) }

// FailedOff is how far the failed share was off, as a share.
func (p *Pair) FailedOff() float64 {
	return math.Abs(p.SaidFailed-p.Failed) / max(p.Failed, leastShare)
}

// Right is the share of the pairs of which recovery was told in which that was right.
func (t *WhatIfTable) Right() float64 {
	n, told := 0, 0
	for _, p := range t.pairs {
		if p.SaidOpen {
			continue
		}
		if told++; p.SaidRecovered == p.Recovered {
			n++
		}
	}
	return float64(n) / float64(max(told, 1))
}

// counted is how many pairs are of a kind.
func (t *WhatIfTable) counted(of func(*Pair) bool) (n int) {
	for i := range t.pairs {
		if of(&t.pairs[i]) {
			n++
		}
	}
	return n
}

// median of the pairs' errors.
func (t *WhatIfTable) median(of func(*Pair) float64, q float64) float64 {
	var v []float64
	for i := range t.pairs {
		v = append(v, of(&t.pairs[i]))
	}
	if len(v) == 0 {
		return math.NaN()
	}
	slices.SortFunc(v, cmp.Compare[float64])
	return v[int(q*float64(len(v)-1))]
}

// bestThree is the share of rankings whose first is among the truly best three.
func (t *WhatIfTable) bestThree() (right, all int) {
	for _, r := range t.ranked {
		all++
		if r.Place > 0 && r.Place <= 3 || r.Place == 0 && r.None {
			right++
		}
	}
	return right, all
}

// Write prints the table as Markdown.
func (t *WhatIfTable) Write(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	line("| measure\t| all pairs\t| those in which the change made a difference\t|")
	line("|---\t|---\t|---\t|")
	telling := WhatIfTable{}
	for _, p := range t.pairs {
		if p.mattered() {
			telling.Add(p)
		}
	}
	row := func(what string, of func(*WhatIfTable) string) {
		line("| %s\t| %s\t| %s\t|", what, of(t), of(&telling))
	}
	row("pairs of incident and change", func(t *WhatIfTable) string { return fmt.Sprint(len(t.pairs)) })
	row("recovers or not, told rightly where it was told", func(t *WhatIfTable) string { return fmt.Sprintf("%.1f%%", 100*t.Right()) })
	row("not told: chance decides, since runs disagree", func(t *WhatIfTable) string {
		return fmt.Sprint(t.counted(func(p *Pair) bool { return p.SaidOpen }))
	})
	row("with a note that it goes beyond what was observed", func(t *WhatIfTable) string {
		return fmt.Sprint(t.counted(func(p *Pair) bool { return p.SaidBeyond }))
	})
	row("the same, had one always said that it recovers", func(t *WhatIfTable) string {
		return fmt.Sprintf("%.1f%%", 100*t.recovering())
	})
	row("p95 off by (median; 80th percentile)", func(t *WhatIfTable) string {
		return fmt.Sprintf("%.1f%%; %.1f%%", 100*t.median((*Pair).P95Off, 0.5), 100*t.median((*Pair).P95Off, 0.8))
	})
	row("failed share off by (median; 80th percentile)", func(t *WhatIfTable) string {
		return fmt.Sprintf("%.1f%%; %.1f%%", 100*t.median((*Pair).FailedOff, 0.5), 100*t.median((*Pair).FailedOff, 0.8))
	})
	if err := out.Flush(); err != nil {
		return err
	}
	right, all := t.bestThree()
	fmt.Fprintf(w, "\nThe change ranked first is among the truly best three in %d of %d incidents (%.1f%%).\n", right, all, 100*float64(right)/float64(max(all, 1)))
	fmt.Fprintf(w, "\"Unknown\", since the fit does not do what happened: %d incidents. Left out, since nobody was hurt: %d.\n", len(t.unknown), t.without)
	return nil
}

// recovering is the share of pairs that recover.
func (t *WhatIfTable) recovering() float64 {
	n := 0
	for _, p := range t.pairs {
		if p.Recovered {
			n++
		}
	}
	return float64(n) / float64(max(len(t.pairs), 1))
}
