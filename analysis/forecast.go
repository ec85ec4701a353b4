package analysis

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/stat"

	"headwater/graph"
)

// Forecast says when users will be well again, while the pressure decays.
type Forecast struct {
	Well time.Time `json:"well"`
	// Earliest and Latest bound it with a probability of 80%.
	Earliest time.Time `json:"earliest"`
	Latest   time.Time `json:"latest"`
	// Decay is how the pressure goes down: "linear", as a backlog does that is
	// worked off at a steady rate, "exponential", as retries do, or "hyperbolic", as
	// the misses of a cache that fills.
	Decay    string `json:"decay"`
	Sentence string `json:"sentence"`
}

const (
	// forecastFrom and forecastOver are how many of the newest windows, at least
	// and at most, a forecast is made from.
	forecastFrom, forecastOver = 4, 18
	// forecastSure is by how many standard errors the pressure must go down.
	forecastSure = 2.5
	// steadily is by how much worse a line must fit a wait than a decay.
	steadily = 3
	// farthest is how far ahead a forecast may look.
	farthest = 2 * time.Hour
	// By so much of what lies ahead forecasts were off on simulated recoveries beside
	// what their own noise explains, as a standard deviation of the logarithm: those
	// of backlogs, of caches, and of what is told by how long requests take or how
	// many fail; apart is the same in windows.
	unsureBacklog, unsureCold, unsureElse, apart = 0.03, 0.1, 0.17, 0.5
	// fourFifths of a normal distribution lie within so many standard deviations.
	fourFifths = 1.2816
)

// outlook is where a series goes.
type outlook struct {
	windows float64 // after the last until it is down
	sd      float64 // of windows
	// soon and late are windows that bound it with a probability of 80%, where they
	// are known; else sd tells.
	soon, late float64
	half       float64 // windows in which what is above the usual halves
	decay      string
}

// trend follows a falling series, from its peak on, down to a level above what is
// usual; false where it does not clearly go down.
func trend(series []float64, usual, level float64, kind PressingKind) (out outlook, ok bool) {
	series = series[max(0, len(series)-forecastOver):]
	kinds := []string{"linear", "exponential"}
	if kind == PressingColdCache {
		kinds = []string{"exponential", "hyperbolic"}
	}
	best := math.Inf(1)
	for _, decay := range kinds {
		form := func(v float64) float64 { return v }
		switch decay {
		case "exponential":
			form = func(v float64) float64 { return math.Log(v - usual) }
		case "hyperbolic": // the more is missing, the more is filled in
			form = func(v float64) float64 { return math.Log((v - usual) / v) }
		}
		found, misfit, fits := decline(series, form, level)
		// What waits is worked off at a steady rate, if nothing tells otherwise.
		if decay == "exponential" && (kind == PressingQueue || kind == PressingBacklog) {
			most, _ := highest(series)
			now := newest(series, 2)
			if now-usual > (most-usual)/3 {
				continue
			}
			misfit *= steadily
		}
		if fits && misfit < best {
			best, out, ok = misfit, found, true
			out.decay = decay
			now := newest(series, 2)
			out.half = halving(decay, out, now, usual, level)
		}
	}
	return out, ok
}

// halving is in how many windows the excess halves.
func halving(decay string, o outlook, now, usual, level float64) float64 {
	if o.windows <= 0 || now <= usual {
		return 0
	}
	if decay == "linear" {
		return max(0, o.windows*(now-usual)/2/max(now-level, 1e-12))
	}
	return max(0, o.windows*math.Ln2/max(math.Log((now-usual)/max(level-usual, 1e-12)), 1e-3))
}

