package whatif

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"headwater/graph"
)

// station is a node without spans of its own: how much it does at once, and how
// slow it was in every window.
type station struct {
	places  int
	narrow  []bool                      // windows in which alone there are so few places; nil: always
	slow    []float64                   // by window
	of      map[operation][]float64     // of single operations, where only some are slow
	failing []float64                   // by window
	times   map[operation]graph.Moments // usual
}

const (
	// crowded is by how much requests must take longer than their work for them to
	// wait for one another.
	crowded = 1.4
	// felt is by how much a node must be slower to be looked at.
	felt = 1.25
	// roomy is the share of its places that a node which keeps nobody waiting uses at
	// most.
	roomy = 0.7
	// apart is by how much more one operation must have grown than another to be
	// slow by itself.
	apart = 3.0
	// early is the quantile of the first slow requests at which they did not wait.
	early = 0.15
)

// stationOf reads a node without spans. loaded says that more was asked of it than
// usual, for reasons that are not its own.
func stationOf(base *graph.Window, windows []*graph.Window, id graph.NodeID, in []graph.EdgeID, loaded bool) station {
	usual := nodeOf(base, id)
	st := station{times: map[operation]graph.Moments{}, of: map[operation][]float64{}}
	for name, s := range usual.Operations {
		st.times[operation{id, name}] = s.TimeOK
	}
	took := make([]sample, len(windows))
	fails := make([]sample, len(windows))
	for i, w := range windows {
		took[i] = longer(usual, nodeOf(w, id))
		bad, all := 0.0, 0.0
		for _, e := range in {
			s := edgeOf(w, e)
			all += float64(s.Attempts)
			bad += float64(s.Attempts - s.Outcomes[graph.OK] - s.Outcomes[graph.TimedOut])
		}
		fails[i] = share(bad, all)
	}
	st.failing = levels(fails, 0, leastFailing)
	ratios := levels(took, 1, leastSlower)
	st.slow = make([]float64, len(windows))
	first := -1
	for i := range ratios {
		st.slow[i] = max(ratios[i], leastRatio)
		if first < 0 && ratios[i] > felt {
			first = i
		}
	}
	if first < 0 {
		return st
	}
	st.crowd(base, windows, id, ratios, first, loaded)
	st.single(usual, windows, id)
	return st
}

// leastRatio is the least that a node can be faster than usual.
const leastRatio = 0.5

// longer is how much longer than usual attempts took, by what was asked for.
func longer(usual, now *graph.NodeStats) sample {
	expected, n := 0.0, int64(0)
	for _, name := range slices.Sorted(maps.Keys(now.Operations)) {
		s := now.Operations[name]
		if b := usual.Operations[name]; b != nil && b.TimeOK.N > 0 {
			expected += b.TimeOK.Mean() * float64(s.Visits)
			n += s.Visits
		}
	}
	if n < 3 || expected == 0 || now.All.Time.N == 0 {
		return sample{}
	}
	mean := now.All.Time.Mean()
	usualMean := expected / float64(n)
	if ok := now.All.TimeOK; ok.N >= 3 && (ok.Mean() > mean || ok.Mean() < felt*usualMean) {
		mean = ok.Mean() // failures are quick; or they were never answered, and others as ever
	}
	return sample{mean / usualMean, max(now.All.Time.StandardError(), now.All.Time.Deviation()/math.Sqrt(float64(n))) / usualMean, float64(n)}
}

// crowd tells work from waiting: in the first slow requests, which found little
// that waited before them, and by how much was done a second when all wait.
func (st *station) crowd(base *graph.Window, windows []*graph.Window, id graph.NodeID, ratios []float64, first int, loaded bool) {
	usual := nodeOf(base, id)
	work, told := st.parted(usual, windows, id, ratios)
	if !told && !loaded {
		var begin graph.Sketch
		for _, w := range windows[first:min(first+2, len(windows))] {
			begin.Merge(&nodeOf(w, id).All.Latency)
		}
		n := begin.Count()
		beyond := usual.All.Latency.Quantile(0.95) * 1.2
		if m := begin.CountAbove(beyond); m >= fewVisits {
			work = begin.Quantile(1-float64(m)/float64(n)*(1-early)) / max(usual.All.Latency.Quantile(early), 1)
		}
		work = max(1, min(work, ratios[first]*crowded))
	}
	var done []float64
	for i, w := range windows {
		if ratios[i] > crowded*work {
			done = append(done, st.load(usual, nodeOf(w, id), w))
		}
	}
	if len(done) < fewStrained {
		return // none waits for another
	}
	most := quantile(done, 0.3)
	if most == 0 {
		return // what waited was not answered
	}
	st.places = max(1, int(math.Round(most*work)))
	if st.load(usual, usual, base) > roomy*float64(st.places) {
		st.narrow = make([]bool, len(windows)) // it used to do as much without a wait
	}
	for i, w := range windows {
		if ratios[i] > crowded*work {
			if st.narrow != nil {
				st.narrow[i] = true
			}
			st.slow[i] = min(work*1.5, max(1, work*most/max(st.load(usual, nodeOf(w, id), w), most/2)))
		}
	}
}

