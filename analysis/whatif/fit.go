package whatif

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/graph"
)

// Input is what a fit is made from.
type Input struct {
	// Windows are the settled windows around the incident, in any order: some
	// before it, and some after it where there are any.
	Windows []*graph.Window
	// Incident is when it was. A zero End means to the end of the data.
	Incident analysis.Interval
}

const (
	// leadWindows are played before the incident begins, tailWindows after its end
	// at most, mostWindows in all.
	leadWindows = 6
	tailWindows = 18
	mostWindows = 240
	// baseWindows are how many windows before an incident tell what is usual, at
	// most and at least; those right before it are left out, since it may have begun
	// in them.
	baseWindows  = 60
	leastWindows = 6
	leftOut      = 1
)

// Fit is the measured system as a scenario, and what it was measured to do. It is
// for one question at a time.
type Fit struct {
	scenario *simulate.Scenario
	names    naming
	start    time.Time // of the first window that is played
	length   time.Duration
	incident analysis.Interval

	usually  *graph.Window   // of the time before, all as one
	measured []*graph.Window // those that are played
	from, to int             // of them, those of the incident
	usual    map[graph.RouteID]usual

	edges    []EdgeFit
	services []ServiceFit
	routes   []graph.RouteID        // by which users come, most used first
	notes    []string               // on what was read with doubt, or is not plain
	unheard  map[graph.RouteID]bool // too little failed to see whether users try again
	cut      bool                   // the incident is longer than what is played
	replayed map[int]*replayed
	adjusted bool // or it could not be
}

// EdgeFit is how the calls of an edge are made, as far as it showed.
type EdgeFit struct {
	ID       graph.EdgeID
	Timeout  time.Duration // 0: none was seen
	Attempts int
	Budget   float64
	Backoff  time.Duration
	Optional bool
	Breaker  time.Duration // how long it is open; 0: none was seen
	// Connections are those of one instance of the caller; 0 where no limit showed.
	Connections int

	name     string  // in the scenario
	unfailed bool    // too little failed to see what the caller does then
	calls    float64 // a second, usually
	amplify  float64 // attempts per call in the incident
	failed   int64   // attempts in the incident
	longest  float64 // usual p99 of an attempt, ns
	occupied float64
}

// ServiceFit is how much a service, or a node without spans, does at once.
type ServiceFit struct {
	ID       graph.NodeID
	Replicas int
	Workers  int // of one instance; 0 where no limit showed
	Queue    int // that may wait for one; 0 where none was turned away

	name string
}

var errTooLittle = errors.New("too few windows before the incident to fit a system to: at least a minute is needed")

// fitting is a fit in the making.
type fitting struct {
	*Fit
	base     *graph.Window
	calm     []*graph.Window // that make it
	windows  []*graph.Window
	steps    map[operation][]step
	opsOf    map[graph.NodeID][]operation
	ids      []graph.EdgeID
	widths   map[graph.NodeID]width
	policies map[graph.EdgeID]policy
	stations map[graph.NodeID]station
	pools    map[graph.EdgeID]pool
	breakers map[graph.EdgeID]breaker
	capped   map[graph.EdgeID]capped
	taken    map[operation]graph.NodeID // consumers and their queues
	habits   map[graph.RouteID]habit    // of the routes by which users come
}

// New fits the engine to windows.
func New(in Input) (*Fit, error) {
	f, err := fit(in)
	if err != nil {
		return nil, err
	}
	return f.Fit, nil
}

func fit(in Input) (*fitting, error) {
	windows := slices.Clone(in.Windows)
	slices.SortFunc(windows, func(a, b *graph.Window) int { return cmp.Compare(a.Start, b.Start) })
	windows = analysis.Answered(windows)
	f := &fitting{Fit: &Fit{incident: in.Incident, replayed: map[int]*replayed{}}}
	base, err := f.choose(windows)
	if err != nil {
		return nil, err
	}
	f.base, f.calm = sum(base), base
	f.usually = f.base
	f.steps = readSteps(f.base)
	f.opsOf = map[graph.NodeID][]operation{}
	for _, id := range sortedNodes(f.base.Nodes) {
		for name := range f.base.Nodes[id].Operations {
			f.opsOf[id] = append(f.opsOf[id], operation{id, name})
		}
		slices.SortFunc(f.opsOf[id], operation.compare)
	}
	f.ids = sortedEdges(f.base.Edges)
	f.habits, f.unheard = map[graph.RouteID]habit{}, map[graph.RouteID]bool{}
	for id := range f.base.Routes {
		f.habits[id] = f.habitOf(id)
		f.unheard[id] = len(f.comings(id).telling) < manyWindows
	}
	f.learn(base)
	if err := f.build(); err != nil {
		return nil, fmt.Errorf("the windows make no system: %w", err)
	}
	f.usual = map[graph.RouteID]usual{}
	for _, id := range f.routes {
		f.usual[id] = usualOf(base, id)
	}
	return f, nil
}

