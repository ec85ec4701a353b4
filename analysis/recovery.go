package analysis

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"headwater/graph"
)

// Recovery is what still presses after what set an incident off is gone.
type Recovery struct {
	// Since is when what set it off was gone, or began to be put right.
	Since    time.Time  `json:"since"`
	Pressing []Pressing `json:"pressing"` // what goes last first
	// Endless is set where nothing goes down: it will not end by itself.
	Endless bool `json:"endless"`
	// Intervention is the smallest that would end it; empty where it ends by
	// itself.
	Intervention string `json:"intervention"`
	Sentence     string `json:"sentence"`
}

// PressingKind says what sort of thing keeps the pressure up.
type PressingKind string

// What may keep the pressure up.
const (
	PressingRetries   PressingKind = "retries"    // callers that try again
	PressingUsers     PressingKind = "users"      // users who try again
	PressingBacklog   PressingKind = "backlog"    // messages that wait
	PressingColdCache PressingKind = "cold-cache" // what a cache would have answered
	PressingQueue     PressingKind = "full-pool"  // requests that wait for a place, or find none
	PressingFailures  PressingKind = "failures"   // requests that fail
)

// Pressing is one thing that still presses.
type Pressing struct {
	Kind    PressingKind `json:"kind"`
	Subject string       `json:"subject"`
	Unit    string       `json:"unit"` // "s", "share", "1"
	Usual   float64      `json:"usual"`
	Highest float64      `json:"highest"`
	Now     float64      `json:"now"`
	// HalfLife is in how many seconds what is above the usual halves at its present
	// pace; 0 where it does not go down.
	HalfLife float64 `json:"half_life_seconds"`
	// Gone is when it is back to the usual at this pace; null where it does not go
	// down.
	Gone     *time.Time `json:"gone"`
	Sentence string     `json:"sentence"`
}

// pressed is something that still presses, window by window.
type pressed struct {
	Pressing
	node   graph.NodeID
	caller graph.NodeID
	// values are those of whole windows from the start of the incident on; NaN
	// where there is none.
	values []float64
	limit  float64 // at or below it, it is gone
	ahead  outlook
	// rates are those of a backlog, in messages a window: what comes, what is taken
	// in each; or those of a cache: what it is usually asked, what the store behind
	// it answers.
	comes float64
	taken []float64
	// Of a cache: who asks it, how long the store behind it takes for an answer, by
	// window and usually, in seconds, and the deviation of that by the mean.
	asks         graph.NodeID
	answered     []float64
	answer, vary float64
	deviation    float64 // of the values between windows, usually
	ends         bool    // it takes part in when the trouble ends
}

const (
	// stillFrom is how many windows after what set it off is gone tell that
	// something does not go down.
	stillFrom = 6
	// tried is how many more attempts a call, or requests than usual, are retries
	// that press.
	tried = 0.3
	// deviations are how many deviations between windows above the usual are still
	// well.
	deviations = 4
	// coldFrom is what share of what a cache used to answer it must not, to be cold.
	coldFrom = 0.3
)

// level is the mean and the deviation between windows of a number in the baseline.
func (x *explainer) level(of func(*graph.Window) (float64, bool)) (mean, deviation float64, ok bool) {
	var list []float64
	for _, w := range x.before {
		if v, ok := of(w); ok {
			list = append(list, v)
		}
	}
	if len(list) < 2 {
		return 0, 0, false
	}
	for _, v := range list {
		mean += v / float64(len(list))
	}
	for _, v := range list {
		deviation += (v - mean) * (v - mean) / float64(len(list)-1)
	}
	return mean, math.Sqrt(deviation), true
}

// follow makes the series of a number over the windows; NaN where there is none.
func follow(windows []*graph.Window, of func(*graph.Window) (float64, bool)) []float64 {
	out := make([]float64, len(windows))
	for i, w := range windows {
		v, ok := of(w)
		out[i] = orNaN(v, ok)
	}
	return out
}

// orNaN is a number, or NaN where it is not known.
func orNaN(v float64, known bool) float64 {
	if !known {
		return math.NaN()
	}
	return v
}

