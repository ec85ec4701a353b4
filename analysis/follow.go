package analysis

import (
	"cmp"
	"maps"
	"slices"

	"headwater/graph"
)

// Follower is Analyze for windows that keep coming. It gives the same reports, but
// keeps between two looks what it made of the windows that are still the same: a
// look costs in proportion to the windows that are new, and to those from the
// first that changed. The zero Follower is ready to use. It keeps the windows
// that it was given.
type Follower struct {
	raw     []*graph.Window // as they came, in order
	windows []*graph.Window // renamed
	in      Input
	places  map[graph.Address]graph.NodeID
	names   map[graph.NodeID]graph.NodeID
	known   []*graph.Window // renamed
	days    *days
	census  *census
	fold    *fold
	marks   []mark // before some of the windows
	told    []told // incidents
}

// mark is where detection can go on from.
type mark struct {
	at   int // windows taken in
	fold *fold
}

// markEach is how many windows lie between two marks.
const markEach = 30

// told is an incident as it was explained.
type told struct {
	at       stretch
	looked   []*graph.Window
	carried  *carried
	why      string
	incident Incident
}

// Analyze is the function of the same name. Windows that are the same as in the
// call before must be the same pointers, and must not have been changed.
func (f *Follower) Analyze(in Input, opt Options) *Report {
	if in.Incident != nil {
		return Analyze(in, opt)
	}
	opt.setDefaults()
	raw := slices.Clone(in.Windows)
	slices.SortStableFunc(raw, func(a, b *graph.Window) int { return cmp.Compare(a.Start, b.Start) })
	if len(in.Known) == 0 {
		raw = withSilence(raw)
	}
	f.take(in, raw)
	r := newReport()
	f.census.describe(r, f.windows)
	for i := f.fold.taken; i < len(f.windows); i++ {
		if i%markEach == 0 {
			f.marks = append(f.marks, mark{i, f.fold.hold()})
		}
		f.fold.step(f.windows, i, f.days)
	}
	found := f.fold.found()
	if len(f.windows) < historyNeeded && len(f.known) == 0 {
		r.tooFew(len(f.windows))
	}
	before := f.told
	f.told = nil
	for i, s := range found {
		x := explainer{windows: f.windows, known: f.known, days: f.days, at: s, earlier: found[:i], opt: opt}
		t, ok := f.explain(&x, before)
		if !ok {
			r.nothingHealthy(f.windows[s.from])
			continue
		}
		f.told = append(f.told, t)
		r.Incidents = append(r.Incidents, t.incident)
	}
	return r
}

// take brings what is kept to the new windows: as far as they are the same as
// before it stays.
func (f *Follower) take(in Input, raw []*graph.Window) {
	same := 0
	for same < min(len(raw), len(f.raw)) && alike(raw[same], f.raw[same]) {
		same++
	}
	if same < len(f.raw) || f.census == nil {
		f.places = map[graph.Address]graph.NodeID{}
		learnAddresses(f.places, in.Known...)
		learnAddresses(f.places, raw...)
	} else {
		learnAddresses(f.places, raw[same:]...)
	}
	names := namesAt(f.places)
	others := f.census == nil || !slices.Equal(f.in.Known, in.Known) || !slices.Equal(f.in.Ill, in.Ill) || f.in.Daily != in.Daily ||
		!grown(f.in.Earlier, in.Earlier)
	if others || !maps.Equal(names, f.names) {
		*f = Follower{places: f.places, census: newCensus(), known: renamed(in.Known, names), told: f.told}
		f.fold = newFold(f.known)
		same = 0
	}
	f.rewind(same)
	earlier := len(f.in.Earlier)
	f.in, f.names, f.raw = in, names, raw
	fresh := renamed(raw[same:], names)
	f.windows = append(slices.Clip(f.windows[:same]), fresh...)
	for _, w := range fresh {
		f.census.count(w, 1)
	}
	switch {
	case f.days == nil || longerThanADay(f.windows):
		f.days = daysOf(in, names, f.windows)
	default:
		f.days.add(renamed(in.Earlier[earlier:], names))
	}
}

// alike reports whether two windows are the same one, or both silence that was put
// between others.
func alike(a, b *graph.Window) bool {
	return a == b || a.Start == b.Start && a.Length == b.Length && empty(a) && empty(b)
}

func empty(w *graph.Window) bool {
	return len(w.Routes)+len(w.Nodes)+len(w.Edges) == 0 && w.Spans == 0
}

// grown reports whether windows are those from before, and later ones.
func grown(before, now []*graph.Window) bool {
	return len(before) <= len(now) && slices.Equal(before, now[:len(before)])
}

// rewind forgets all but the first windows.
func (f *Follower) rewind(same int) {
	for _, w := range f.windows[same:] {
		f.census.count(w, -1)
	}
	if same >= f.fold.taken {
		return
	}
	for len(f.marks) > 0 && f.marks[len(f.marks)-1].at > same {
		f.marks = f.marks[:len(f.marks)-1]
	}
	if n := len(f.marks); n > 0 {
		f.fold = f.marks[n-1].fold
		f.marks = f.marks[:n-1] // it is set again
	} else {
		f.fold = newFold(f.known)
	}
	if f.days != nil {
		clear(f.days.known)
	}
}

// explain explains an incident, from what was made of it before where it is the
// same.
func (f *Follower) explain(x *explainer, before []told) (told, bool) {
	i := slices.IndexFunc(before, func(t told) bool {
		return t.carried.during[0] == x.windows[x.at.from] && t.at.first == x.at.first && t.at.ramp == x.at.ramp
	})
	if i < 0 {
		inc, ok := x.explain()
		return told{x.at, x.looked, x.carried, x.why, inc}, ok
	}
	was := before[i]
	x.look()
	at := was.at
	at.from, at.to = x.at.from, x.at.to
	if at == x.at && was.why == x.why && slices.Equal(was.carried.before, x.before) && slices.Equal(was.looked, x.looked) {
		was.at = x.at
		return was, true
	}
	x.carried = was.carried
	inc, ok := x.explain()
	return told{x.at, x.looked, x.carried, x.why, inc}, ok
}
