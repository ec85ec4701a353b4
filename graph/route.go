package graph

import (
	"math"

	"headwater/graph/trace"
)

// routes books the requests of the trace that began in the window: where their
// time went, and where their failures came from.
func (f *folder) routes() {
	var pieces [][]trace.Piece
	for _, root := range f.entries() {
		if !f.within(f.t.Spans[root].Start) {
			continue
		}
		if pieces == nil {
			pieces = f.t.Partition()
		}
		b := book{folder: f, pieces: pieces, root: root, at: map[AccountID]int{}, seen: map[Shape]bool{}}
		b.write()
	}
}

// entries are the spans by which requests came in: the roots, and the consumers
// of messages. Spans whose parent never came are entries only in a trace that
// has no other.
func (f *folder) entries() []int32 {
	var out, orphans []int32
	for _, i := range f.t.Roots {
		if f.t.Nodes[i].Notes&trace.NoteOrphan != 0 {
			orphans = append(orphans, i)
		} else {
			out = append(out, i)
		}
	}
	if len(out) == 0 {
		out = orphans
	}
	for i := range f.t.Nodes {
		if n := &f.t.Nodes[i]; n.Async && n.Parent >= 0 && f.r.Visits[f.r.VisitOf[i]].Entry == int32(i) {
			out = append(out, int32(i))
		}
	}
	return out
}

// book is the account book of one request.
type book struct {
	*folder
	pieces [][]trace.Piece
	root   int32
	base   float64 // the root's own logical share

	seen     map[Shape]bool
	at       map[AccountID]int
	ids      []AccountID
	stats    []AccountStats
	time     []float64
	failures []float64
}

func (b *book) account(id AccountID) int {
	i, ok := b.at[id]
	if !ok {
		i = len(b.ids)
		b.at[id] = i
		b.ids = append(b.ids, id)
		b.stats = append(b.stats, AccountStats{Roots: 1})
		b.time = append(b.time, 0)
		b.failures = append(b.failures, 0)
	}
	return i
}

func (b *book) write() {
	v := &b.r.Visits[b.r.VisitOf[b.root]]
	b.base = v.Logical
	n := &b.t.Nodes[b.root]
	age := b.age(v)
	total := n.End - n.Start + age
	if age > 0 {
		c := &b.r.Calls[v.Call]
		b.time[b.account(AccountID{Kind: Gap, Caller: c.Caller, Node: c.Callee})] += float64(age)
	}
	b.walk(b.root)
	for i, ns := range trace.Apportion(b.time, total) {
		b.stats[i].Time = ns
	}
	s := entry(b.w.Routes, RouteID{v.Node, v.Operation})
	s.Requests++
	if v.Call >= 0 && b.r.Calls[v.Call].Async {
		s.taken(b.r.Calls[v.Call].Caller)
	}
	failed := OutcomeOf(&b.t.Spans[b.root]) != OK
	if failed {
		s.Failed++
		b.blame(b.root, 1)
		for i, m := range trace.Apportion(scaled(b.failures), Millionth) {
			b.stats[i].Failures = m
		}
	}
	s.Time.Add(total)
	s.Latency.Add(total)
	s.Examples.add(Example{TraceID: b.t.ID, Start: b.t.Spans[b.root].Start, Duration: total}, failed)
	if s.Accounts == nil {
		s.Accounts = map[AccountID]*AccountStats{}
		s.Shapes = map[Shape]int64{}
	}
	if len(b.seen) <= shapesOfRequest {
		for shape := range b.seen {
			s.Shapes[shape]++
		}
	}
	for i, id := range b.ids {
		d, x := entry(s.Accounts, id), &b.stats[i]
		d.Time += x.Time
		d.Visits += x.Visits
		d.Logical += x.Logical
		d.Roots += x.Roots
		d.Failures += x.Failures
	}
}

// taken notes where the route's messages come from; of several queues the first
// in order stands for all.
func (r *RouteStats) taken(from NodeID) {
	if from.Kind == Queue && (r.Source.IsZero() || from.Compare(r.Source) < 0) {
		r.Source = from
	}
}