// pressings are all that is, or was, above the usual, from the start of the
// incident on.
func (x *explainer) pressings(windows []*graph.Window) (out []*pressed) {
	for _, id := range sortedRoutes(x.whole.base.Routes) {
		out = append(out, x.ofRoute(id, windows)...)
	}
	for _, id := range sortedEdges(x.whole.now.Edges) {
		switch {
		case id.Async && id.Caller.Kind == graph.Queue:
			out = append(out, x.ofQueue(id, windows))
		case !id.Async:
			out = append(out, x.ofRetries(id, windows))
			if id.Callee.Kind == graph.Cache {
				out = append(out, x.ofCache(id, windows))
			}
		}
	}
	return slices.DeleteFunc(out, func(p *pressed) bool { return p == nil })
}

// ofRoute follows how long requests of users take, how many fail, and whether
// there are more than usual.
func (x *explainer) ofRoute(id graph.RouteID, windows []*graph.Window) (out []*pressed) {
	b := route(x.whole.base, id)
	each := float64(b.Requests) / float64(max(1, len(x.before))) // in a window
	if b.Source != (graph.NodeID{}) || each < 2 {
		return nil
	}
	whole := len(windows) // windows of which nothing is under way any more
	for whole > 0 && float64(route(windows[whole-1], id).Requests) < each-2.5*math.Sqrt(each) {
		whole--
	}
	add := func(kind PressingKind, unit string, floor float64, of func(*graph.Window) (float64, bool)) {
		usual, vary, ok := x.level(of)
		if !ok {
			return
		}
		p := &pressed{node: id.Node, limit: usual + max(usual/3, deviations*vary, floor), deviation: vary, ends: kind != PressingUsers}
		p.Pressing = Pressing{Kind: kind, Subject: id.Operation, Unit: unit, Usual: usual}
		p.values = follow(windows[:whole], of)
		out = append(out, p)
	}
	add(PressingQueue, "s", 0.02, func(w *graph.Window) (float64, bool) { return meanOf(route(w, id).Time) })
	add(PressingFailures, "share", 0.05, func(w *graph.Window) (float64, bool) {
		r := route(w, id)
		return ratio(r.Failed, r.Requests), r.Requests > 0
	})
	if failed := sumOver(windows, func(w *graph.Window) int64 { return route(w, id).Failed }); failed > 0 {
		add(PressingUsers, "1", tried*each, func(w *graph.Window) (float64, bool) { return float64(route(w, id).Requests), true })
	}
	return out
}

func sumOver(windows []*graph.Window, of func(*graph.Window) int64) (total int64) {
	for _, w := range windows {
		total += of(w)
	}
	return total
}

// ofRetries follows the attempts of a call.
func (x *explainer) ofRetries(id graph.EdgeID, windows []*graph.Window) *pressed {
	now := edge(x.whole.now, id)
	if now.Attempts-now.Calls < 10 {
		return nil
	}
	b := edge(x.whole.base, id)
	usual := max(1, ratio(b.Attempts, b.Calls))
	p := &pressed{node: id.Callee, caller: id.Caller, limit: usual + tried}
	p.Pressing = Pressing{Kind: PressingRetries, Subject: id.Caller.Name + " -> " + id.Callee.Name, Unit: "1", Usual: usual}
	p.values = follow(windows, func(w *graph.Window) (float64, bool) {
		e := edge(w, id)
		return ratio(e.Attempts, e.Calls), e.Calls > 0
	})
	return p
}

const (
	// left are how many waiting messages are no backlog.
	left = 5
	// unnoticed is for how many windows a backlog may grow before its incident.
	unnoticed = 30
)