// decline draws a line through a series in some form and finds where it comes down
// to a level. misfit is the share of the variance that the line leaves.
func decline(series []float64, form func(float64) float64, level float64) (o outlook, misfit float64, ok bool) {
	var t, v []float64
	for i, p := range series {
		if y := form(p); !math.IsNaN(y) && !math.IsInf(y, 0) {
			t, v = append(t, float64(i)), append(v, y)
		}
	}
	n := float64(len(t))
	if len(t) < forecastFrom {
		return o, 0, false
	}
	a, b := stat.LinearRegression(t, v, nil, false)
	mean, spread, rest := stat.Mean(t, nil), 0.0, 0.0
	for i := range t {
		spread += (t[i] - mean) * (t[i] - mean)
		rest += (v[i] - a - b*t[i]) * (v[i] - a - b*t[i])
	}
	sigma := math.Sqrt(rest / (n - 2))
	if b >= 0 || -b < forecastSure*sigma/math.Sqrt(spread) {
		return o, 0, false
	}
	down := form(level)
	at := (down - a) / b
	o.windows = at - float64(len(series)-1)
	if o.windows < 0 {
		o.windows = 0
	}
	o.sd = sigma / -b * math.Sqrt(1+1/n+(at-mean)*(at-mean)/spread)
	return o, 1 - stat.RSquared(t, v, nil, a, b), true
}

// drain is how long a backlog takes at the rates at which messages come and are
// taken, from its peak on.
func drain(waiting, taken []float64, comes, level float64) (o outlook, ok bool) {
	if len(taken) < forecastFrom {
		return o, false
	}
	done, vary := stat.MeanStdDev(taken[1:], nil) // in the first it may have begun only
	rate := done - comes
	n := float64(len(taken) - 1)
	if rate <= 0 || rate < forecastSure/2*math.Hypot(vary, math.Sqrt(comes))/math.Sqrt(n) {
		return o, false
	}
	now := waiting[len(waiting)-1]
	o.windows = max(0, (now-level)/rate)
	o.sd = math.Hypot(o.windows*vary/math.Sqrt(n), math.Sqrt(comes*o.windows)) / rate
	o.half, o.decay = now/2/rate, "linear"
	return o, true
}

// forecast looks ahead to when the last of what presses is gone; nil where that
// can't be said.
func (x *explainer) forecast(list []*pressed, last *pressed, windows []*graph.Window) *Forecast {
	// Requests are as slow as the cache is cold: its misses tell when better.
	for _, p := range list {
		if p.Kind == PressingColdCache && p.Gone != nil && (last == nil || last.Kind != PressingBacklog) {
			if better := x.warm(p, list); better != nil {
				last = better
			}
		}
	}
	if last == nil {
		return nil
	}
	length := float64(windows[0].Length)
	known := windows[0].Start + int64(float64(len(last.values))*length)
	ahead := time.Duration(last.ahead.windows * length)
	if ahead > farthest {
		return nil
	}
	at := func(windows float64) time.Time {
		return utc(known).Add(time.Duration(windows * length)).Truncate(time.Second)
	}
	o := last.ahead
	unsure := unsureElse
	switch last.Kind {
	case PressingBacklog:
		unsure = unsureBacklog
	case PressingColdCache:
		unsure = unsureCold
	}
	spread := fourFifths * math.Hypot(o.sd/max(o.windows, 1), unsure)
	f := &Forecast{Well: at(o.windows), Decay: o.decay}
	f.Earliest = at(o.windows*math.Exp(-spread) - apart)
	f.Latest = at(o.windows*math.Exp(spread) + apart)
	if o.late > 0 {
		between := func(end float64) float64 {
			return math.Hypot(end-o.windows, fourFifths*unsure*o.windows)
		}
		f.Earliest = at(o.windows - between(o.soon) - apart)
		f.Latest = at(o.windows + between(min(o.late, farthest.Seconds()/length*1e9)) + apart)
	}
	how := map[string]string{"linear": "as a backlog does that is worked off", "exponential": "ever more slowly", "hyperbolic": "as a cache fills, ever more slowly"}[o.decay]
	f.Sentence = fmt.Sprintf("The pressure goes down, %s: at this pace users are well again about %s, with 80%% between %s and %s.",
		how, clock(f.Well.UnixNano()), clock(f.Earliest.UnixNano()), clock(f.Latest.UnixNano()))
	return f
}
