package analysis

import (
	"slices"

	"headwater/graph"
)

// stretch is a run of windows, as positions [from, to), that left the baseline.
type stretch struct {
	from, to int
	users    bool         // users were hurt, not only nodes
	open     bool         // it had not ended when the data did
	first    graph.NodeID // what was breached first
	ramp     bool         // it shows against earlier days only
}

const (
	// historyNeeded is how many windows a baseline needs.
	historyNeeded = 6
	// historyKept is how many windows before an incident are compared with.
	historyKept = 60
	// calmWindows without a breach end an incident: pulses are bridged.
	calmWindows = 6
	// pooled is over how many windows a route with little traffic is gathered.
	pooled = 6
	// enough requests make a window speak for itself.
	enough = 30
)

// detect finds the stretches in which users or nodes left their baseline:
// windows without a breach so far, or the known-good ones.
func detect(windows, known []*graph.Window, days *days) []stretch {
	f := newFold(known)
	for i := range windows {
		f.step(windows, i, days)
	}
	return f.found()
}

// fold is detection on its way through windows. A copy of it made by hold goes on
// from there.
type fold struct {
	d    detector
	out  []stretch
	cur  *stretch
	calm int
	// hot is for how many windows a breach lasts that is no incident yet.
	hot, hotFrom int
	hotUsers     bool
	hotFirst     graph.NodeID
	ended        int // where the newest incident did
	taken        int // windows
	far          int // for how many windows users have been far from earlier days
}

func newFold(known []*graph.Window) *fold {
	f := &fold{d: detector{fixed: len(known) >= 1}}
	for _, w := range known {
		f.d.know(w)
	}
	return f
}

// hold gives a copy that further steps do not change.
func (f *fold) hold() *fold {
	c := *f
	c.d.history, c.d.pending = slices.Clone(f.d.history), slices.Clone(f.d.pending)
	c.d.base, c.d.shapes, c.d.usual, c.d.rare = nil, nil, nil, rarities{} // can be made again
	c.out = slices.Clone(f.out)
	if f.cur != nil {
		cur := *f.cur
		c.cur = &cur
	}
	return &c
}

// step takes in the window at i; those before it were taken in already.
func (f *fold) step(windows []*graph.Window, i int, days *days) {
	f.taken = i + 1
	w := windows[i]
	recent := windows[max(0, i-longest+1) : i+1]
	b := f.d.breached(w, recent)
	day := days.at(w.Start, f.out, windows)
	ramp := f.ramped(day, recent)
	if !b.first.IsZero() && day != nil && day.breached(w, recent).first.IsZero() {
		b = breach{} // as on earlier days at this time
	}
	if ramp != (breach{}) && (b.first.IsZero() || f.cur != nil && f.cur.ramp) {
		b = ramp
	}
	breach := !b.first.IsZero()
	switch {
	case f.cur != nil && breach:
		f.calm = 0
		f.cur.to, f.cur.users = i+1, f.cur.users || b.users
	case f.cur != nil:
		f.calm++
		if f.calm >= calmWindows {
			f.out = append(f.out, *f.cur)
			f.ended = f.cur.to
			f.cur, f.hot = nil, 0
			f.d.learn(w)
		}
	case breach:
		if f.hot == 0 {
			f.hotFrom, f.hotFirst, f.hotUsers = i, b.first, false
		}
		f.hot++
		f.hotUsers = f.hotUsers || b.users
		f.hotFrom = max(f.ended, min(f.hotFrom, i+1-b.since))
		if b.strong || f.hot >= 3 || f.hot >= 2 && b.users {
			f.cur = &stretch{from: f.hotFrom, to: i + 1, users: f.hotUsers, first: f.hotFirst, ramp: b.ramp}
			if n := len(f.out); n > 0 && f.hotFrom-f.out[n-1].to < calmWindows { // it shows only now that it went on
				last := f.out[n-1]
				f.cur.from, f.cur.users, f.cur.first, f.cur.ramp = last.from, f.cur.users || last.users, last.first, f.cur.ramp && last.ramp
				f.out = f.out[:n-1]
			}
			f.calm = 0
			f.d.pending = nil
		}
	default:
		f.hot = 0
		f.d.learn(w)
	}
}

// found gives the stretches up to now.
func (f *fold) found() []stretch {
	if f.cur == nil {
		return slices.Clone(f.out)
	}
	cur := *f.cur
	cur.open = f.calm < calmWindows
	return append(slices.Clone(f.out), cur)
}

// detector knows what is normal, window by window.
type detector struct {
	fixed   bool // the baseline was given and is not learned
	history []*graph.Window
	pending []*graph.Window             // the newest, which may turn out to be part of something
	made    []*graph.Window             // the history that base was made of, at most staleAfter windows old
	base    *graph.Window               // sum of made, as far as channels need it
	shapes  map[graph.RouteID]*shapesOf // of base
	usual   map[channel]*usual
	rare    rarities
	age     int // windows learnt since base was made
}

// unsure is how many of the newest windows are not learnt yet: what rises slowly
// shows late.
const unsure = 3

// staleAfter is after how many more windows the sum of the history is made
// again: making it costs as much as all its windows, and one more hardly moves
// it.
const staleAfter = 6

// learn takes a window in that is well, as far as one can see by now.
func (d *detector) learn(w *graph.Window) {
	if d.pending = append(d.pending, w); len(d.pending) > unsure {
		d.know(d.pending[0])
		d.pending = d.pending[1:]
	}
}

// know takes a window into the history.
func (d *detector) know(w *graph.Window) {
	d.history = append(d.history, w)
	if len(d.history) > historyKept && !d.fixed {
		d.history = d.history[1:]
	}
	d.age++
}
