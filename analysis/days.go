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
	known   map[int64]*detector       // by the minute of the present day; nil where nothing can be said
}

// ago are the days that are looked back to: the first that serves is taken.
var ago = []time.Duration{24 * time.Hour, 7 * 24 * time.Hour}

const (
	// around is how far around the same time earlier days are looked at: what
	// comes daily does not come to the second.
	around = int64(10 * time.Minute)
	// daysNeeded is how many minutes of an earlier day must be there, and well.
	daysNeeded = 10
	// daysJoined is how many joined minutes are kept for the next look.
	daysJoined = 100
)

// daysOf gives the earlier days of an analysis; nil where there are none, and
// nobody kept them.
func daysOf(in Input, names map[graph.NodeID]graph.NodeID, windows []*graph.Window) *days {
	d := &days{parts: map[int64][]*graph.Window{}, minutes: map[int64]*graph.Window{}, wholes: map[int64]*graph.Window{}, ill: in.Ill, known: map[int64]*detector{}}
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
	w.Start = m
	d.minutes[m] = w
	return w
}

// whole joins the windows of minutes with all that is in them.
func (d *days) whole(minutes []*graph.Window) []*graph.Window {
	out := make([]*graph.Window, len(minutes))
	for i, w := range minutes {
		if d.wholes[w.Start] == nil {
			d.wholes[w.Start] = graph.Sum(d.parts[w.Start])
			d.wholes[w.Start].Start = w.Start
		}
		out[i] = d.wholes[w.Start]
	}
	return out
}

// at gives a detector that knows what is normal at the time of day; nil where no
// earlier day tells. Incidents that were found among the windows are left out.
func (d *days) at(now int64, found []stretch, windows []*graph.Window) *detector {
	if d == nil {
		return nil
	}
	m := minuteOf(now)
	if known, ok := d.known[m]; ok {
		return known
	}
	var day *detector
	if list, _, _ := d.like(m, m, found, windows); list != nil {
		day = &detector{fixed: true, history: list}
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
func (f *fold) ramped(day *detector, recent []*graph.Window) breach {
	if day == nil || f.d.fixed {
		f.far = 0
		return breach{}
	}
	w := recent[len(recent)-1]
	day.prepare()
	for _, id := range sortedRoutes(w.Routes) {
		c := channel{route: id}
		p := pool(recent, c)
		if slow, _ := day.usualOf(c).above(p.time, rampFrom); slow && p.n >= enough {
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
