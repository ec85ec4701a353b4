package trace

import (
	"cmp"
	"slices"
)

// Assemble makes the trace of the given spans, which all carry the same trace
// id. The spans may come in any order and more than once; the slice is not
// kept and not changed. No spans give an empty Trace.
//
// A span is identified by its id, kind and service, so that the two halves of a
// Zipkin shared span stay two. Of differing copies the later end wins.
func Assemble(spans []Span) *Trace {
	t := &Trace{Spans: distinct(spans)}
	if len(t.Spans) == 0 {
		return t
	}
	t.ID = t.Spans[0].TraceID
	t.Nodes = make([]Node, len(t.Spans))
	for i := range t.Nodes {
		t.Nodes[i].Parent = -1
	}
	t.link()
	t.cutCycles()
	order := t.plant()
	t.place(order)
	t.measureSelf()
	return t
}

// distinct copies the spans in a total order that does not depend on how they
// came, without duplicates.
func distinct(spans []Span) []Span {
	out := slices.Clone(spans)
	slices.SortFunc(out, func(a, b Span) int {
		return cmp.Or(compareIdentity(&a, &b), cmp.Compare(b.End, a.End), compareContent(&a, &b))
	})
	out = slices.CompactFunc(out, func(a, b Span) bool { return compareIdentity(&a, &b) == 0 })
	slices.SortFunc(out, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), compareIdentity(&a, &b))
	})
	return out
}

func compareIdentity(a, b *Span) int {
	return cmp.Or(
		slices.Compare(a.SpanID[:], b.SpanID[:]),
		cmp.Compare(a.Kind, b.Kind),
		compareService(a.Resource, b.Resource))
}

func compareService(a, b *Resource) int {
	if a == b {
		return 0
	}
	if a == nil || b == nil {
		return cmp.Compare(boolInt(a != nil), boolInt(b != nil))
	}
	return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Environment, b.Environment))
}

// compareContent breaks the tie between differing copies that end together.
func compareContent(a, b *Span) int {
	return cmp.Or(
		cmp.Compare(a.Start, b.Start),
		slices.Compare(a.Parent[:], b.Parent[:]),
		cmp.Compare(b.Status, a.Status),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.StatusMessage, b.StatusMessage),
		cmp.Compare(len(b.Attrs), len(a.Attrs)),
		slices.CompareFunc(a.Attrs, b.Attrs, func(x, y Attr) int {
			return cmp.Or(cmp.Compare(x.Key, y.Key), cmp.Compare(x.Value.Text(), y.Value.Text()))
		}),
		cmp.Compare(len(b.Events), len(a.Events)),
		cmp.Compare(len(b.Links), len(a.Links)))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// link finds each span's parent by its id.
func (t *Trace) link() {
	byID := make([]int32, len(t.Spans))
	for i := range byID {
		byID[i] = int32(i)
	}
	slices.SortFunc(byID, func(a, b int32) int {
		return cmp.Or(slices.Compare(t.Spans[a].SpanID[:], t.Spans[b].SpanID[:]), cmp.Compare(a, b))
	})
	sameID := func(id SpanID) []int32 {
		lo, ok := slices.BinarySearchFunc(byID, id, func(i int32, id SpanID) int {
			return slices.Compare(t.Spans[i].SpanID[:], id[:])
		})
		if !ok {
			return nil
		}
		hi := lo + 1
		for hi < len(byID) && t.Spans[byID[hi]].SpanID == id {
			hi++
		}
		return byID[lo:hi]
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		if s.Kind == KindServer || s.Kind == KindConsumer {
			if p := sharedCaller(t.Spans, sameID(s.SpanID), s); p >= 0 {
				t.Nodes[i].Parent = p
				continue
			}
		}
		if s.Parent.IsZero() {
			continue
		}
		candidates := sameID(s.Parent)
		if len(candidates) == 0 {
			t.Nodes[i].Notes |= NoteOrphan
			continue
		}
		t.Nodes[i].Parent = bestParent(t.Spans, candidates, s)
	}
}

// sharedCaller finds the client half of a Zipkin shared span, or -1.
func sharedCaller(spans []Span, same []int32, s *Span) int32 {
	want := KindClient
	if s.Kind == KindConsumer {
		want = KindProducer
	}
	for _, i := range same {
		if spans[i].Kind == want {
			return i
		}
	}
	return -1
}

// bestParent picks among spans that share the parent's id: one of the same
// service first, then the serving half, whose children these are.
func bestParent(spans []Span, candidates []int32, s *Span) int32 {
	best, bestScore := candidates[0], -1
	for _, i := range candidates {
		score := 0
		if compareService(spans[i].Resource, s.Resource) == 0 {
			score += 2
		}
		if spans[i].Kind == KindServer || spans[i].Kind == KindConsumer {
			score++
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	return best
}

// cutCycles makes the earliest span of every circle of parents a root.
func (t *Trace) cutCycles() {
	const unseen, open, done = 0, 1, 2
	state := make([]uint8, len(t.Nodes))
	var path []int32
	for i := range t.Nodes {
		path = path[:0]
		at := int32(i)
		for ; at >= 0 && state[at] == unseen; at = t.Nodes[at].Parent {
			state[at] = open
			path = append(path, at)
		}
		if at >= 0 && state[at] == open { // the walk bit its own tail
			first := at
			for n := t.Nodes[at].Parent; n != at; n = t.Nodes[n].Parent {
				first = min(first, n)
			}
			t.Nodes[first].Parent = -1
			t.Nodes[first].Notes |= NoteCycle
		}
		for _, n := range path {
			state[n] = done
		}
	}
}

// plant fills roots, children and depths, and returns the nodes with every
// parent before its children.
func (t *Trace) plant() []int32 {
	for i := range t.Nodes {
		if p := t.Nodes[i].Parent; p >= 0 {
			t.Nodes[p].Children = append(t.Nodes[p].Children, int32(i))
		} else {
			t.Roots = append(t.Roots, int32(i))
		}
	}
	order := make([]int32, 0, len(t.Nodes))
	order = append(order, t.Roots...)
	for at := 0; at < len(order); at++ {
		for _, c := range t.Nodes[order[at]].Children {
			t.Nodes[c].Depth = t.Nodes[order[at]].Depth + 1
			order = append(order, c)
		}
	}
	return order
}
