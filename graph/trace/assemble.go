package trace

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Assemble makes the trace of the given spans, which all carry the same trace
// id. The spans may come in any order and more than once; the slice is not
// kept and not changed. No spans give an empty Trace.
//
// A span is identified by its id, kind and service, so that the two halves of a
// Zipkin shared span stay two. Of differing copies the later end wins.
func Assemble(spans []Span) *Trace {
	if len(spans) == 0 {
		return &Trace{}
	}
	return new(Assembler).Whole(NewClasses(), spans)
}

// Whole is as the function Assemble, for many traces one after the other: the Trace is
// good until the next call.
func (a *Assembler) Whole(classes *Classes, spans []Span) *Trace {
	if len(spans) == 0 {
		return &Trace{}
	}
	a.briefs = a.briefs[:0]
	for i := range spans {
		a.briefs = append(a.briefs, classes.Brief(&spans[i]))
	}
	t := a.Assemble(spans[0].TraceID, a.briefs)
	a.full = slices.Grow(a.full[:0], len(t.Spans))
	for i := range t.Spans {
		a.full = append(a.full, spans[t.Spans[i].at])
	}
	t.Full = a.full
	return t
}

// Assembler makes traces of Briefs. It uses its memory again, and so is not safe
// for concurrent use.
type Assembler struct {
	t        Trace
	ids      []idAt
	children []int32 // of all nodes, one after the other
	order    []int32
	state    []uint8
	skewed   skews
	shared   bool // two spans have one id: the halves of a shared span

	briefs []Brief // of Whole
	full   []Span
}

type idAt struct {
	id uint64
	at int32
}

// Assemble makes the trace of the spans, in any order and more than once; the
// slice is not kept. The Trace and what it holds is the Assembler's: it is good
// until the next call.
func (a *Assembler) Assemble(id TraceID, spans []Brief) *Trace {
	t := &a.t
	t.ID, t.Full = id, nil
	t.Spans = append(t.Spans[:0], spans...)
	for i := range t.Spans {
		t.Spans[i].at = int32(i)
	}
	a.arrange()
	t.Nodes = slices.Grow(t.Nodes[:0], len(t.Spans))[:len(t.Spans)]
	for i := range t.Nodes {
		t.Nodes[i] = Node{Parent: -1}
	}
	a.link()
	if a.plant(); len(a.order) < len(t.Nodes) {
		a.cutCycles()
		a.plant()
	}
	a.place()
	t.measureSelf()
	return t
}

// arrange puts the spans in a total order that does not depend on how they came,
// without duplicates, and their ids into the index.
func (a *Assembler) arrange() {
	t := &a.t
	slices.SortFunc(t.Spans, func(x, y Brief) int {
		if x.Start != y.Start {
			return cmp.Compare(x.Start, y.Start)
		}
		return cmp.Or(compareIdentity(&x, &y), compareContent(&x, &y))
	})
	a.index()
	if !a.shared {
		return
	}
	// Of the copies of a span one stays.
	var gone []int32
	for lo := 0; lo < len(a.ids); {
		hi := lo + 1
		for hi < len(a.ids) && a.ids[hi].id == a.ids[lo].id {
			hi++
		}
		for i := lo; i < hi; i++ {
			for j := i + 1; j < hi; j++ {
				x, y := a.ids[i].at, a.ids[j].at
				if x < 0 || y < 0 || compareIdentity(&t.Spans[x], &t.Spans[y]) != 0 {
					continue
				}
				if compareContent(&t.Spans[x], &t.Spans[y]) > 0 {
					a.ids[i].at, a.ids[j].at = y, x
				}
				gone = append(gone, a.ids[j].at)
				a.ids[j].at = -1
			}
		}
		lo = hi
	}
	if len(gone) == 0 {
		return
	}
	slices.Sort(gone)
	kept := t.Spans[:0]
	for i := range t.Spans {
		if len(gone) > 0 && int(gone[0]) == i {
			gone = gone[1:]
			continue
		}
		kept = append(kept, t.Spans[i])
	}
	t.Spans = kept
	a.index()
}

// index lists the ids in order, and notes whether two spans have the same.
func (a *Assembler) index() {
	a.ids = a.ids[:0]
	for i := range a.t.Spans {
		a.ids = append(a.ids, idAt{number(a.t.Spans[i].SpanID), int32(i)})
	}
	slices.SortFunc(a.ids, func(x, y idAt) int {
		if x.id != y.id {
			return cmp.Compare(x.id, y.id)
		}
		return cmp.Compare(x.at, y.at)
	})
	a.shared = false
	for i := 1; i < len(a.ids); i++ {
		a.shared = a.shared || a.ids[i].id == a.ids[i-1].id
	}
}