// ofQueue follows how many messages wait: those that came less those that were
// taken. Where a message's taking is booked when it was sent, it follows how long
// they wait.
func (x *explainer) ofQueue(id graph.EdgeID, windows []*graph.Window) *pressed {
	sent := func(w *graph.Window) (n int64) {
		for e, s := range w.Edges {
			if e.Async && e.Callee == id.Caller {
				n += s.Calls
			}
		}
		return n
	}
	base := sumOver(x.before, sent)
	// Taken for each that is sent: in the middle one of the windows, as in the last
	// of them messages may wait already.
	var rates []float64
	for _, w := range x.before {
		if n := sent(w); n > left {
			rates = append(rates, ratio(edge(w, id).Calls, n))
		}
	}
	slices.Sort(rates)
	if base < 30 || len(rates) == 0 || rates[len(rates)/2] == 0 {
		return nil
	}
	each := rates[len(rates)/2]
	p := &pressed{node: id.Callee, caller: id.Caller, limit: left, ends: true}
	p.Pressing = Pressing{Kind: PressingBacklog, Subject: id.Caller.Name + " (" + id.Callee.Name + ")", Unit: "1"}
	waiting, most, falls := 0.0, 0.0, false
	// What waits may have begun to before it was noticed.
	for _, w := range x.windows[max(0, x.at.from-unnoticed):x.at.from] {
		waiting = max(0, waiting+each*float64(sent(w))-float64(edge(w, id).Calls))
	}
	for _, w := range windows {
		taken := float64(edge(w, id).Calls)
		p.taken = append(p.taken, taken)
		waiting = max(0, waiting+each*float64(sent(w))-taken)
		most = max(most, waiting)
		falls = falls || most > 4*left && waiting < 0.9*most
		p.values = append(p.values, waiting)
	}
	if falls || edge(x.whole.now, id).Wait.N == 0 {
		if most <= 4*left {
			return nil
		}
		n := base + sumOver(windows, sent)
		p.comes = each * float64(n) / float64(len(x.before)+len(windows))
		return p
	}
	p.taken = nil
	of := func(w *graph.Window) (float64, bool) { return meanOf(edge(w, id).Wait) }
	usual, vary, ok := x.level(of)
	if !ok {
		return nil
	}
	perWindow := float64(edge(x.whole.base, id).Calls) / float64(len(x.before))
	whole := len(windows)
	for whole > 0 && float64(edge(windows[whole-1], id).Calls) < perWindow-2.5*math.Sqrt(perWindow) {
		whole--
	}
	p.Unit, p.Usual = "s", usual
	p.limit = usual + max(usual/3, 3*vary, left*float64(x.whole.base.Length)/1e9/float64(max(1, edge(x.whole.base, id).Calls)))
	p.values = follow(windows[:whole], of)
	return p
}

// since is the first window of a recovery: what set the incident off is gone, or
// was over at once, as when a cache was emptied, or the backlog is being worked
// off. It is len(windows) where it goes on.
func (x *explainer) since(c course, list []*pressed, windows int) int {
	from := windows
	if c.removed < len(c.pain) {
		from = c.removed
	}
	for _, p := range list {
		if p.Kind != PressingColdCache && p.Kind != PressingBacklog {
			continue
		}
		peak, at := highest(p.values)
		if p.Kind == PressingColdCache && !cold(p, peak) || peak <= p.limit {
			continue
		}
		if _, ok := p.trend(at, min(at+forecastOver, len(p.values))); ok {
			from = min(from, at)
		}
	}
	return from
}

// trend follows what presses from a window on, up to another.
func (p *pressed) trend(from, to int) (outlook, bool) {
	if p.Kind == PressingBacklog && p.taken != nil {
		return drain(p.values[from:to], p.taken[from:to], p.comes, p.limit)
	}
	return trend(p.values[from:to], p.Usual, p.limit, p.Kind)
}

// cold reports whether a miss ratio is that of a cache that lost much.
func cold(p *pressed, miss float64) bool { return miss-p.Usual > coldFrom*(1-p.Usual) }

func highest(values []float64) (most float64, at int) {
	for i, v := range values {
		if v > most { // never of NaN
			most, at = v, i
		}
	}
	return most, at
}

// newest is the mean of the newest values that are known.
func newest(values []float64, n int) (mean float64) {
	found := 0
	for i := len(values) - 1; i >= 0 && found < n; i-- {
		if !math.IsNaN(values[i]) {
			mean += values[i]
			found++
		}
	}
	return mean / float64(max(1, found))
}

