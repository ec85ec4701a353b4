package graph

import (
	"math"

	"headwater/graph/trace"
)

// routes books the requests of the trace: where their time went, and where their
// failures came from.
func (f *fold) routes() {
	shared := false
	for _, root := range entries(f.r) {
		w := f.at(f.t.Spans[root].Start)
		if w == nil {
			continue
		}
		if !shared {
			f.t.Partition(&f.pieces)
			shared = true
		}
		f.book.write(w, root)
	}
}

// entries are the spans by which requests came in: the roots, and the consumers
// of messages. Spans whose parent never came are entries only in a trace that
// has no other.
func entries(r *Reading) []int32 {
	var out, orphans []int32
	for _, i := range r.Trace.Roots {
		if r.Trace.Nodes[i].Notes&trace.NoteOrphan != 0 {
			orphans = append(orphans, i)
		} else {
			out = append(out, i)
		}
	}
	if len(out) == 0 {
		out = orphans
	}
	for i := range r.Trace.Nodes {
		if n := &r.Trace.Nodes[i]; n.Async && n.Parent >= 0 && r.Visits[r.VisitOf[i]].Entry == int32(i) {
			out = append(out, int32(i))
		}
	}
	return out
}

// book is the account book of one request.
type book struct {
	*fold
	root int32
	base float64 // the root's own logical share

	at       map[accountKey]int32
	keys     []accountKey
	stats    []AccountStats
	time     []float64
	failures []float64
	stack    []int32
	spans    []int32 // of the request, in no order that matters
	request  int64   // number of the request, to tell it from the one before
}

func (b *book) account(k accountKey) int32 {
	i, ok := b.at[k]
	if !ok {
		i = int32(len(b.keys))
		b.at[k] = i
		b.keys = append(b.keys, k)
		b.stats = append(b.stats, AccountStats{Roots: 1})
		b.time = append(b.time, 0)
		b.failures = append(b.failures, 0)
	}
	return i
}

// clear makes the book ready for another request.
func (b *book) clear(root int32) {
	if b.at == nil {
		b.at = map[accountKey]int32{}
	}
	clear(b.at)
	b.root = root
	b.request++
	b.keys, b.stats, b.time, b.failures, b.spans = b.keys[:0], b.stats[:0], b.time[:0], b.failures[:0], b.spans[:0]
}

func (b *book) write(w *builder, root int32) {
	b.clear(root)
	v := &b.r.Visits[b.r.VisitOf[root]]
	b.base = v.Logical
	n, span := &b.t.Nodes[root], &b.t.Spans[root]
	age := max(0, v.age)
	total := n.End - n.Start + age
	if age > 0 {
		c := &b.r.Calls[v.Call]
		b.time[b.account(accountKey{Gap, c.Caller, c.Callee, none})] += float64(age)
	}
	b.walk(root)
	for i, ns := range trace.Apportion(b.time, total) {
		b.stats[i].Time = ns
	}
	s := w.route(v.Node, v.Operation)
	s.Requests++
	s.Weight += span.Weight
	s.WeightedTime += asOften(total, span.Weight)
	if v.Call >= 0 && b.r.Calls[v.Call].Async {
		s.taken(b.r.Node(b.r.Calls[v.Call].Caller))
	}
	failed := span.Outcome != OK
	if failed {
		s.Failed++
		s.FailedWeight += span.Weight
		b.blame(root, 1)
		for i, m := range trace.Apportion(scaled(b.failures), Millionth) {
			b.stats[i].Failures = m
		}
	}
	s.Time.Add(total)
	s.Latency.addBin(binOf(total))
	s.Examples.add(Example{TraceID: b.t.ID, Start: span.Start, Duration: total}, failed)
	b.shapes(s)
	for i, k := range b.keys {
		entry(s.accounts, k).merge(&b.stats[i])
	}
}

// asOften is a number as often as a weight in millionths says.
func asOften(v, weight int64) int64 {
	if weight == Millionth {
		return v
	}
	return int64(min(float64(v)*float64(weight)/Millionth, math.MaxInt64/2))
}