func number(id SpanID) uint64 { return binary.BigEndian.Uint64(id[:]) }

// sameID lists the spans with the id.
func (a *Assembler) sameID(id SpanID) []idAt {
	n := number(id)
	lo, ok := slices.BinarySearchFunc(a.ids, n, func(e idAt, n uint64) int { return cmp.Compare(e.id, n) })
	if !ok {
		return nil
	}
	hi := lo + 1
	for hi < len(a.ids) && a.ids[hi].id == n {
		hi++
	}
	return a.ids[lo:hi]
}

// link finds each span's parent by its id.
func (a *Assembler) link() {
	t := &a.t
	for i := range t.Spans {
		s := &t.Spans[i]
		if a.shared && (s.Kind == KindServer || s.Kind == KindConsumer) {
			if p := a.sharedCaller(s); p >= 0 {
				t.Nodes[i].Parent = p
				continue
			}
		}
		if s.Parent.IsZero() {
			continue
		}
		candidates := a.sameID(s.Parent)
		switch len(candidates) {
		case 0:
			t.Nodes[i].Notes |= NoteOrphan
		case 1:
			t.Nodes[i].Parent = candidates[0].at
		default:
			t.Nodes[i].Parent = bestParent(t.Spans, candidates, s)
		}
	}
}

// sharedCaller finds the client half of a Zipkin shared span, or -1.
func (a *Assembler) sharedCaller(s *Brief) int32 {
	want := KindClient
	if s.Kind == KindConsumer {
		want = KindProducer
	}
	for _, e := range a.sameID(s.SpanID) {
		if a.t.Spans[e.at].Kind == want {
			return e.at
		}
	}
	return -1
}

// bestParent picks among spans that share the parent's id: one of the same
// service first, then the serving half, whose children these are.
func bestParent(spans []Brief, candidates []idAt, s *Brief) int32 {
	best, bestScore := candidates[0].at, -1
	for _, e := range candidates {
		score := 0
		if compareService(spans[e.at].Resource, s.Resource) == 0 {
			score += 2
		}
		if spans[e.at].Kind == KindServer || spans[e.at].Kind == KindConsumer {
			score++
		}
		if score > bestScore {
			best, bestScore = e.at, score
		}
	}
	return best
}

// cutCycles makes the earliest span of every circle of parents a root.
func (a *Assembler) cutCycles() {
	const unseen, open, done = 0, 1, 2
	t := &a.t
	a.state = slices.Grow(a.state[:0], len(t.Nodes))[:len(t.Nodes)]
	clear(a.state)
	var path []int32
	for i := range t.Nodes {
		path = path[:0]
		at := int32(i)
		for ; at >= 0 && a.state[at] == unseen; at = t.Nodes[at].Parent {
			a.state[at] = open
			path = append(path, at)
		}
		if at >= 0 && a.state[at] == open { // the walk bit its own tail
			first := at
			for n := t.Nodes[at].Parent; n != at; n = t.Nodes[n].Parent {
				first = min(first, n)
			}
			t.Nodes[first].Parent = -1
			t.Nodes[first].Notes |= NoteCycle
		}
		for _, n := range path {
			a.state[n] = done
		}
	}
}

// plant fills roots, children and depths, and lists the nodes with every parent
// before its children. Nodes in a circle of parents are not reached.
func (a *Assembler) plant() {
	t := &a.t
	t.Roots = t.Roots[:0]
	for i := range t.Nodes {
		t.Nodes[i].Depth = 0
	}
	for i := range t.Nodes {
		if p := t.Nodes[i].Parent; p >= 0 {
			t.Nodes[p].Depth++ // for now, how many children it has
		} else {
			t.Roots = append(t.Roots, int32(i))
		}
	}
	a.children = slices.Grow(a.children[:0], len(t.Nodes))[:len(t.Nodes)]
	next := 0
	for i := range t.Nodes {
		n := &t.Nodes[i]
		to := next + int(n.Depth)
		n.Children, n.Depth = a.children[next:next:to], 0
		next = to
	}
	for i := range t.Nodes {
		if p := t.Nodes[i].Parent; p >= 0 {
			t.Nodes[p].Children = append(t.Nodes[p].Children, int32(i))
		}
	}
	a.order = append(a.order[:0], t.Roots...)
	for at := 0; at < len(a.order); at++ {
		for _, c := range t.Nodes[a.order[at]].Children {
			t.Nodes[c].Depth = t.Nodes[a.order[at]].Depth + 1
			a.order = append(a.order, c)
		}
	}
}
