package analysis

import (
	"cmp"
	"slices"
	"time"

	"headwater/graph"
)

// days are the windows of earlier days, by the minute: the same time yesterday,
// or a week ago, says what the rhythm of a system does to it.
type days struct {
	parts   map[int64][]*graph.Window // by the minute, in order
	minutes map[int64]*graph.Window   // some of them joined, as far as channels need
	wholes  map[int64]*graph.Window   // those that were asked for, with all that is in them
	ill     []Interval                // incidents on earlier days
	known   map[int64]sameTime        // by the minute of the present day; nil where nothing can be said
}

// ago are the days that are looked back to: the first that serves is taken.
var ago = []time.Duration{24 * time.Hour, 7 * 24 * time.Hour}

const (
	// around is how far around the same time earlier days are looked at: what
	// comes daily does not come to the second.
	around = int64(10 * time.Minute)
	// daysNeeded is how many minutes of an earlier day must be there, and well.
	daysNeeded = 10
	// dayStretch is how long what comes daily must last at least for half of it to
	// be like it, and dayStep by what such stretches differ; stretchNeeded is how
	// many minutes of one must be there.
	dayStretch    = int64(8 * time.Minute)
	dayStep       = int64(2 * time.Minute)
	stretchNeeded = 4
	// daysJoined is how many joined minutes are kept for the next look.
	daysJoined = 100
)

// SameTime gives the stretches of earlier days that an analysis of windows of the
// stretch [from, to) compares with, from whole minutes to whole minutes in Unix
// nanoseconds: those of the first day that serves say what is normal.
func SameTime(from, to int64) [][2]int64 {
	out := make([][2]int64, len(ago))
	for i, back := range ago {
		out[i] = [2]int64{minuteOf(from) - int64(back) - around, minuteOf(to-1) - int64(back) + around + int64(time.Minute)}
	}
	return out
}

// daysOf gives the earlier days of an analysis; nil where there are none, and
// nobody kept them.
func daysOf(in Input, names map[graph.NodeID]graph.NodeID, windows []*graph.Window) *days {
	d := &days{parts: map[int64][]*graph.Window{}, minutes: map[int64]*graph.Window{}, wholes: map[int64]*graph.Window{}, ill: in.Ill, known: map[int64]sameTime{}}
	list := renamed(in.Earlier, names)
	if longerThanADay(windows) {
		list = append(list, windows...)
	}
	if len(list) == 0 && !in.Daily {
		return nil
	}
	d.add(list)
	return d
}

// add takes further windows in.
func (d *days) add(list []*graph.Window) {
	touched := map[int64]bool{}
	for _, w := range list {
		m := minuteOf(w.Start)
		d.parts[m] = append(d.parts[m], w)
		touched[m] = true
	}
	for m := range touched {
		slices.SortStableFunc(d.parts[m], func(a, b *graph.Window) int { return cmp.Compare(a.Start, b.Start) })
		delete(d.minutes, m)
		delete(d.wholes, m)
	}
	if len(list) > 0 {
		clear(d.known)
	}
}

// longerThanADay reports whether windows hold the day before some of them.
func longerThanADay(windows []*graph.Window) bool {
	n := len(windows)
	return n > 0 && windows[n-1].Start-windows[0].Start > int64(ago[0])-around
}

func minuteOf(ns int64) int64 { return ns - ns%int64(time.Minute) }

// minute joins the windows of a minute as far as channels need them.
func (d *days) minute(m int64) *graph.Window {
	if w := d.minutes[m]; w != nil {
		return w
	}
	if len(d.minutes) > daysJoined {
		clear(d.minutes)
	}
	w := watched(d.parts[m])
	aMinute(w, m)
	d.minutes[m] = w
	return w
}

// aMinute says when windows were that were joined. Those of a silent part of the
// minute may be missing; it was as long all the same.
func aMinute(w *graph.Window, m int64) {
	w.Start, w.Length = m, max(w.Length, int64(time.Minute))
}

