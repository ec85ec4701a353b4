package store

import (
	"iter"

	"headwater/graph/trace"
)

// gathered is a trace of which spans are gathered, how many it has on the pile,
// and the number of the newest of the blocks that they come from.
type gathered struct {
	id          trace.TraceID
	spans       int
	first, last int32
	newest      uint64
}

// A pile holds the spans of many traces, which come in any order. It is used
// again and again: what each trace needs is not known before, and as many lists
// that grow would leave more behind than they hold.
type pile struct {
	slabs [][]piled
	n     int32
}

type piled struct {
	trace.Brief

	next int32 // of the same trace
}

const pileSlab = 1 << 12

func (p *pile) at(i int32) *piled { return &p.slabs[i/pileSlab][i%pileSlab] }

// add puts a span of a trace on the pile.
func (p *pile) add(g *gathered, b trace.Brief) {
	if int(p.n) == len(p.slabs)*pileSlab {
		p.slabs = append(p.slabs, make([]piled, pileSlab))
	}
	if g.spans == 0 {
		g.first = p.n
	} else {
		p.at(g.last).next = p.n
	}
	*p.at(p.n) = piled{Brief: b}
	g.last = p.n
	g.spans++
	p.n++
}

// of gives the spans of a trace in the order in which they were added.
func (p *pile) of(g *gathered) iter.Seq[*trace.Brief] {
	return func(yield func(*trace.Brief) bool) {
		at := g.first
		for range g.spans {
			b := p.at(at)
			if !yield(&b.Brief) {
				return
			}
			at = b.next
		}
	}
}

// reset empties the pile.
func (p *pile) reset() { p.n = 0 }