// age is how long a consumer's message waited, where its sender was seen.
func (b *book) age(v *Visit) int64 {
	p := b.t.Nodes[b.root].Parent
	if p < 0 || v.Call < 0 || !b.t.Nodes[b.root].Async || b.t.Spans[p].Kind != trace.KindProducer {
		return 0
	}
	return min(max(0, b.t.Nodes[b.root].Start-b.t.Nodes[p].Start), trace.MaxDuration)
}

// walk books the own time of span i and of what it waited for.
func (b *book) walk(i int32) {
	stack := []int32{i}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		id := b.accountOf(i)
		at := b.account(id)
		b.shape(i)
		for _, p := range b.pieces[i] {
			b.time[at] += float64(p.To-p.From) * p.Weight
		}
		v := &b.r.Visits[b.r.VisitOf[i]]
		switch {
		case id.Kind == Own && v.Entry == i:
			b.count(at, v.Logical)
		case id.Kind != Own && b.r.CallOf[i] >= 0:
			c := &b.r.Calls[b.r.CallOf[i]]
			b.count(at, v.Logical/float64(len(c.Attempts)))
			if b.r.AttemptOf[i] > 0 {
				b.backoff(c, b.r.AttemptOf[i])
			}
		}
		for _, k := range b.t.Nodes[i].Children {
			if !b.t.Nodes[k].Async {
				stack = append(stack, k)
			}
		}
	}
}

// shapesOfRequest bounds the shapes that one request may add: a request with
// more names its spans by ids, and says nothing of its route.
const shapesOfRequest = 1000

// shape notes where span i stands.
func (b *book) shape(i int32) {
	s := Shape{Node: b.r.Visits[b.r.VisitOf[i]].Node, Name: b.t.Spans[i].Name}
	if p := b.t.Nodes[i].Parent; p >= 0 && i != b.root {
		s.Above, s.Parent = b.r.Visits[b.r.VisitOf[p]].Node, b.t.Spans[p].Name
	}
	b.seen[s] = true
}

func (b *book) count(at int, logical float64) {
	b.stats[at].Visits++
	b.stats[at].Logical += int64(math.Round(logical / b.base * Millionth))
}

// accountOf is where the own time of span i is booked.
func (b *book) accountOf(i int32) AccountID {
	for at := i; at >= 0; at = b.t.Nodes[at].Parent { // a swallowed span goes with the call around it
		if ci := b.r.CallOf[at]; ci >= 0 {
			c := &b.r.Calls[ci]
			if c.Attempts[b.r.AttemptOf[at]].Server >= 0 {
				return AccountID{Kind: Gap, Caller: c.Caller, Node: c.Callee}
			}
			return AccountID{Kind: Unpaired, Caller: c.Caller, Node: c.Callee, Operation: c.Operation}
		}
		if p := b.t.Nodes[at].Parent; p < 0 || b.t.Spans[at].Kind != trace.KindClient || b.t.Spans[p].Kind != trace.KindClient || !b.r.wrapper[p] {
			break
		}
	}
	v := &b.r.Visits[b.r.VisitOf[i]]
	return AccountID{Kind: Own, Node: v.Node, Operation: v.Operation}
}

// backoff moves the caller's time between attempt n-1 and attempt n from where
// it was booked to the edge's backoff.
func (b *book) backoff(c *Call, n int32) {
	prev, next := &c.Attempts[n-1], &c.Attempts[n]
	if next.Parent < 0 || prev.Client < 0 {
		return
	}
	from, to := b.t.Nodes[prev.Client].End, b.t.Nodes[next.Client].Start
	moved := 0.0
	for _, p := range b.pieces[next.Parent] {
		if lo, hi := max(p.From, from), min(p.To, to); hi > lo {
			moved += float64(hi-lo) * p.Weight
		}
	}
	if moved > 0 {
		b.time[b.account(b.accountOf(next.Parent))] -= moved
		at := b.account(AccountID{Kind: Backoff, Caller: c.Caller, Node: c.Callee})
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
