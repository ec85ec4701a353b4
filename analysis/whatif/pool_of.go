package whatif

import (
	"math"

	"headwater/graph"
)

// pool is a pool of connections that ran out.
type pool struct {
	size   int    // of one instance of the caller
	shrunk bool   // it is smaller than it used to be, in the windows of in alone
	in     []bool // windows in which calls waited for it
	// acquire is how long they waited before they gave up, in nanoseconds; 0 where
	// none did.
	acquire float64
}

// The wait for a connection is own time of the caller right before the call: all
// that own time grew by, within these bounds.
const poolLeast, poolMost = 0.75, 1.7

// hardlyTaken is how many connections must be in use at least where none is free.
const hardlyTaken = 0.7

// poolOf finds the pool of an edge: where the caller's own time grew by what it
// spent right before the call, and the calls under way grew no further.
func (f *fitting) poolOf(id graph.EdgeID) (pool, bool) {
	if id.Async {
		return pool{}, false
	}
	p := pool{in: make([]bool, len(f.windows))}
	b, caller := edgeOf(f.base, id), nodeOf(f.base, id.Caller).All
	replicas, often := float64(f.replicas(id.Caller)), ratio(b.Calls, caller.Visits)
	var full, gaveUp []float64
	longer, calls := graph.Moments{}, 0.0
	for i, w := range f.windows {
		e, n := edgeOf(w, id), nodeOf(w, id.Caller).All
		if e.Before.N < fewVisits || n.SelfOK.N < 3 {
			continue
		}
		waited := (e.Before.Mean() - b.Before.Mean()) * often
		grew := n.SelfOK.Mean() - caller.SelfOK.Mean()
		if e.Before.Mean() < 2*b.Before.Mean()+strainedGap || waited < poolLeast*grew || waited > poolMost*grew {
			continue
		}
		p.in[i] = true
		full = append(full, inFlight(e.Occupancy, w)/replicas)
		longer.Merge(e.Time)
		calls += float64(e.Calls)
		if bad := n.Self.N - n.SelfOK.N; n.FailedOwn >= fewVisits && n.FailedOwn*2 > bad {
			gaveUp = append(gaveUp, float64(n.Self.Sum-n.SelfOK.Sum)/float64(bad))
		}
	}
	if len(full) < fewStrained {
		return pool{}, false
	}
	taken := quantile(full, 0.8)
	if taken < hardlyTaken {
		return pool{}, false // there would be one to take
	}
	p.size = max(1, int(math.Round(taken)))
	p.acquire = max(0, quantile(gaveUp, 0.5)-caller.Self.Mean())
	usualRate := float64(b.Calls) / float64(max(f.base.Length, 1))
	rate := calls / (float64(len(full)) * float64(f.length))
	p.shrunk = longer.Mean() < felt*b.Time.Mean() && rate < manyMore*usualRate
	return p, true
}

func (f *fitting) replicas(id graph.NodeID) int { return max(1, f.widths[id].replicas) }