// parted tells work from waiting where operations of different length are asked
// for: slower work makes each longer by a factor, waiting all by the same time. It
// gives the factor, and whether it can be told.
func (st *station) parted(usual *graph.NodeStats, windows []*graph.Window, id graph.NodeID, ratios []float64) (float64, bool) {
	var s, took, weight []float64
	least, most, total := math.Inf(1), 0.0, int64(0)
	for i, w := range windows {
		if ratios[i] > felt {
			total += nodeOf(w, id).All.TimeOK.N
		}
	}
	for _, name := range slices.Sorted(maps.Keys(usual.Operations)) {
		b := usual.Operations[name].TimeOK
		var n graph.Moments
		for i, w := range windows {
			if ratios[i] > felt {
				n.Merge(operationOf(w, operation{id, name}).TimeOK)
			}
		}
		if n.N < fewFailures || b.N < fewFailures || n.N*20 < total {
			continue
		}
		s, took = append(s, b.Mean()), append(took, n.Mean())
		weight = append(weight, float64(n.N)/sq(b.Mean()+n.Mean()))
		least, most = min(least, b.Mean()), max(most, b.Mean())
	}
	if len(s) < 2 || most < different*least {
		return 1, false
	}
	_, factor := stat.LinearRegression(s, took, weight, false)
	return max(1, factor), true
}

// different is by how much operations must differ in length to tell work from
// waiting by them.
const different = 2.0

// load is how much work is done at once: what is done, by how long it usually takes.
func (st *station) load(usual, now *graph.NodeStats, w *graph.Window) float64 {
	ns := 0.0
	for _, name := range slices.Sorted(maps.Keys(now.Operations)) {
		s := now.Operations[name]
		if b := usual.Operations[name]; b != nil {
			ns += float64(s.Visits-s.Failed) * b.TimeOK.Mean()
		}
	}
	return ns / float64(w.Length)
}

// single finds operations that are slow while others of the node only wait: by much
// more than what the middle one of all requests waits.
func (st *station) single(usual *graph.NodeStats, windows []*graph.Window, id graph.NodeID) {
	type growth struct {
		name string
		more float64
		n    int64
	}
	var all []growth
	total := int64(0)
	for name, b := range usual.Operations {
		var n graph.Moments
		for i, w := range windows {
			if st.slow[i] > felt {
				n.Merge(operationOf(w, operation{id, name}).TimeOK)
			}
		}
		if n.N >= fewFailures && b.TimeOK.N >= fewFailures {
			all = append(all, growth{name, n.Mean() - b.TimeOK.Mean(), n.N})
			total += n.N
		}
	}
	slices.SortFunc(all, func(a, b growth) int { return cmp.Or(cmp.Compare(a.more, b.more), cmp.Compare(a.name, b.name)) })
	waits, below := 0.0, int64(0)
	for _, g := range all {
		if below += g.n; 2*below >= total {
			waits = max(0, g.more)
			break
		}
	}
	found := false
	for _, g := range all {
		mean := usual.Operations[g.name].TimeOK.Mean()
		if g.more < apart*max(waits, leastSlower*mean) {
			continue
		}
		found = true
		series := make([]float64, len(windows))
		for i := range windows {
			series[i] = 1
			if st.slow[i] > felt {
				series[i] = max(1, 1+(g.more-waits)/mean)
			}
		}
		st.of[operation{id, g.name}] = series
	}
	for i := range st.slow {
		if found {
			st.slow[i] = 1
		}
	}
}
