package graph

import "headwater/graph/trace"

// blame books the weight of a failure at span i to where it came from: the
// failing children that no retry healed, in equal parts, down to the deepest
// that no failing child explains (DESIGN section 5c).
func (b *book) blame(i int32, weight float64) {
	type job struct {
		span   int32
		weight float64
	}
	stack := []job{{i, weight}}
	for len(stack) > 0 {
		j := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if b.timedOut(j.span) {
			b.spread(j.span, j.weight)
			continue
		}
		var guilty []int32
		for _, k := range b.t.Nodes[j.span].Children {
			if !b.t.Nodes[k].Async && !b.repeated(k) && b.t.Spans[k].Outcome != OK {
				guilty = append(guilty, k)
			}
		}
		if len(guilty) == 0 {
			b.failures[b.account(b.accountOf(j.span))] += j.weight
			continue
		}
		for _, k := range guilty {
			stack = append(stack, job{k, j.weight / float64(len(guilty))})
		}
	}
}

// timedOut reports whether span i is an attempt whose caller's deadline passed.
func (b *book) timedOut(i int32) bool {
	c := b.r.CallOf[i]
	return c >= 0 && b.r.Calls[c].Attempts[b.r.AttemptOf[i]].Outcome == TimedOut
}

// repeated reports whether span i is an attempt that was followed by another:
// its failure counts as a retry, not as the call's.
func (b *book) repeated(i int32) bool {
	c := b.r.CallOf[i]
	return c >= 0 && int(b.r.AttemptOf[i]) < len(b.r.Calls[c].Attempts)-1
}

// spread books a timeout to what the time went to until the deadline: the
// callee's spans are clamped into the attempt.
func (b *book) spread(i int32, weight float64) {
	var below []int32
	total := 0.0
	stack := []int32{i}
	for len(stack) > 0 {
		k := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		below = append(below, k)
		total += weighted(b.pieces.Of(k))
		for _, c := range b.t.Nodes[k].Children {
			if !b.t.Nodes[c].Async {
				stack = append(stack, c)
			}
		}
	}
	if total == 0 {
		b.failures[b.account(b.accountOf(i))] += weight
		return
	}
	for _, k := range below {
		if own := weighted(b.pieces.Of(k)); own > 0 {
			b.failures[b.account(b.accountOf(k))] += weight * own / total
		}
	}
}

func weighted(ps []trace.Piece) float64 {
	sum := 0.0
	for _, p := range ps {
		sum += float64(p.To-p.From) * p.Weight
	}
	return sum
}
