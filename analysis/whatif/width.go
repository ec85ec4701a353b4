package whatif

import (
	"math"

	"headwater/graph"
)

// width is how much a service or a database does at once.
type width struct {
	// places is how many requests one instance of a service, or all of a database,
	// works on at once; 0 where no limit showed.
	places int
	// queue is how many may wait for a place before more are turned away; 0 where
	// none was turned away.
	queue    int
	replicas int
}

const (
	// strainedGap is by how much requests must wait longer than usual before they
	// are begun, in nanoseconds, and strainedBy as a share of the usual wait.
	strainedGap = 5e6
	strainedBy  = 1.0
	// fewVisits and fewStrained are how many visits a window must have, and how many
	// windows must be strained, to say something; where many are turned away, one does.
	fewVisits   = 5
	fewStrained = 2
	// filled is how much more than usual must be under way where requests wait, for
	// the wait to be one for a place and no long way.
	filled = 1.2
	// overrun is the share of the visits from which on so many of the attempts at a
	// service are given up, or turned away, that all of its places are taken.
	overrun = 0.2
	// delayed is the share of a service's callers that must wait longer.
	delayed = 0.6
)

// replicasOf counts the instances that did a fair share of the visits.
func replicasOf(base *graph.Window, id graph.NodeID) int {
	most := int64(0)
	for _, s := range nodeOf(base, id).Instances {
		most = max(most, s.Visits)
	}
	n := 0
	for _, s := range nodeOf(base, id).Instances {
		if s.Visits*5 >= most {
			n++
		}
	}
	return max(n, 1)
}

// widthOf finds how many requests an instance of a service works on at once: from
// where its occupancy stops growing while waits do.
func widthOf(base *graph.Window, windows []*graph.Window, id graph.NodeID) width {
	out := width{replicas: replicasOf(base, id)}
	usual := nodeOf(base, id).All
	gap0 := usual.GapIn.Mean()
	n0 := inFlight(usual.Occupancy, base)
	var in []graph.EdgeID
	for _, e := range sortedEdges(base.Edges) {
		if e.Callee == id && !e.Async {
			in = append(in, e)
		}
	}
	var full []float64
	rejected := int64(0)
	plain := false // one window says it alone
	for _, w := range windows {
		n := nodeOf(w, id)
		turned := turnedAway(w, in)
		rejected += turned
		if n.All.GapIn.N < fewVisits && turned == 0 {
			continue
		}
		waits := n.All.GapIn.Mean() > gap0+max(strainedGap, strainedBy*gap0) && waiting(base, w, in) >= delayed
		if !waits && turned < fewTimeouts || inFlight(n.All.Occupancy, w) < filled*n0 {
			continue
		}
		busy := inFlight(n.All.Occupancy, w) / float64(out.replicas)
		took := float64(n.All.Time.Sum) / float64(max(n.All.Visits-turned, 1))
		if float64(turned+timedOut(w, in)) > overrun*float64(n.All.Visits) { // they wait for longer than shows
			full = append(full, math.Round(busy+0.1))
			plain = plain || turned >= fewFailures
			continue
		}
		full = append(full, placesFor(busy, max(0, n.All.GapIn.Mean()-min(gap0, strainedGap)), took))
	}
	if len(full) < fewStrained && !plain {
		return out
	}
	out.places = max(1, int(math.Round(quantile(full, 0.5))))
	if rejected >= fewTimeouts {
		out.queue = queueOf(windows, id, in, out)
	}
	return out
}

// placesFor is how many places an instance has in which so many requests are in
// work on average, each for a time, and wait so long for a place: as many as that
// wait follows from, by Sakasegawa's approximation for queues with several servers.
func placesFor(busy, waited, took float64) float64 {
	const blur = 1e6 // ns: shorter waits are alike
	best, off := 1.0, math.Inf(1)
	for c := math.Max(1, math.Floor(busy+0.15)); c <= 2*busy+2; c++ {
		used := min(busy/c, fullest)
		wait := took * math.Pow(used, math.Sqrt(2*(c+1))-1) / (c * (1 - used))
		if d := math.Abs(math.Log((wait + blur) / (waited + blur))); d < off {
			best, off = c, d
		}
	}
	return best
}

// fullest is the most that places are taken for that formula.
const fullest = 0.99

// waiting is the share of the callers of a service that wait longer than usual.
func waiting(base, w *graph.Window, in []graph.EdgeID) float64 {
	longer, all := 0, 0
	for _, e := range in {
		b, n := edgeOf(base, e).Gap, edgeOf(w, e).Gap
		if n.N < fewVisits {
			continue
		}
		all++
		if n.Mean() > b.Mean()+max(strainedGap, strainedBy*b.Mean()) {
			longer++
		}
	}
	if all == 0 {
		return 1
	}
	return float64(longer) / float64(all)
}

// timedOut is how many attempts at a service were given up.
func timedOut(w *graph.Window, in []graph.EdgeID) (n int64) {
	for _, e := range in {
		n += edgeOf(w, e).Outcomes[graph.TimedOut]
	}
	return n
}

func turnedAway(w *graph.Window, in []graph.EdgeID) (n int64) {
	for _, e := range in {
		n += edgeOf(w, e).Outcomes[graph.Rejected]
	}
	return n
}

// queueOf is how many requests an instance lets wait: what was taken in, less what
// was worked off, until more were turned away.
func queueOf(windows []*graph.Window, id graph.NodeID, in []graph.EdgeID, w width) int {
	waiting, most := 0.0, 0.0
	for _, at := range windows {
		n := nodeOf(at, id).All
		turned := turnedAway(at, in)
		taken := float64(n.Visits - turned)
		if n.Visits <= turned || n.Time.Sum <= 0 {
			continue
		}
		took := float64(n.Time.Sum) / taken
		waiting = max(0, waiting+taken-float64(n.Occupancy)/took)
		most = max(most, waiting)
	}
	return max(1, int(math.Round(most/float64(w.replicas))))
}
