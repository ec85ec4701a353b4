package analysis

import (
	"slices"
	"time"

	"headwater/graph"
)

// carried is what the explanation of an incident goes on with when more windows
// of it come: all that does not change by them.
type carried struct {
	before, during []*graph.Window // what it is made from

	base, now *graph.Window // their sums
	noise     noise         // of before
	sheet     *sheet        // of base
	taken     []*takings    // of during, one by one

	beginning *takings     // of the first len(begun) windows of during
	begun     [][2]float64 // how much was felt, by how many requests, in so many windows from the start
	starts    map[[2]int]*rested
	felt      []float64 // by users a second, window by window; the last may change
	rising    map[onsetOf]*onset
	cells     map[graph.NodeID][]Cell
}

// goOn brings what is carried to the windows of the explainer.
func (c *carried) goOn(before, during []*graph.Window) {
	had := len(c.during)
	if c.base == nil || !slices.Equal(c.before, before) || had > len(during) || !slices.Equal(c.during, during[:had]) {
		*c = carried{
			base: graph.Sum(before), now: graph.Sum(during), noise: noiseIn(before),
			starts: map[[2]int]*rested{}, rising: map[onsetOf]*onset{}, cells: map[graph.NodeID][]Cell{},
		}
		had = 0
	} else {
		for _, w := range during[had:] {
			c.now.Merge(w)
			c.now.Length += w.Length
		}
	}
	c.before, c.during = slices.Clone(before), slices.Clone(during)
	if s := newSheet(c.base, c.now, c.noise); c.sheet == nil || !s.same(c.sheet) {
		c.sheet = s
		c.taken, c.beginning = nil, nil
	}
	for _, w := range during[len(c.taken):] {
		c.taken = append(c.taken, c.sheet.read(w))
	}
	if had > 0 {
		c.felt = c.felt[:min(len(c.felt), had-1)]
	}
}

// same reports whether takings read for one sheet can be used with the other.
func (s *sheet) same(o *sheet) bool {
	return slices.EqualFunc(s.routes, o.routes, func(a, b sheetRoute) bool {
		return a.id == b.id && slices.Equal(a.accounts, b.accounts)
	})
}

// feltFirst is how much users felt in the first k windows, and in how many
// requests.
func (c *carried) feltFirst(k int) (felt, requests float64) {
	if c.beginning == nil {
		c.beginning = c.sheet.nothing()
		for _, t := range c.taken[:len(c.begun)] {
			c.beginning.add(t)
		}
	}
	for len(c.begun) <= k {
		var f [2]float64
		if len(c.begun) >= earlyWindows {
			for _, p := range c.sheet.pains(c.beginning, nil) {
				if w := p.weight(); w > 0 {
					f[0] += w
					f[1] += p.requests
				}
			}
		}
		c.beginning.add(c.taken[len(c.begun)])
		c.begun = append(c.begun, f)
	}
	return c.begun[k][0], c.begun[k][1]
}

// feltAt is how much users felt a second in a window and those beside it: single
// windows have too few requests.
func (c *carried) feltAt(i int) float64 {
	for len(c.felt) <= i {
		k := len(c.felt)
		around, length, pain := c.sheet.nothing(), int64(0), 0.0
		for j := max(0, k-1); j < min(len(c.during), k+2); j++ {
			around.add(c.taken[j])
			length += c.during[j].Length
		}
		for _, p := range c.sheet.pains(around, nil) {
			pain += p.weight()
		}
		c.felt = append(c.felt, pain/(float64(length)/1e9))
	}
	return c.felt[i]
}

// onsetOf names a metric of a node.
type onsetOf struct {
	node graph.NodeID
	what byte // 's' for its own time, 'o' for its own part, 'w' for the whole
}

// onset is the search for the window from which on a metric stays high.
type onset struct {
	limit float64
	known bool // there is a baseline
	seen  int  // windows
	first *time.Time
	found bool
}

// onset is the first window of the incident from which a metric stays above
// its baseline for two windows; nil where it never does.
func (x *explainer) onset(of func(*graph.Window) (float64, bool)) *time.Time {
	o := newOnset(x.before, of)
	return o.goOn(x.during, of)
}

// onsetOf is onset for a metric that is asked for again.
func (x *explainer) onsetOf(what onsetOf, of func(*graph.Window) (float64, bool)) *time.Time {
	o := x.rising[what]
	if o == nil {
		o = newOnset(x.before, of)
		x.rising[what] = o
	}
	return o.goOn(x.during, of)
}
