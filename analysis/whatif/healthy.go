package whatif

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/graph"
)

// Well is what a fit of a system is made from in which nothing is wrong.
type Well struct {
	// Windows are settled windows of healthy time, in any order.
	Windows []*graph.Window
	// Trouble are those of incidents: how callers retry, when they give up and how
	// much is done at once shows best there. There may be none.
	Trouble []*graph.Window
	// What traces showed, where windows don't tell: when callers give up, the most
	// attempts of one call, the places of one copy of a service or of all of a
	// database.
	Timeouts map[graph.EdgeID]time.Duration
	Attempts map[graph.EdgeID]int
	Places   map[graph.NodeID]int
	// Most is how many were at a node at a time, at most, and Longest how long a
	// call was waited for: what goes beyond was never seen to be borne.
	Most    map[graph.NodeID]int
	Longest map[graph.EdgeID]time.Duration
}

// Healthy is a healthy system as a scenario, in which parts may be slowed. It is
// for one question at a time.
type Healthy struct {
	fit  *Fit
	well Well
	off  map[graph.RouteID]string // routes that the fit does not do as they are, and how
	at   map[graph.NodeID][]graph.RouteID
	base map[uint64][]*graph.Window // without a slowdown, by seed
}

// A slowdown is played for slowWindows, after calmWindows, and backWindows after
// it; in the last of them it shows whether the system came back.
const (
	calmWindows   = 6
	slowWindows   = 12
	backWindows   = 24
	lastWindows   = 6
	playedWindow  = 10 * time.Second
	wellWindows   = 120 // that tell what is usual, the newest
	troubleMost   = 240
	leastRequests = 20
	// nearUsual is by what factor the fit's requests may take longer or less, with
	// so many nanoseconds besides; nearFailing by what share more or less may fail.
	nearUsual, nearBy = 1.5, 10e6
	nearFailing       = 0.05
	// finished is the share of the usual requests that must have come to an end.
	finished = 0.8
)

// SlowFor is how long a slowdown lasts, BackIn how long after it a system must be
// well again to have come back by itself.
const (
	SlowFor = slowWindows * playedWindow
	BackIn  = (backWindows - lastWindows) * playedWindow
)

var errTooCalm = errors.New("too few windows of healthy time to fit a system to: at least a minute is needed")

// NewHealthy fits the engine to a healthy system.
func NewHealthy(ctx context.Context, in Well) (*Healthy, error) {
	sorted := func(windows []*graph.Window, most int) []*graph.Window {
		windows = slices.SortedFunc(slices.Values(windows), func(a, b *graph.Window) int { return cmp.Compare(a.Start, b.Start) })
		return windows[max(0, len(windows)-most):]
	}
	all := analysis.Answered(slices.Concat(sorted(in.Windows, wellWindows), sorted(in.Trouble, troubleMost)))
	calm, trouble := all[:min(len(in.Windows), wellWindows)], all[min(len(in.Windows), wellWindows):]
	if len(calm) < leastWindows {
		return nil, errTooCalm
	}
	f := &fitting{Fit: &Fit{replayed: map[int]*replayed{}, length: time.Duration(calm[0].Length), start: simulate.DefaultStart}}
	f.base, f.windows, f.to = sum(calm), trouble, len(trouble)
	f.steps = readSteps(f.base)
	f.opsOf = map[graph.NodeID][]operation{}
	for _, id := range sortedNodes(f.base.Nodes) {
		for name := range f.base.Nodes[id].Operations {
			f.opsOf[id] = append(f.opsOf[id], operation{id, name})
		}
		slices.SortFunc(f.opsOf[id], operation.compare)
	}
	f.ids = sortedEdges(f.base.Edges)
	f.learn(calm)
	for e, c := range f.capped { // and stay so
		p := f.policies[e]
		p.attempts = c.attempts
		f.policies[e] = p
	}
	f.believe(in, all)
	b := f.parts()
	b.addSteady()
	if len(f.routes) == 0 {
		return nil, errors.New("no requests of users in these windows")
	}
	f.length = playedWindow
	if err := b.complete(calmWindows + slowWindows + backWindows); err != nil {
		return nil, fmt.Errorf("the windows make no system: %w", err)
	}
	f.usual = map[graph.RouteID]usual{}
	h := &Healthy{fit: f.Fit, well: in, off: map[graph.RouteID]string{}, at: map[graph.NodeID][]graph.RouteID{}, base: map[uint64][]*graph.Window{}}
	for _, id := range f.routes {
		f.usual[id] = usualOf(calm, id)
		by := map[graph.NodeID]bool{}
		for a := range f.base.Routes[id].Accounts {
			by[a.Node] = true
		}
		for _, n := range sortedNodes(by) {
			h.at[n] = append(h.at[n], id)
		}
	}
	h.well.Windows, h.well.Trouble = nil, nil // they are many
	base, err := h.unslowed(ctx, 1)
	if err != nil {
		return nil, err
	}
	h.compare(base)
	return h, nil
}

