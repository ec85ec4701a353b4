package analysis

import (
	"headwater/graph"
)

// stretch is a run of windows, as positions [from, to), that left the baseline.
type stretch struct {
	from, to int
	users    bool         // users were hurt, not only nodes
	open     bool         // it had not ended when the data did
	first    graph.NodeID // what was breached first
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
func detect(windows, known []*graph.Window) []stretch {
	d := detector{fixed: len(known) >= 1}
	for _, w := range known {
		d.know(w)
	}
	var out []stretch
	var cur *stretch
	calm, hot, hotFrom, ended := 0, 0, 0, 0
	hotUsers := false
	var hotFirst graph.NodeID
	for i, w := range windows {
		recent := windows[max(0, i-longest+1) : i+1]
		b := d.breached(w, recent)
		breach := !b.first.IsZero()
		switch {
		case cur != nil && breach:
			calm = 0
			cur.to, cur.users = i+1, cur.users || b.users
		case cur != nil:
			calm++
			if calm >= calmWindows {
				out = append(out, *cur)
				ended = cur.to
				cur, hot = nil, 0
				d.learn(w)
			}
		case breach:
			if hot == 0 {
				hotFrom, hotFirst, hotUsers = i, b.first, false
			}
			hot++
			hotUsers = hotUsers || b.users
			hotFrom = max(ended, min(hotFrom, i+1-b.since))
			if b.strong || hot >= 3 || hot >= 2 && b.users {
				cur = &stretch{from: hotFrom, to: i + 1, users: hotUsers, first: hotFirst}
				if n := len(out); n > 0 && hotFrom-out[n-1].to < calmWindows { // it shows only now that it went on
					cur.from, cur.users, cur.first = out[n-1].from, cur.users || out[n-1].users, out[n-1].first
					out = out[:n-1]
				}
				calm = 0
				d.pending = nil
			}
		default:
			hot = 0
			d.learn(w)
		}
	}
	if cur != nil {
		cur.open = calm < calmWindows
		out = append(out, *cur)
	}
	return out
}

// detector knows what is normal, window by window.
type detector struct {
	fixed   bool // the baseline was given and is not learned
	history []*graph.Window
	pending []*graph.Window             // the newest, which may turn out to be part of something
	base    *graph.Window               // sum of history, at most staleAfter windows old
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