// whole joins the windows of minutes with all that is in them.
func (d *days) whole(minutes []*graph.Window) []*graph.Window {
	out := make([]*graph.Window, len(minutes))
	for i, w := range minutes {
		if d.wholes[w.Start] == nil {
			d.wholes[w.Start] = graph.Sum(d.parts[w.Start])
			aMinute(d.wholes[w.Start], w.Start)
		}
		out[i] = d.wholes[w.Start]
	}
	return out
}

// sameTime is what is normal around the same time of an earlier day: in stretches
// that lie one behind the other, since what comes daily may come somewhat earlier
// or later, and be over soon.
type sameTime []*detector

// breached says what left the baseline and was in no stretch of the earlier day as
// it is now.
func (s sameTime) breached(w *graph.Window, recent []*graph.Window) breach {
	var b breach
	for _, d := range s {
		if b = d.breached(w, recent); b.first.IsZero() {
			return breach{}
		}
	}
	return b
}

// above reports whether requests take longer than in each of the stretches, by the
// given factor.
func (s sameTime) above(c channel, m graph.Moments, factor float64) bool {
	for _, d := range s {
		d.prepare()
		if slow, _ := d.usualOf(c).above(m, factor); !slow {
			return false
		}
	}
	return len(s) > 0
}

// at gives what is normal at the time of day; nil where no earlier day tells.
// Incidents that were found among the windows are left out.
func (d *days) at(now int64, found []stretch, windows []*graph.Window) sameTime {
	if d == nil {
		return nil
	}
	m := minuteOf(now)
	if known, ok := d.known[m]; ok {
		return known
	}
	var day sameTime
	if list, back, _ := d.like(m, m, found, windows); list != nil {
		first := m - int64(back) - around
		for from := first; from+dayStretch <= first+2*around+int64(time.Minute); from += dayStep {
			some := slices.DeleteFunc(slices.Clone(list), func(w *graph.Window) bool { return w.Start < from || w.Start >= from+dayStretch })
			if len(some) >= stretchNeeded {
				day = append(day, &detector{fixed: true, history: some})
			}
		}
	}
	clear(d.known) // one minute comes after the other
	d.known[m] = day
	return day
}

// like gives the minutes around the same time of the first earlier day that
// serves. Where none does it says whether that is because they were ill.
func (d *days) like(from, to int64, found []stretch, windows []*graph.Window) (list []*graph.Window, back time.Duration, ill bool) {
	for _, back := range ago {
		list = nil
		sick := 0
		for m := from - int64(back) - around; m <= to-int64(back)+around; m += int64(time.Minute) {
			switch {
			case len(d.parts[m]) == 0:
			case d.sick(m, found, windows):
				sick++
			default:
				list = append(list, d.minute(m))
			}
		}
		if len(list) >= daysNeeded && len(list) > sick {
			return list, back, false
		}
		ill = ill || sick > 0
	}
	return nil, 0, ill
}

// sick reports whether an incident touched the minute.
func (d *days) sick(m int64, found []stretch, windows []*graph.Window) bool {
	end := m + int64(time.Minute)
	for _, i := range d.ill {
		if i.Start.UnixNano() < end && (i.End.IsZero() || i.End.UnixNano() > m) {
			return true
		}
	}
	for _, s := range found {
		last := windows[s.to-1]
		if windows[s.from].Start < end && last.Start+last.Length > m {
			return true
		}
	}
	return false
}

const (
	// rampFrom is by what factor requests must take longer than on earlier days for
	// a rise that is too slow to show against the time before.
	rampFrom = 1.5
	// rampFor is for how many windows.
	rampFor = 30
)

// ramped says whether users have been far from earlier days for long.
func (f *fold) ramped(day sameTime, recent []*graph.Window) breach {
	if day == nil || f.d.fixed {
		f.far = 0
		return breach{}
	}
	for _, id := range sortedRoutes(recent[len(recent)-1].Routes) {
		c := channel{route: id}
		if p := pool(recent, c); p.n >= enough && day.above(c, p.time, rampFrom) {
			f.far++
			if f.far < rampFor {
				return breach{}
			}
			return breach{first: id.Node, users: true, strong: true, since: rampFor, ramp: true}
		}
	}
	f.far = 0
	return breach{}
}