// believe takes over what traces showed and windows did not.
func (f *fitting) believe(in Well, all []*graph.Window) {
	for _, e := range f.ids {
		p, ok := f.policies[e]
		if !ok {
			continue
		}
		if p.timeout == 0 {
			p.timeout = in.Timeouts[e]
		}
		if n := in.Attempts[e]; n > p.attempts {
			p.attempts = min(n, mostAttempts)
			var waits, again int64
			for _, w := range all {
				s := edgeOf(w, e)
				waits += s.Backoff
				again += s.Attempts - s.Calls
			}
			if p.backoff == 0 {
				p.backoff = time.Duration(ratio(waits, again))
			}
		}
		f.policies[e] = p
	}
	for id, n := range in.Places {
		if w, ok := f.widths[id]; ok && w.places == 0 {
			w.places = n
			f.widths[id] = w
		}
		if s, ok := f.stations[id]; ok && s.places == 0 {
			s.places = n
			f.stations[id] = s
		}
	}
}

// addSteady makes the routes by which requests come in, as many as came on average.
func (b *builder) addSteady() {
	for _, id := range sortedRoutes(b.base.Routes) {
		call, s := b.op[operation{id.Node, id.Operation}], b.base.Routes[id]
		if call == "" || s.Requests == 0 || !s.Source.IsZero() && b.published(s.Source) {
			continue
		}
		b.sys.Entries = append(b.sys.Entries, simulate.Entry{
			Name: fmt.Sprintf("e%d", len(b.sys.Entries)), Call: call, Timeout: simulate.Duration(time.Hour),
			Rate: float64(s.Requests) / (float64(b.base.Length) / 1e9),
		})
		b.Fit.routes = append(b.Fit.routes, id)
	}
}

// compare finds the routes that the fit does not do as they are.
func (h *Healthy) compare(base []*graph.Window) {
	for _, id := range h.fit.routes {
		was, is := h.fit.usual[id], usualOf(base, id)
		n := int64(0)
		for _, w := range base {
			n += routeOf(w, id).Requests
		}
		if n < leastRequests {
			continue
		}
		r := (is.mean + nearBy) / (was.mean + nearBy)
		switch {
		case r > nearUsual || r < 1/nearUsual:
			h.off[id] = fmt.Sprintf("%s takes %s, in the fit %s", id.Operation, seconds(was.mean/1e9), seconds(is.mean/1e9))
		case math.Abs(is.failed-was.failed) > nearFailing:
			h.off[id] = fmt.Sprintf("%s fails in %s, in the fit in %s", id.Operation, percent(was.failed), percent(is.failed))
		}
	}
}

// Unlike says why nothing can be told of a node: the fit lacks it, or does not do
// what users see of it. It is empty where the fit is good.
func (h *Healthy) Unlike(id graph.NodeID) string {
	if _, ok := h.fault(id, 1); !ok {
		return "It is not among what was measured."
	}
	for _, r := range h.at[id] {
		if why := h.off[r]; why != "" {
			return "The fit does not do what was measured: " + why + "."
		}
	}
	return ""
}

// fault slows a node.
func (h *Healthy) fault(id graph.NodeID, factor float64) (simulate.Fault, bool) {
	f := simulate.Fault{At: simulate.Duration(calmWindows * playedWindow), For: simulate.Duration(SlowFor), Slow: &factor}
	is := func(name string) bool { return h.fit.names.nodes[name] == id }
	parts := &h.fit.scenario.Parts
	if i := slices.IndexFunc(parts.Services, func(s simulate.Service) bool { return is(s.Name) }); i >= 0 {
		f.Service = parts.Services[i].Name
		return f, true
	}
	if i := slices.IndexFunc(parts.Databases, func(s simulate.Station) bool { return is(s.Name) }); i >= 0 {
		f.Database = parts.Databases[i].Name
		return f, true
	}
	if i := slices.IndexFunc(parts.Queues, func(q simulate.Queue) bool { return is(q.Name) }); i >= 0 {
		f.Broker = parts.Queues[i].Broker
		return f, true
	}
	return f, false
}