// choose takes the windows that tell what is usual, and those that are played.
func (f *fitting) choose(windows []*graph.Window) (base []*graph.Window, err error) {
	if len(windows) == 0 {
		return nil, errTooLittle
	}
	f.length = time.Duration(windows[len(windows)-1].Length)
	from := slices.IndexFunc(windows, func(w *graph.Window) bool { return w.Start+w.Length > f.incident.Start.UnixNano() })
	if from < leastWindows+leftOut {
		return nil, errTooLittle
	}
	to := len(windows)
	if !f.incident.End.IsZero() {
		if i := slices.IndexFunc(windows, func(w *graph.Window) bool { return w.Start >= f.incident.End.UnixNano() }); i >= 0 {
			to = i
		}
	}
	if to <= from {
		return nil, errors.New("no spans started in the incident")
	}
	base = quiet(windows[max(0, from-leftOut-baseWindows) : from-leftOut])
	lead := max(0, from-leadWindows)
	last := min(len(windows), to+tailWindows, lead+mostWindows)
	f.cut = last < to
	f.measured = windows[lead:last]
	f.from, f.to = from-lead, min(to, last)-lead
	f.start = time.Unix(0, windows[lead].Start).UTC()
	f.windows = f.even()
	return base, nil
}

// quiet leaves out windows in which many more requests failed than in most of them:
// an incident before this one. Where too few would be left, they are all taken.
func quiet(windows []*graph.Window) []*graph.Window {
	var shares []float64
	for _, w := range windows {
		var n, bad int64
		for _, r := range w.Routes {
			if r.Source.IsZero() {
				n += r.Requests
				bad += r.Failed
			}
		}
		shares = append(shares, ratio(bad, n))
	}
	most := quantile(shares, 0.5) + failingMany
	var out []*graph.Window
	for i, w := range windows {
		if shares[i] <= most {
			out = append(out, w)
		}
	}
	if len(out) < leastWindows {
		return windows
	}
	return out
}

// even gives the windows that are played without gaps in time: where no spans
// came, there is an empty one.
func (f *fitting) even() []*graph.Window {
	var out []*graph.Window
	at, length := f.measured[0].Start, int64(f.length)
	from, to := f.from, f.to
	for i, w := range f.measured {
		for ; at < w.Start && len(out) < mostWindows; at += length {
			out = append(out, graph.NewWindow(at, length))
			if i <= from {
				f.from++
			}
			if i < to {
				f.to++
			}
		}
		out = append(out, w)
		at = w.Start + length
	}
	f.measured = out
	return out
}

// learn reads policies and limits; before are the windows that are not played.
func (f *fitting) learn(before []*graph.Window) {
	seen := slices.Concat(before, f.windows)
	f.widths, f.policies, f.stations, f.pools = map[graph.NodeID]width{}, map[graph.EdgeID]policy{}, map[graph.NodeID]station{}, map[graph.EdgeID]pool{}
	f.taken = map[operation]graph.NodeID{}
	for id, r := range f.base.Routes {
		if !r.Source.IsZero() {
			f.taken[operation{id.Node, id.Operation}] = r.Source
		}
	}
	f.breakers, f.capped = map[graph.EdgeID]breaker{}, map[graph.EdgeID]capped{}
	for _, e := range f.ids {
		if e.Async {
			continue
		}
		f.policies[e] = policyOf(seen, e)
		b, ok := f.breakerOf(e)
		if ok {
			f.breakers[e] = b
			f.policies[e] = f.unheld(f.policies[e], seen, e, b)
			continue
		}
		if b.doubt {
			f.notes = append(f.notes, fmt.Sprintf("Visits of %s failed without a call of %s while such calls failed: a circuit breaker, or it was full itself. Here they fail by themselves.", e.Caller.Name, e.Callee.Name))
		}
		if c, was, ok := f.cappedOf(before, e, f.policies[e]); ok {
			f.capped[e], f.policies[e] = c, was
		}
	}
	loaded := f.loaded()
	for _, id := range sortedNodes(f.base.Nodes) {
		if id.Kind == graph.Service && len(f.opsOf[id]) > 0 {
			f.widths[id] = widthOf(f.base, f.windows, id)
			continue
		}
		var in []graph.EdgeID
		for _, e := range f.ids {
			if e.Callee == id {
				in = append(in, e)
			}
		}
		f.stations[id] = stationOf(f.base, f.windows, id, in, loaded || f.busier(in))
	}
	for _, e := range f.ids {
		if p, ok := f.poolOf(e); ok {
			f.pools[e] = p
		}
	}
}

// manyMore is by how much more traffic is a load that explains waits.
const manyMore = 1.5

// loaded reports whether far more users came than usual when it began, without those
// who only tried again.
func (f *fitting) loaded() bool {
	begin := f.windows[f.from:min(f.from+3, len(f.windows))]
	var now, usual float64
	for _, id := range sortedRoutes(f.base.Routes) {
		b := f.base.Routes[id]
		if !b.Source.IsZero() || b.Requests < fewVisits {
			continue
		}
		usual = float64(b.Requests) / float64(f.base.Length)
		now = 0
		for i, w := range begin {
			if h, ok := f.habits[id]; ok {
				now += h.fresh[f.from+i]
			} else {
				now += float64(routeOf(w, id).Requests)
			}
		}
		if now >= fewFailures && now/float64(int64(len(begin))*int64(f.length)) > manyMore*usual {
			return true
		}
	}
	return false
}

// busier reports whether much more was asked of a node by as many visits.
func (f *fitting) busier(in []graph.EdgeID) bool {
	begin := f.windows[f.from:min(f.from+3, len(f.windows))]
	for _, e := range in {
		for _, w := range begin {
			if s := f.fan(w, e); s.weight > 0 && s.value > manyMore+sure*s.off && edgeOf(w, e).Calls >= fewFailures {
				return true
			}
		}
	}
	return false
}
