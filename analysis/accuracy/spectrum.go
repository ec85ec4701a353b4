package accuracy

import (
	"cmp"
	"math"
	"slices"

	"headwater/graph"
	"headwater/graph/trace"
)

// spectrum ranks nodes after the idea of MicroRank (Yu et al., MicroRank:
// End-to-End Latency Issue Localization with Extended Spectrum Analysis in
// Microservice Environments, WWW 2021): a personalised PageRank over operations
// and traces weighs how much an operation takes part in abnormal traces and in
// normal ones, and Ochiai's formula compares the two.
func spectrum(s *Scene) []graph.NodeID {
	bad, good := coverageOf(s.Abnormal), coverageOf(s.Normal)
	badRank, goodRank := bad.pageRank(), good.pageRank()
	score := map[graph.NodeID]float64{}
	for op, traces := range bad.traces {
		failed := badRank[op] * float64(len(traces))
		spared := badRank[op] * float64(bad.count-len(traces))
		passed := goodRank[op] * float64(len(good.traces[op]))
		if d := math.Sqrt((failed + passed) * (failed + spared)); d > 0 {
			score[op.node] = max(score[op.node], failed/d)
		}
	}
	return ranked(score)
}

// operation is what a trace may pass through.
type operation struct {
	node graph.NodeID
	name string
}

func (o operation) compare(p operation) int {
	return cmp.Or(o.node.Compare(p.node), cmp.Compare(o.name, p.name))
}

// coverage says which traces pass through which operations, and who calls whom.
type coverage struct {
	count  int
	traces map[operation][]int // ascending
	length []int               // operations of each trace
	calls  map[operation][]operation
}

func coverageOf(traces []*trace.Trace) *coverage {
	c := &coverage{count: len(traces), traces: map[operation][]int{}, length: make([]int, len(traces)), calls: map[operation][]operation{}}
	for i, t := range traces {
		r := graph.Read(t, nil)
		pass := func(op operation) {
			if at := c.traces[op]; len(at) == 0 || at[len(at)-1] != i {
				c.traces[op] = append(at, i)
				c.length[i]++
			}
		}
		for v := range r.Visits {
			pass(operation{r.Node(r.Visits[v].Node), r.Word(r.Visits[v].Operation)})
		}
		for k := range r.Calls {
			call := &r.Calls[k]
			to := operation{r.Node(call.Callee), r.Word(call.Operation)}
			if to.node.Kind != graph.Service {
				pass(to)
			}
			if p := call.Attempts[0].Client; p >= 0 {
				from := &r.Visits[r.VisitOf[p]]
				op := operation{r.Node(from.Node), r.Word(from.Operation)}
				if !slices.Contains(c.calls[op], to) {
					c.calls[op] = append(c.calls[op], to)
				}
			}
		}
	}
	return c
}

const (
	damping    = 0.85
	fromCalls  = 0.01 // how much a call between operations counts against a trace
	iterations = 25
)

// pageRank is the rank of the operations, at most 1. Traces are preferred that
// pass through few operations: they narrow the fault down.
func (c *coverage) pageRank() map[operation]float64 {
	ops := make([]operation, 0, len(c.traces))
	for op := range c.traces {
		ops = append(ops, op)
	}
	slices.SortFunc(ops, operation.compare)
	prefer := make([]float64, c.count)
	sum := 0.0
	for i, n := range c.length {
		if n > 0 {
			prefer[i] = 1 / float64(n)
			sum += prefer[i]
		}
	}
	ofTrace := make([]float64, c.count)
	rank := map[operation]float64{}
	for _, op := range ops {
		rank[op] = 1 / float64(len(ops))
	}
	for range iterations {
		next := map[operation]float64{}
		for _, op := range ops {
			for _, to := range c.calls[op] {
				next[to] += damping * fromCalls * rank[op] / float64(len(c.calls[op]))
			}
			for _, i := range c.traces[op] {
				next[op] += damping * ofTrace[i] / float64(c.length[i])
			}
		}
		for i := range ofTrace {
			ofTrace[i] = (1 - damping) * prefer[i] / sum
		}
		for _, op := range ops {
			for _, i := range c.traces[op] {
				ofTrace[i] += damping * rank[op] / float64(len(c.traces[op]))
			}
		}
		rank = next
	}
	most := 0.0
	for _, r := range rank {
		most = max(most, r)
	}
	for op := range rank {
		if most > 0 {
			rank[op] /= most
		}
	}
	return rank
}