func (h *Healthy) unslowed(ctx context.Context, seed uint64) ([]*graph.Window, error) {
	if w := h.base[seed]; w != nil {
		return w, nil
	}
	w, err := h.fit.play(ctx, h.fit.scenario, seed)
	if err == nil {
		h.base[seed] = w
	}
	return w, err
}

// stuckSeeds are played where the first of them does not come back: chance may
// decide that, and most of them are believed.
const stuckSeeds = 3

// Slow plays the system with a node slower by a factor for SlowFor. felt: users are
// hurt meanwhile; stuck: they still are BackIn later; seen: nothing without a known
// limit held more at a time, and no call took longer, than was seen in the system
// itself. The error is that of the context.
func (h *Healthy) Slow(ctx context.Context, id graph.NodeID, factor float64) (felt, stuck, seen bool, err error) {
	fault, ok := h.fault(id, factor)
	if !ok {
		return false, false, false, fmt.Errorf("%s is not among what was measured", id)
	}
	sc, err := h.fit.scenario.With(fault)
	if err != nil {
		return false, false, false, err
	}
	return h.judge(ctx, sc)
}

// judge plays a system that is slowed, most times where it does not come back.
func (h *Healthy) judge(ctx context.Context, sc *simulate.Scenario) (felt, stuck, seen bool, err error) {
	not := 0
	for seed := uint64(1); seed <= stuckSeeds; seed++ {
		base, err := h.unslowed(ctx, seed)
		if err != nil {
			return false, false, false, err
		}
		windows, err := h.fit.play(ctx, sc, seed)
		if err != nil {
			return false, false, false, err
		}
		f, s := h.Judge(base, windows)
		if seed == 1 {
			felt, seen = f, h.borne(windows)
		}
		if !s {
			if not++; seed == 1 || 2*not > stuckSeeds {
				return felt, false, seen, nil
			}
		}
	}
	return felt, true, seen, nil
}

// Judge compares a run with one without a slowdown: whether users felt it, and
// whether they were still hurt at the end.
func (h *Healthy) Judge(base, windows []*graph.Window) (felt, stuck bool) {
	from, until := calmWindows, calmWindows+slowWindows
	for _, id := range h.fit.routes {
		felt = felt || h.hurts(stretchOf(base, from, until), stretchOf(windows, from, until), id)
		end := until + backWindows
		stuck = stuck || h.hurts(stretchOf(base, end-lastWindows, end), stretchOf(windows, end-lastWindows, end), id)
	}
	return felt, stuck
}

// Seconds is how long a run is in which Judge looks, from the slowdown's At on.
func (h *Healthy) Seconds() (at, length time.Duration) {
	return calmWindows * playedWindow, (calmWindows + slowWindows + backWindows) * playedWindow
}

func stretchOf(windows []*graph.Window, from, to int) []*graph.Window {
	return windows[min(from, len(windows)):min(to, len(windows))]
}

// hurts reports whether users of a route lost more than by chance.
func (h *Healthy) hurts(base, now []*graph.Window, id graph.RouteID) bool {
	var came, ended int64
	for _, w := range base {
		came += routeOf(w, id).Requests
	}
	for _, w := range now {
		ended += routeOf(w, id).Requests
	}
	if came < leastRequests {
		return false
	}
	u, n := usualOf(base, id), usualOf(now, id)
	chance := sure * math.Sqrt(max(u.failed, 0.01)/float64(came))
	return float64(ended) < finished*float64(came)-sure*math.Sqrt(float64(came)) ||
		n.mean > u.mean*(1+hurtSlower)+hurtMore || n.failed > u.failed+max(hurtFailing, chance)
}

// borne reports whether a slowdown brought the system to nothing that was not seen.
func (h *Healthy) borne(windows []*graph.Window) bool {
	at := stretchOf(windows, calmWindows, calmWindows+slowWindows)
	whole := sum(at)
	for id, s := range whole.Nodes {
		most, ok := h.well.Most[id]
		if ok && h.well.Places[id] == 0 && !h.limited(id) && inFlight(s.All.Occupancy, whole) > float64(most) {
			return false
		}
	}
	for e, s := range whole.Edges {
		longest, ok := h.well.Longest[e]
		if ok && !e.Async && h.well.Timeouts[e] == 0 && s.Time.Mean() > float64(longest) {
			return false
		}
	}
	return true
}

// limited reports whether the places of a node are known.
func (h *Healthy) limited(id graph.NodeID) bool {
	return slices.ContainsFunc(h.fit.services, func(s ServiceFit) bool { return s.ID == id && s.Workers > 0 })
}
