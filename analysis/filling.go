package analysis

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// filling is how a cache fills again: each answer of the store behind it that is
// put into it takes a share of what is missing away. What is missing goes down
// exponentially in the number of those answers, whether they come as fast as they
// are asked for or as fast as the store can.
type filling struct {
	misses    []float64 // the share of questions that go to the store, by window; NaN where not known
	behind    []float64 // of them that were answered
	answers   []float64 // seconds that the store took for one; NaN where not known
	took      []float64 // seconds that a request of users takes; may be shorter
	usual     float64   // misses
	asks      float64   // questions a window, usually
	demand    float64   // by how much more is asked now: who waits for long tries again
	known     float64   // windows that the usual is known from
	others    float64   // what else the store is asked in a window
	each      float64   // questions of one request
	answer    float64   // seconds that the store usually takes
	vary      float64   // how much that varies: deviation by mean
	request   float64   // seconds that a request usually takes
	deviation float64   // of the mean of a window, usually
	limit     float64   // at or below it, users are well
	window    float64   // seconds
}

const (
	// fillingSteps is into how many steps a window is cut to follow the filling.
	fillingSteps = 2
	// fillingSure is by how many standard errors what is missing must go down.
	fillingSure = 2.5
	// demandOver is over how many windows it is told how much is asked for now.
	demandOver = 3
)

// missing is a line through the logarithm of what is missing, along the number of
// answers: level where they are done on average, and its slope.
type missing struct {
	done, level, slope float64
	offLevel, offSlope float64 // standard errors
	answered           float64 // by now
}

// now is what is missing now, were level and slope off by so many of their
// standard errors.
func (m *missing) now(level, slope float64) float64 {
	return math.Exp(m.level + level*m.offLevel + (m.slope+slope*m.offSlope)*(m.answered-m.done))
}

// fit draws the line, so that the misses themselves are as likely as can be (by
// iterated weighted regression: their logarithms vary the more, the fewer are left);
// false where what is missing does not clearly go down.
func (f *filling) fit() (m missing, ok bool) {
	_, from := highest(f.misses)
	var answered, over, asked []float64
	started := 0.0
	for i := from; i < len(f.misses); i++ {
		started += f.behind[i]
		m.answered = started - f.open(i)
		if !(f.misses[i] > 0) || f.behind[i] <= 0 {
			continue
		}
		answered, over = append(answered, started-f.behind[i]/2-f.open(i)), append(over, f.misses[i]-f.usual)
		asked = append(asked, f.behind[i]/f.misses[i])
	}
	if len(answered) < 3 {
		return m, false
	}
	value, weight := make([]float64, len(over)), make([]float64, len(over))
	for i, v := range over {
		value[i], weight[i] = math.Log(max(v, 0.01)), asked[i]*max(v, 0.01)
	}
	for range 8 {
		a, b := stat.LinearRegression(answered, value, weight, false)
		m.done, m.slope = stat.Mean(answered, weight), b
		m.level = a + b*m.done
		for i, v := range over {
			fits := math.Exp(min(0, max(-7, a+b*answered[i])))
			share := min(0.98, max(0.02, fits+f.usual))
			value[i] = math.Log(fits) + max(-2, min(2, (v-fits)/fits))
			weight[i] = asked[i] * fits * fits / (share * (1 - share))
		}
	}
	total, spread := 0.0, 0.0
	for i := range answered {
		total += weight[i]
		spread += weight[i] * (answered[i] - m.done) * (answered[i] - m.done)
	}
	m.offLevel, m.offSlope = math.Sqrt(1/total), math.Sqrt(1/spread)
	return m, -m.slope >= fillingSure*m.offSlope
}

// open is how many questions the store has not answered yet (Little's law).
func (f *filling) open(window int) float64 {
	if math.IsNaN(f.answers[window]) {
		return 0
	}
	return f.answers[window] / f.window * f.behind[window]
}

// nodes are where a normal distribution is looked at, in standard deviations, and
// their weights: the Gauss-Hermite rule of three points.
var nodes = []struct{ at, weight float64 }{{0, 2. / 3}, {-math.Sqrt(3), 1. / 6}, {math.Sqrt(3), 1. / 6}}

