package whatif

import (
	"context"
	"math"
	"slices"

	"headwater/analysis/simulate"
	"headwater/graph"
)

// Outcome is what users saw in a run, or as it was measured.
type Outcome struct {
	// P95 and Failed are those of the route that was hurt most, over the incident:
	// seconds and a share of its requests.
	P95    float64 `json:"p95"`
	Failed float64 `json:"failed_share"`
	// Pain is what all users lost in the incident, in seconds: what they waited more
	// than usual, and failureWorth for each failure.
	Pain float64 `json:"pain_seconds"`
	// Recovered is set where users were well again by the end of what is played;
	// Seconds is then how long after the incident's begin they were hurt last.
	Recovered bool    `json:"recovered"`
	Seconds   float64 `json:"seconds_to_recovery"`
	// Course is how the route went, window by window.
	Course []Moment `json:"course"`
}

// Moment is one window of a route.
type Moment struct {
	Seconds  float64 `json:"t"` // after the incident's begin, of the window's begin
	Requests int64   `json:"requests"`
	P95      float64 `json:"p95"` // seconds
	Failed   float64 `json:"failed_share"`
}

const (
	// failureWorth is how many seconds of waiting a failure is worth.
	failureWorth = 10
	// hurtSlower and hurtMore are by what share, and by how many nanoseconds at
	// least, requests must take longer on average for users to be hurt; hurtFailing
	// is what share more must fail.
	hurtSlower  = 0.5
	hurtMore    = 30e6
	hurtFailing = 0.05
	// hurtTogether is how many windows are read together, since one has few
	// requests.
	hurtTogether = 3
)

// usual is what requests of a route usually are.
type usual struct{ mean, failed float64 }

func usualOf(base []*graph.Window, id graph.RouteID) (u usual) {
	var n, bad, time int64
	for _, w := range base {
		r := routeOf(w, id)
		n += r.Requests
		bad += r.Failed
		time += r.Time.Sum
	}
	return usual{ratio(time, n), ratio(bad, n)}
}

// play runs a scenario once.
func (f *Fit) play(ctx context.Context, sc *simulate.Scenario, seed uint64) ([]*graph.Window, error) {
	return simulate.Windows(ctx, sc, simulate.Options{Seed: seed, Start: f.start}, f.length, f.names)
}

// Measure reads from windows what users saw: those of the incident itself, or of
// another run of the same time. They are matched by their begin.
func (f *Fit) Measure(windows []*graph.Window) Outcome {
	at := make([]*graph.Window, len(f.measured))
	for _, w := range windows {
		i := int((w.Start - f.start.UnixNano()) / int64(f.length))
		if i >= 0 && i < len(at) && w.Start >= f.start.UnixNano() {
			at[i] = w
		}
	}
	for i := range at {
		if at[i] == nil {
			at[i] = graph.NewWindow(f.measured[i].Start, int64(f.length))
		}
	}
	return f.outcome(at)
}

func (f *Fit) outcome(at []*graph.Window) Outcome {
	var out Outcome
	worst := f.worst()
	var latency graph.Sketch
	var n, bad int64
	for i, w := range at {
		r := routeOf(w, worst)
		out.Course = append(out.Course, Moment{
			Seconds: float64(i-f.from) * f.length.Seconds(), Requests: r.Requests,
			P95: round(r.Latency.Quantile(0.95)/1e9, 4), Failed: round(ratio(r.Failed, r.Requests), 4),
		})
		if i < f.from || i >= f.to {
			continue
		}
		latency.Merge(&r.Latency)
		n += r.Requests
		bad += r.Failed
	}
	out.P95, out.Failed = latency.Quantile(0.95)/1e9, ratio(bad, n)
	last := -1
	for _, id := range f.routes {
		u := f.usual[id]
		for i := f.from; i < len(at); i++ {
			r := routeOf(at[i], id)
			if i < f.to {
				out.Pain += max(0, float64(r.Time.Sum)-u.mean*float64(r.Requests))/1e9 + failureWorth*max(0, float64(r.Failed)-u.failed*float64(r.Requests))
			}
			if f.hurts(at, id, i) {
				last = max(last, i)
			}
		}
	}
	out.Recovered = last < len(at)-1
	out.Seconds = float64(last+1-f.from) * f.length.Seconds()
	if last < 0 {
		out.Seconds = 0
	}
	return out
}

// hurts reports whether users of a route were hurt around a window.
func (f *Fit) hurts(at []*graph.Window, id graph.RouteID, i int) bool {
	u := f.usual[id]
	var n, bad, time int64
	for k := max(f.from, i-hurtTogether+1); k <= i; k++ {
		r := routeOf(at[k], id)
		n += r.Requests
		bad += r.Failed
		time += r.Time.Sum
	}
	if n == 0 {
		return false
	}
	own := routeOf(at[i], id)
	if own.Requests >= fewVisits { // else what is read together speaks
		n, bad, time = own.Requests, own.Failed, own.Time.Sum
	}
	chance := sure * math.Sqrt(max(u.failed, 0.01)/float64(n)) // few fail by chance
	return ratio(time, n) > u.mean*(1+hurtSlower)+hurtMore || ratio(bad, n) > u.failed+max(hurtFailing, chance)
}

// worst is the route that lost most in the incident as it was measured.
func (f *Fit) worst() graph.RouteID {
	best, most := graph.RouteID{}, -1.0
	for _, id := range f.routes {
		u, pain := f.usual[id], 0.0
		for _, w := range f.measured[f.from:f.to] {
			r := routeOf(w, id)
			pain += max(0, float64(r.Time.Sum)-u.mean*float64(r.Requests))/1e9 + failureWorth*max(0, float64(r.Failed)-u.failed*float64(r.Requests))
		}
		if pain > most {
			best, most = id, pain
		}
	}
	return best
}

func round(v float64, digits int) float64 {
	unit := math.Pow(10, float64(digits))
	return math.Round(v*unit) / unit
}

// recovered counts the runs in which users were well by the end.
func recovered(runs []Outcome) (n int) {
	for i := range runs {
		if runs[i].Recovered {
			n++
		}
	}
	return n
}

// middle is the outcome in the middle of several runs, number by number.
func middle(runs []Outcome) Outcome {
	pick := func(of func(*Outcome) float64) float64 {
		var v []float64
		for i := range runs {
			v = append(v, of(&runs[i]))
		}
		return quantile(v, 0.5)
	}
	out := Outcome{
		P95: pick(func(o *Outcome) float64 { return o.P95 }), Failed: pick(func(o *Outcome) float64 { return o.Failed }),
		Pain: pick(func(o *Outcome) float64 { return o.Pain }), Seconds: pick(func(o *Outcome) float64 { return o.Seconds }),
	}
	out.Recovered = 2*recovered(runs) > len(runs)
	out.Course = slices.Clone(runs[0].Course)
	for k := range out.Course {
		out.Course[k].P95 = round(pick(func(o *Outcome) float64 { return o.Course[k].P95 }), 4)
		out.Course[k].Failed = round(pick(func(o *Outcome) float64 { return o.Course[k].Failed }), 4)
	}
	return out
}
