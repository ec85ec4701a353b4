package graph

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
)

// windowVersion is the first byte of an encoded window. The first version had no
// FailedWeight and WeightedTime; it is still read.
const (
	windowVersion      = 2
	firstWindowVersion = 1
)

// AppendBinary implements encoding.BinaryAppender. Windows with the same
// statistics give the same bytes. Each text is written once. It never fails.
func (w *Window) AppendBinary(b []byte) ([]byte, error) {
	e := windowEncoder{buf: append(b, windowVersion), texts: map[string]uint64{}, nodes: map[NodeID]uint64{}}
	e.ints(w.Start, w.Length, w.Spans, w.Orphans)
	each(&e, w.Routes, RouteID.compare, func(id RouteID, s *RouteStats) {
		e.node(id.Node)
		e.text(id.Operation)
		e.route(s)
	})
	each(&e, w.Nodes, NodeID.Compare, func(id NodeID, s *NodeStats) {
		e.node(id)
		e.nodeStats(s)
	})
	each(&e, w.Edges, EdgeID.Compare, func(id EdgeID, s *EdgeStats) {
		e.node(id.Caller)
		e.node(id.Callee)
		e.bool(id.Async)
		e.edge(s)
	})
	each(&e, w.Addresses, func(a, b Address) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Port, b.Port))
	}, func(a Address, n NodeID) {
		e.text(a.Host)
		e.text(a.Port)
		e.node(n)
	})
	each(&e, w.Fallen, func(a, b Fallen) int {
		return cmp.Or(cmp.Compare(a.What, b.What), a.Node.Compare(b.Node))
	}, func(id Fallen, s *FallenStats) {
		e.text(id.What)
		e.node(id.Node)
		e.ints(s.Entries, s.Visits)
		e.uint(uint64(len(s.Names)))
		for _, name := range s.Names {
			e.text(name)
		}
	})
	return e.buf, nil
}

// windowEncoder appends numbers as varints, and texts and nodes by number.
type windowEncoder struct {
	buf   []byte
	texts map[string]uint64 // numbers begin at 1
	nodes map[NodeID]uint64 // numbers begin at 1
	room  []byte
}

// each writes a map in order, after its length.
func each[K comparable, V any](e *windowEncoder, m map[K]V, order func(a, b K) int, f func(K, V)) {
	e.uint(uint64(len(m)))
	for _, k := range slices.SortedFunc(maps.Keys(m), order) {
		f(k, m[k])
	}
}

func (e *windowEncoder) uint(v uint64) { e.buf = binary.AppendUvarint(e.buf, v) }

func (e *windowEncoder) ints(list ...int64) {
	for _, v := range list {
		e.buf = binary.AppendVarint(e.buf, v)
	}
}

func (e *windowEncoder) bool(v bool) {
	if v {
		e.uint(1)
	} else {
		e.uint(0)
	}
}

// text writes the number of the text, or 0 and the text where it is new.
func (e *windowEncoder) text(s string) {
	if n, ok := e.texts[s]; ok {
		e.uint(n)
		return
	}
	e.texts[s] = uint64(len(e.texts) + 1)
	e.uint(0)
	e.uint(uint64(len(s)))
	e.buf = append(e.buf, s...)
}

func (e *windowEncoder) node(n NodeID) {
	if i, ok := e.nodes[n]; ok {
		e.uint(i)
		return
	}
	e.nodes[n] = uint64(len(e.nodes) + 1)
	e.uint(0)
	e.uint(uint64(n.Kind))
	e.text(n.Scope)
	e.text(n.Name)
}

func (e *windowEncoder) moments(list ...Moments) {
	for _, m := range list {
		e.ints(m.N)
		if m.N != 0 {
			e.ints(m.Sum)
			e.uint(m.sqHi)
			e.uint(m.sqLo)
		}
	}
}

// sketch writes a sketch in its own form, after its length.
func (e *windowEncoder) sketch(s *Sketch) {
	e.room = s.AppendBinary(e.room[:0])
	e.uint(uint64(len(e.room)))
	e.buf = append(e.buf, e.room...)
}

func (e *windowEncoder) examples(x *Examples) {
	for _, list := range [][]Example{x.Typical, x.Worst, x.Failed} {
		e.uint(uint64(len(list)))
		for _, ex := range list {
			e.buf = append(e.buf, ex.TraceID[:]...)
			e.ints(ex.Start, ex.Duration)
		}
	}
}

func (e *windowEncoder) route(s *RouteStats) {
	e.ints(s.Requests, s.Failed, s.Weight, s.FailedWeight, s.WeightedTime)
	e.node(s.Source)
	e.moments(s.Time)
	e.sketch(&s.Latency)
	each(e, s.Accounts, AccountID.compare, func(id AccountID, a *AccountStats) {
		e.uint(uint64(id.Kind))
		e.node(id.Caller)
		e.node(id.Node)
		e.text(id.Operation)
		e.ints(a.Time, a.Visits, a.Logical, a.Roots, a.Failures)
	})
	each(e, s.Shapes, Shape.compare, func(x Shape, n ShapeStats) {
		e.node(x.Node)
		e.text(x.Name)
		e.node(x.Above)
		e.text(x.Parent)
		e.ints(n.Requests, n.Spans, n.After)
	})
	e.examples(&s.Examples)
}

func (e *windowEncoder) nodeStats(s *NodeStats) {
	e.visits(&s.All)
	each(e, s.Operations, cmp.Compare[string], func(name string, v *VisitStats) {
		e.text(name)
		e.visits(v)
	})
	each(e, s.Instances, Instance.compare, func(i Instance, v *VisitStats) {
		e.text(i.Name)
		e.text(i.Host)
		e.text(i.Zone)
		e.text(i.Version)
		e.visits(v)
	})
}

func (e *windowEncoder) visits(v *VisitStats) {
	e.ints(v.Visits, v.Failed, v.FailedOwn, v.Occupancy, v.Orphan, v.Repeated)
	e.moments(v.Time, v.Self, v.First, v.GapIn, v.TimeOK, v.SelfOK)
	e.sketch(&v.Latency)
	e.examples(&v.Examples)
}

func (e *windowEncoder) edge(s *EdgeStats) {
	e.ints(s.Calls, s.Failed, s.Attempts)
	e.ints(s.Outcomes[:]...)
	e.ints(s.Paired, s.Expected, s.Unseen, s.Abandoned, s.InVain, s.Orphan, s.Occupancy, s.Backoff)
	e.moments(s.Time, s.Gap, s.Before, s.Wait)
	e.sketch(&s.Latency)
}
