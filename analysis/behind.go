package analysis

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// store is what stands behind a cache, as a queue with several servers.
type store struct {
	servers float64
	service float64 // seconds
	vary    float64
	able    float64 // answers a window
	off     float64 // standard error of the logarithm of able
	chance  float64 // that it is this one
}

const (
	// mostServers is how much at once a store is thought to do at most, where its
	// answers got slower with its load.
	mostServers = 32
	// fullestStore is how busy a store is at most for the formula of its waits.
	fullestStore = 0.97
	// fullStore is from how busy on any wait for it may be.
	fullStore = 0.88
	// lightStore is up to how busy its answers tell what its service takes, and
	// mostOff is by how much at most the usual ones were off, as a logarithm.
	lightStore, mostOff = 0.7, 0.3
	// By so much the answers of a window are off what a store of some size would
	// have taken, and by so much are more than it is able to, as standard deviations
	// of the logarithm; each window counts against a size by no more than
	// worstWindow, as a change of another sort may have slowed it.
	offAnswer, offAble, worstWindow = 0.25, 0.06, 8.
	// unsureAble is how well what a store is able to is known at best.
	unsureAble = 0.02
	// leastChance is that of a size that is looked at, as a share of the likeliest.
	leastChance = 0.02
	// mostStores is how many sizes are looked at.
	mostStores = 4
)

// answers is how long it takes for an answer, where so many are asked for in a
// window: by Sakasegawa's approximation.
func (s *store) answers(load float64) float64 {
	used := min(load/s.able, fullestStore)
	wait := math.Pow(used, math.Sqrt(2*(s.servers+1))-1) / (s.servers * (1 - used))
	return s.service * (1 + (1+s.vary*s.vary)/2*wait)
}

// waits is how long is waited for a place there, and how much the mean of that
// varies between windows, in seconds (M/G/1: Pollaczek and Khinchin's moments, of
// which those who wait at about the same time share most).
func (s *store) waits(load, window float64) (mean, deviation float64) {
	used := min(load/s.able, fullestStore)
	if mean = s.answers(load) - s.service; used <= 0 {
		return mean, 0
	}
	shared := 2 * s.service / s.servers * (1 + used) / (1 - used) / (1 - used) * (1 + s.vary*s.vary) / 2 / window
	return mean, mean * math.Sqrt(varies(used)*min(1, shared))
}

// varies is the variance of waits by the square of their mean, where service times
// vary little.
func varies(used float64) float64 { return 1 + 4./3*(1-used)/max(used, 1e-6) }

// alone is a store that does so many things at once and answers as is usual: what
// its service takes alone, without the wait for a place.
func (f *filling) alone(servers float64) store {
	s := store{servers: servers, service: f.answer, vary: f.vary, off: unsureAble}
	load := f.asks*f.usual + f.others
	for range 20 {
		s.able = servers * f.window / s.service
		s.service *= f.answer / s.answers(load)
		wait, _ := s.waits(load, f.window)
		left := f.vary*f.vary*f.answer*f.answer - wait*wait*varies(min(load/s.able, fullestStore))
		s.vary = math.Sqrt(max(left, 0)) / s.service
	}
	s.able = servers * f.window / s.service
	return s
}

// compared tells how the answers of a window compare with those of a store: how
// busy it was, and by how much slower they were, as a logarithm. False where nothing
// is known.
func (f *filling) compared(s *store, window int) (used, slower float64, ok bool) {
	load := f.behind[window] + f.others
	if math.IsNaN(f.answers[window]) || f.answers[window] <= 0 || f.behind[window] <= 0 {
		return 0, 0, false
	}
	return load / s.able, math.Log(f.answers[window] / s.answers(min(load, fullStore*s.able))), true
}

// learn makes more of what is known of a store from the windows of a time in which
// it had much to do. Where it was full, what it answered is what it is able to; else
// there are more answers than usual to tell how long one takes. cost is how unlikely
// the windows are with it.
func (f *filling) learn(s *store, from int) (cost float64) {
	var full []int
	vary := max(s.vary*s.vary, 0.01)
	sum, weight := 0.0, f.known*f.asks*f.usual/vary
	for i := from; i < len(f.misses); i++ {
		used, slower, ok := f.compared(s, i)
		switch {
		case !ok:
		case used >= fullStore && slower > math.Ln2:
			full = append(full, i)
		case used < lightStore:
			load := f.behind[i] + f.others
			_, deviation := s.waits(load, f.window)
			deviation /= s.answers(load)
			w := 1 / (vary/f.behind[i] + deviation*deviation)
			sum += slower * w
			weight += w
		}
	}
	if able, off, ok := f.throughput(full); ok {
		s.able, s.off = able, math.Hypot(unsureAble, off)
	} else if weight > 0 {
		s.able *= math.Exp(min(mostOff, max(-mostOff, -sum/weight)))
	}
	s.service = s.servers * f.window / s.able
	for i := from; i < len(f.misses); i++ {
		used, slower, ok := f.compared(s, i)
		if !ok {
			continue
		}
		if used >= fullStore {
			slower = min(slower, 0) // any wait may be
		}
		over := max(0, math.Log(used)) / offAble
		cost += min(worstWindow, over*over+slower*slower/(offAnswer*offAnswer))
	}
	return cost
}

// throughput is what the store answered in a window while it was full, with the
// standard error of its logarithm: those that were asked for from the middle of one
// window to that of the next, by the time that lies between their answers.
func (f *filling) throughput(full []int) (able, off float64, ok bool) {
	var rates []float64
	done, time := 0.0, 0.0
	for k := 1; k < len(full); k++ {
		a, b := full[k-1], full[k]
		if b != a+1 {
			continue
		}
		n, t := (f.behind[a]+f.behind[b])/2, 1+(f.answers[b]-f.answers[a])/f.window
		if t < 0.2 {
			continue
		}
		done, time = done+n, time+t
		rates = append(rates, n/t)
	}
	if len(rates) < 2 {
		return 0, 0, false
	}
	able = done / time
	_, deviation := stat.MeanStdDev(rates, nil)
	return able + f.others, deviation / able / math.Sqrt(float64(len(rates))), true
}

// stores are what may stand behind the cache, the likeliest first: how much it does
// at once is told by how its answers got slower with its load.
func (f *filling) stores() (out []store) {
	_, from := highest(f.misses)
	var costs []float64
	for n := 1.0; n <= mostServers; n++ {
		s := f.alone(n)
		costs = append(costs, f.learn(&s, from+1))
		out = append(out, s)
	}
	least := slices.Min(costs)
	for i := range out {
		out[i].chance = math.Exp((least - costs[i]) / 2)
	}
	slices.SortStableFunc(out, func(a, b store) int { return cmp.Compare(b.chance, a.chance) })
	n := 1
	for n < min(len(out), mostStores) && out[n].chance > leastChance {
		n++
	}
	return out[:n]
}
