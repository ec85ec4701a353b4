package analysis

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/stat"
)

// Forecast says when users will be well again, while the pressure decays.
type Forecast struct {
	Well time.Time `json:"well"`
	// Decay is how the pressure goes down: "linear", as a backlog does that is
	// worked off at a steady rate, or "exponential", as retries do.
	Decay    string `json:"decay"`
	Sentence string `json:"sentence"`
}

const (
	// forecastFrom and forecastOver are how many of the newest windows, at least
	// and at most, a forecast is made from.
	forecastFrom, forecastOver = 4, 12
	// forecastFit is the least share of the variance that the line must explain.
	forecastFit = 0.5
	// farthest is how far ahead a forecast may look.
	farthest = 2 * time.Hour
)

// forecast looks ahead in a running incident whose cause is gone; nil where the
// pressure does not clearly go down, or is down already.
func (x *explainer) forecast(c course) *Forecast {
	if !x.at.open || c.peak == 0 || c.removed >= len(c.pain) {
		return nil
	}
	from := max(c.removed, len(c.pain)-forecastOver)
	left, decay, ok := wellIn(c.pain[from:], feltFrom*c.peak)
	if !ok {
		return nil
	}
	last := x.during[len(x.during)-1]
	ahead := time.Duration(left * float64(last.Length))
	if ahead > farthest {
		return nil
	}
	f := &Forecast{Well: utc(last.Start + last.Length).Add(ahead).Truncate(time.Second), Decay: decay}
	how := "as a backlog does that is worked off"
	if decay == "exponential" {
		how = "ever more slowly"
	}
	f.Sentence = fmt.Sprintf("The pressure goes down, %s: at this pace users are well again about %s.", how, clock(f.Well.UnixNano()))
	return f
}

// wellIn gives in how many windows after the last a falling series comes down to
// a level, by a line through it or through its logarithm, whichever fits better.
func wellIn(series []float64, level float64) (windows float64, decay string, ok bool) {
	if len(series) < forecastFrom || series[len(series)-1] <= level {
		return 0, "", false
	}
	best := forecastFit
	for _, kind := range []string{"linear", "exponential"} {
		var t, v []float64
		down := level
		for i, p := range series {
			if kind == "exponential" {
				if p <= 0 {
					continue
				}
				p = math.Log(p)
			}
			t, v = append(t, float64(i)), append(v, p)
		}
		if kind == "exponential" {
			down = math.Log(level)
		}
		if len(t) < forecastFrom {
			continue
		}
		a, b := stat.LinearRegression(t, v, nil, false)
		fit := stat.RSquared(t, v, nil, a, b)
		if b >= 0 || !(fit > best) {
			continue
		}
		best, decay, ok = fit, kind, true
		windows = max(0, (down-a)/b-float64(len(series)-1))
	}
	return windows, decay, ok
}
