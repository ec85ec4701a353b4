package risk

import (
	"bytes"
	"slices"

	"headwater/graph"
	"headwater/graph/trace"
)

const (
	maxEdges  = 16_384
	maxPairs  = 65_536
	maxItems  = 16_384
	maxUses   = 65_536
	maxRoutes = 4_096
	maxStays  = 2_000_000
)

// edgeKey names calls that are waited for.
type edgeKey struct{ caller, callee graph.NodeID }

func (e edgeKey) String() string { return e.caller.Name + " -> " + e.callee.Name }

func (e edgeKey) compare(o edgeKey) int {
	if c := e.caller.Compare(o.caller); c != 0 {
		return c
	}
	return e.callee.Compare(o.callee)
}

// edge is what was seen of the calls of an edge.
type edge struct {
	calls, attempts int64
	most            int64 // attempts of one call
	mostIn          example
	// again and last count attempts that failed, by whether another followed.
	again, last int64
	timedOut    graph.Sketch // durations of attempts that the caller gave up
	timedOutIn  example
	answered    graph.Sketch // durations of attempts that were answered
	longest     example      // of answered
	orphan      int64        // ns that callees worked on after their caller had left
	abandoned   int64
}

// pairKey is a call made while another was being served.
type pairKey struct{ up, down edgeKey }

// pair is what was seen of the calls of down made inside of calls of up.
type pair struct {
	visits  int64
	whole   graph.Sketch // durations of the calls of down, all attempts and waits
	share   graph.Moments
	longest example
}

// itemKey is a kind of call at its place.
type itemKey struct {
	edge              edgeKey
	operation, callee string // of the caller, and what is asked for
}

// items counts the calls of one kind in a visit.
type items struct {
	visits, many int64 // visits with any; with at least severalCalls
	calls        int64
	most         int64
	mostIn       example
	time, within int64 // ns in the calls, of ns of the visits
	chained      int64 // calls that began after the one before had ended
}

// routeSeen is an entry.
type routeSeen struct {
	requests   int64
	background bool
	nodes      map[graph.NodeID]*use // by node
}

// use is what the requests of a route do at a node.
type use struct {
	requests int64 // that come by
	visits   int64
	time     int64 // ns
	longest  example
	now      bool // seen in the trace that is being read
}

// example is a trace that shows something; the longest, and of equal ones the
// smallest id.
type example struct {
	id       trace.TraceID
	start    int64
	duration int64
	weight   int64 // what is compared
}

func (e *example) take(o example) {
	if o.weight > e.weight || o.weight == e.weight && (e.id.IsZero() || bytes.Compare(o.id[:], e.id[:]) < 0) {
		*e = o
	}
}

func (e example) list() []RiskExample {
	if e.id.IsZero() {
		return []RiskExample{}
	}
	return []RiskExample{{e.id, utc(e.start), seconds(e.duration)}}
}

func examplesOf(list ...example) []RiskExample {
	out := []RiskExample{}
	for _, e := range list {
		for _, x := range e.list() {
			if !slices.ContainsFunc(out, func(o RiskExample) bool { return o.TraceID == x.TraceID }) {
				out = append(out, x)
			}
		}
	}
	return out
}

// of finds or makes an entry of a bounded map; nil where there is no room.
func of[K comparable, V any](r *Reader, m map[K]*V, k K, bound int) *V {
	v := m[k]
	if v == nil {
		if len(m) >= bound {
			r.leftOut++
			return nil
		}
		v = new(V)
		m[k] = v
	}
	return v
}