// recovery says, in a running incident whose cause is gone, what still presses and
// when users will be well again.
func (x *explainer) recovery(c course, causes []Cause) (*Recovery, *Forecast) {
	windows := x.windows[x.at.from:]
	list := x.pressings(windows)
	if !x.at.open {
		// Nobody may feel that messages wait still.
		list = slices.DeleteFunc(list, func(p *pressed) bool { return p.Kind != PressingBacklog })
	}
	from := x.since(c, list, len(windows))
	if from >= len(windows) {
		return nil, nil
	}
	length := windows[0].Length
	r := &Recovery{Since: utc(windows[from].Start), Pressing: []Pressing{}}
	var last *pressed
	still := false
	for _, p := range list {
		p.Highest, _ = highest(p.values)
		p.Now = newest(p.values, 2)
		if p.Now <= p.limit {
			continue
		}
		start := max(from, peakOf(p.values))
		if out, ok := p.trend(min(start, len(p.values)), len(p.values)); ok {
			p.ahead = out
			end := windows[0].Start + int64((float64(len(p.values))+out.windows)*float64(length))
			at := utc(end).Truncate(time.Second)
			p.Gone, p.HalfLife = &at, round(out.half*float64(length)/1e9, 1)
		} else if p.ends && len(windows)-from >= stillFrom && len(p.values)-start >= stillFrom/2 {
			still = true
		}
		if p.ends && p.Gone != nil && (last == nil || p.Gone.After(*last.Gone)) {
			last = p
		}
		p.describe()
		r.Pressing = append(r.Pressing, p.Pressing)
	}
	if len(r.Pressing) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(r.Pressing, func(a, b Pressing) int {
		switch {
		case (a.Gone == nil) != (b.Gone == nil):
			return cmp.Compare(isNil(b.Gone), isNil(a.Gone))
		case a.Gone == nil:
			return 0
		}
		return b.Gone.Compare(*a.Gone)
	})
	for i := range r.Pressing {
		p := &r.Pressing[i]
		p.Usual, p.Highest, p.Now = round(p.Usual, 5), round(p.Highest, 5), round(p.Now, 5)
	}
	f := x.forecast(list, last, windows)
	// What goes down goes on doing so while what feeds on it goes down, too.
	r.Endless = still && (last == nil || last.Kind != PressingBacklog) && !slices.ContainsFunc(list, func(p *pressed) bool { return p.filling(len(windows) - from) })
	if r.Endless {
		r.Intervention = x.intervention(list, causes)
		r.Sentence = "This will not end by itself: " + r.Pressing[0].Sentence + " " + r.Intervention
		return r, nil
	}
	r.Sentence = r.Pressing[0].Sentence
	if f != nil {
		r.Sentence += " " + f.Sentence
	}
	return r, f
}

// filling reports whether a cache is cold and may still be filling: a store behind
// it that is full hides that for a while.
func (p *pressed) filling(windows int) bool {
	return p.Kind == PressingColdCache && p.Now > p.limit && (p.Gone != nil || windows < forecastOver)
}

func isNil(t *time.Time) int {
	if t == nil {
		return 1
	}
	return 0
}

func peakOf(values []float64) int {
	_, at := highest(values)
	return at
}

// describe says in a sentence what presses and how it goes.
func (p *pressed) describe() {
	var what string
	switch p.Kind {
	case PressingRetries:
		what = fmt.Sprintf("%s is tried %.1f times a call, usually %.1f", p.Subject, p.Now, p.Usual)
	case PressingUsers:
		what = fmt.Sprintf("users try %s again: %.1f times as many requests as usual", p.Subject, p.Now/max(p.Usual, 1e-9))
	case PressingBacklog:
		what = fmt.Sprintf("%.0f messages wait in %s", p.Now, p.Subject)
		if p.Unit == "s" {
			what = fmt.Sprintf("messages wait %s in %s, usually %s", Seconds(p.Now), p.Subject, Seconds(p.Usual))
		}
	case PressingColdCache:
		what = fmt.Sprintf("%s has no answer to %s of what it is asked, usually to %s", p.Subject, Percent(p.Now), Percent(p.Usual))
	case PressingQueue:
		what = fmt.Sprintf("%s takes %s, usually %s", p.Subject, Seconds(p.Now), Seconds(p.Usual))
	case PressingFailures:
		what = fmt.Sprintf("%s of %s fails, usually %s", Percent(p.Now), p.Subject, Percent(p.Usual))
	}
	if p.Gone == nil {
		p.Sentence = capital(what) + "; it does not go down."
		return
	}
	p.Sentence = fmt.Sprintf("%s; what is too much halves in %s.", capital(what), Seconds(p.HalfLife))
}