// taken notes where the route's messages come from; of several queues the first
// in order stands for all.
func (r *RouteStats) taken(from NodeID) {
	if from.Kind == Queue && (r.Source.IsZero() || from.Compare(r.Source) < 0) {
		r.Source = from
	}
}

// walk books the own time of span i and of what it waited for.
func (b *book) walk(i int32) {
	b.stack = append(b.stack[:0], i)
	for len(b.stack) > 0 {
		i := b.stack[len(b.stack)-1]
		b.stack = b.stack[:len(b.stack)-1]
		b.spans = append(b.spans, i)
		id := b.r.accountOf(i)
		at := b.account(id)
		for _, p := range b.pieces.Of(i) {
			b.time[at] += float64(p.To-p.From) * p.Weight
		}
		v := &b.r.Visits[b.r.VisitOf[i]]
		switch {
		case id.kind == Own && v.Entry == i:
			b.count(at, v.Logical)
		case id.kind != Own && b.r.CallOf[i] >= 0:
			c := &b.r.Calls[b.r.CallOf[i]]
			b.count(at, v.Logical/float64(len(c.Attempts)))
			if b.r.AttemptOf[i] > 0 {
				b.backoff(c, b.r.AttemptOf[i])
			}
		}
		for _, k := range b.t.Nodes[i].Children {
			if !b.t.Nodes[k].Async {
				b.stack = append(b.stack, k)
			}
		}
	}
}

// shapesOfRequest bounds the shapes that one request may add: a request with
// more names its spans by ids, and says nothing of its route.
const shapesOfRequest = 1000

// shapes notes where each span of the request stands, and how long after the
// request's start it began first.
func (b *book) shapes(s *routeCell) {
	if len(b.spans) > shapesOfRequest && b.distinctShapes() > shapesOfRequest {
		return
	}
	for _, i := range b.spans {
		k := b.shape(i)
		c := s.shapes[k]
		if c == nil {
			c = &shapeCell{}
			s.shapes[k] = c
		}
		c.Spans++
		after := b.t.Nodes[i].Start - b.t.Nodes[b.root].Start
		switch {
		case c.in != b.request:
			c.in, c.first = b.request, after
			c.Requests++
			c.After += after
		case after < c.first:
			c.After -= c.first - after
			c.first = after
		}
	}
}

func (b *book) distinctShapes() int {
	seen := map[shapeKey]struct{}{}
	for _, i := range b.spans {
		seen[b.shape(i)] = struct{}{}
	}
	return len(seen)
}

// shape is where span i stands.
func (b *book) shape(i int32) shapeKey {
	f := b.r.facts[i]
	k := shapeKey{f.node, f.name, none, none}
	if p := b.t.Nodes[i].Parent; p >= 0 && i != b.root {
		k.above, k.parent = b.r.facts[p].node, b.r.facts[p].name
	}
	return k
}

func (b *book) count(at int32, logical float64) {
	b.stats[at].Visits++
	b.stats[at].Logical += int64(math.Round(logical / b.base * Millionth))
}

// backoff moves the caller's time between attempt n-1 and attempt n from where
// it was booked to the edge's backoff.
func (b *book) backoff(c *Call, n int32) {
	prev, next := &c.Attempts[n-1], &c.Attempts[n]
	if next.Parent < 0 || prev.Client < 0 || next.Part {
		return
	}
	from, to := b.t.Nodes[prev.Client].End, b.t.Nodes[next.Client].Start
	moved := 0.0
	for _, p := range b.pieces.Of(next.Parent) {
		if lo, hi := max(p.From, from), min(p.To, to); hi > lo {
			moved += float64(hi-lo) * p.Weight
		}
	}
	if moved > 0 {
		b.time[b.account(b.r.accountOf(next.Parent))] -= moved
		at := b.account(accountKey{Backoff, c.Caller, c.Callee, none})
		b.time[at] += moved
		b.stats[at].Visits++
		b.stats[at].Logical += Millionth
	}
}

// scaled turns shares of one failure into millionths.
func scaled(shares []float64) []float64 {
	out := make([]float64, len(shares))
	for i, s := range shares {
		out[i] = s * Millionth
	}
	return out
}