// warm follows the filling to when users are well again: over what the line and the
// store may be, and over how much their requests vary. False where that can't be
// said.
func (f *filling) warm() (o outlook, ok bool) {
	m, ok := f.fit()
	if !ok {
		return o, false
	}
	var e ending
	for i, s := range f.stores() {
		for _, able := range nodes {
			for _, slope := range nodes {
				for _, level := range nodes {
					one := s
					one.able *= math.Exp(able.at * math.Hypot(s.off, f.unsure()))
					by := min(m.slope+slope.at*m.offSlope, m.slope/4)
					missing := min(1-f.usual, m.now(level.at, slope.at))
					steps, half := f.until(one, missing, by)
					e.passed(steps, fillingSteps, s.chance*able.weight*slope.weight*level.weight)
					if i == 0 && able.at == 0 && slope.at == 0 && level.at == 0 {
						o.half = half
					}
				}
			}
		}
	}
	o.windows, o.soon, o.late = e.quantile(0.5), e.quantile(0.1), e.quantile(0.9)
	o.decay = "hyperbolic"
	return o, !math.IsInf(o.windows, 1)
}

// unsure is how well it is known what is asked of the store, beside what is missing,
// as the standard deviation of a logarithm.
func (f *filling) unsure() float64 {
	return math.Sqrt(1/(f.asks*f.known) + 1/(f.asks*demandOver) + (1-f.usual)/(4*max(f.usual, 0.005)*f.asks*f.known))
}

// until follows the filling, where each answer takes the logarithm of what is
// missing down by so much: the chance of each step that users are not well, and in
// how many windows half of what is missing is there.
func (f *filling) until(s store, missing, by float64) (steps []float64, half float64) {
	const step = 1.0 / fillingSteps
	waiting := f.waiting(&s)
	most, start := waiting, missing
	quiet := 0
	for t := 0.0; t*f.window < farthest.Seconds() && quiet < calm*fillingSteps+1; t += step {
		misses := min(1, missing+f.usual)
		load := f.asks*misses + f.others
		if half == 0 && missing <= start/2 {
			half = t
		}
		hurt := 1.0
		if waiting < 1 && load < s.able {
			took, deviation := f.takes(&s, misses, load)
			hurt = above(took, deviation, f.limit)
		}
		steps = append(steps, hurt)
		if quiet++; hurt > 0.001 {
			quiet = 0
		}
		asks := f.asks
		if waiting > most/2 {
			asks *= f.demand
		}
		served := min(waiting/step+asks, max(s.able-f.others, 0.1*s.able)/misses)
		waiting = max(0, waiting+(asks-served)*step)
		if f.demand > 1 { // who leaves does not wait
			waiting = min(waiting, most)
		}
		missing *= math.Exp(by * served * misses * step)
	}
	if half == 0 && missing < start {
		half = float64(len(steps)) * step * math.Ln2 / math.Log(start/missing)
	}
	return steps, half
}

// takes is how long requests take, and how much the mean of a window varies, where
// so many questions go to the store and it keeps up.
func (f *filling) takes(s *store, misses, load float64) (mean, deviation float64) {
	answer := s.answers(load)
	mean = f.request + f.each*(misses*answer-f.usual*f.answer)
	square := func(misses, answer float64) float64 { // of one question
		return misses*answer*answer*(1+f.vary*f.vary) - misses*misses*answer*answer
	}
	variance := f.deviation*f.deviation + f.each*f.each*max(0, square(misses, answer)-square(f.usual, f.answer))/f.asks
	// Who waits does so along with others: a queue goes on for a while.
	_, deviation = s.waits(load, f.window)
	return mean, math.Sqrt(variance + f.each*f.each*misses*misses*deviation*deviation)
}

// waiting is how many questions wait for a store that is full (Little's law).
func (f *filling) waiting(s *store) float64 {
	i := min(len(f.misses), len(f.took)) - 1
	if i < 0 || math.IsNaN(f.misses[i]) || math.IsNaN(f.took[i]) || f.behind[i]+f.others < 0.85*s.able || f.misses[i] <= 0 {
		return 0
	}
	rest := f.request - f.each*f.usual*f.answer
	longer := f.took[i] - rest - f.each*f.misses[i]*s.answers(0.9*s.able)
	return max(0, longer) * f.behind[i] / f.misses[i] / f.window
}
