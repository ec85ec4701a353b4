package graph

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

var errWindow = errors.New("window is damaged")

// UnmarshalBinary reads what AppendBinary wrote; w is overwritten. Other bytes
// are an error.
func (w *Window) UnmarshalBinary(b []byte) error {
	if len(b) == 0 || b[0] != windowVersion {
		return errWindow
	}
	d := windowDecoder{buf: b[1:]}
	out := NewWindow(0, 0)
	d.ints(&out.Start, &out.Length, &out.Spans, &out.Orphans)
	for range d.count() {
		id := RouteID{d.node(), d.text()}
		out.Routes[id] = d.route()
	}
	for range d.count() {
		id := d.node()
		out.Nodes[id] = d.nodeStats()
	}
	for range d.count() {
		id := EdgeID{d.node(), d.node(), d.uint() != 0}
		out.Edges[id] = d.edge()
	}
	for range d.count() {
		a := Address{d.text(), d.text()}
		out.Addresses[a] = d.node()
	}
	if d.bad || len(d.buf) != 0 {
		return errWindow
	}
	*w = *out
	return nil
}

// windowDecoder reads what windowEncoder wrote. After the first error all that
// it gives is zero.
type windowDecoder struct {
	buf   []byte
	bad   bool
	texts []string
	nodes []NodeID
}

func (d *windowDecoder) fail() { d.buf, d.bad = nil, true }

func (d *windowDecoder) uint() uint64 {
	v, n := binary.Uvarint(d.buf)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.buf = d.buf[n:]
	return v
}

// count reads how many follow: no more than there are bytes.
func (d *windowDecoder) count() int {
	n := d.uint()
	if n > uint64(len(d.buf)) {
		d.fail()
		return 0
	}
	return int(n) //nolint:gosec // no more than a length
}

func (d *windowDecoder) int() int64 {
	v, n := binary.Varint(d.buf)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.buf = d.buf[n:]
	return v
}

func (d *windowDecoder) ints(list ...*int64) {
	for _, v := range list {
		*v = d.int()
	}
}

func (d *windowDecoder) text() string {
	if n := d.uint(); n > 0 {
		if n > uint64(len(d.texts)) {
			d.fail()
			return ""
		}
		return d.texts[n-1]
	}
	n := d.count()
	s := string(d.buf[:n])
	d.buf = d.buf[n:]
	d.texts = append(d.texts, s)
	return s
}

func (d *windowDecoder) node() NodeID {
	if n := d.uint(); n > 0 {
		if n > uint64(len(d.nodes)) {
			d.fail()
			return NodeID{}
		}
		return d.nodes[n-1]
	}
	kind := d.uint()
	if kind > uint64(Overflow) {
		d.fail()
	}
	n := NodeID{NodeKind(kind), d.text(), d.text()}
	d.nodes = append(d.nodes, n)
	return n
}

func (d *windowDecoder) moments(list ...*Moments) {
	for _, m := range list {
		if m.N = d.int(); m.N != 0 {
			m.Sum, m.sqHi, m.sqLo = d.int(), d.uint(), d.uint()
		}
	}
}

func (d *windowDecoder) sketch(s *Sketch) {
	bins := make([]sketchBin, 0, min(d.peek(), 64))
	last := int64(0)
	for range d.count() {
		last += d.int()
		bins = append(bins, sketchBin{last, d.uint()})
		if d.bad {
			return
		}
	}
	if !s.setBins(bins) {
		d.fail()
	}
}

// peek is the next number, or a small one, without reading it.
func (d *windowDecoder) peek() int {
	v, _ := binary.Uvarint(d.buf)
	return int(min(v, math.MaxUint16)) //nolint:gosec // small
}

func (d *windowDecoder) examples(x *Examples) {
	for _, list := range []*[]Example{&x.Typical, &x.Worst, &x.Failed} {
		for range d.count() {
			var ex Example
			if len(d.buf) < len(ex.TraceID) {
				d.fail()
				return
			}
			d.buf = d.buf[copy(ex.TraceID[:], d.buf):]
			ex.Start, ex.Duration = d.int(), d.int()
			*list = append(*list, ex)
		}
		*list = slices.Clip(*list)
	}
}

func (d *windowDecoder) route() *RouteStats {
	s := &RouteStats{}
	d.ints(&s.Requests, &s.Failed)
	s.Source = d.node()
	d.moments(&s.Time)
	d.sketch(&s.Latency)
	n := d.count()
	s.Accounts = make(map[AccountID]*AccountStats, min(n, 64))
	for range n {
		id := AccountID{AccountKind(d.uint()), d.node(), d.node(), d.text()}
		if id.Kind > Unpaired {
			d.fail()
		}
		a := new(AccountStats)
		d.ints(&a.Time, &a.Visits, &a.Logical, &a.Roots, &a.Failures)
		s.Accounts[id] = a
	}
	n = d.count()
	s.Shapes = make(map[Shape]int64, min(n, 64))
	for range n {
		x := Shape{d.node(), d.text(), d.node(), d.text()}
		s.Shapes[x] = d.int()
	}
	d.examples(&s.Examples)
	return s
}

func (d *windowDecoder) nodeStats() *NodeStats {
	s := &NodeStats{}
	d.visits(&s.All)
	n := d.count()
	s.Operations = make(map[string]*VisitStats, min(n, 64))
	for range n {
		name := d.text()
		v := new(VisitStats)
		d.visits(v)
		s.Operations[name] = v
	}
	n = d.count()
	s.Instances = make(map[Instance]*VisitStats, min(n, 64))
	for range n {
		i := Instance{d.text(), d.text(), d.text(), d.text()}
		v := new(VisitStats)
		d.visits(v)
		s.Instances[i] = v
	}
	return s
}

func (d *windowDecoder) visits(v *VisitStats) {
	d.ints(&v.Visits, &v.Failed, &v.FailedOwn, &v.Orphan)
	d.moments(&v.Time, &v.Self, &v.First, &v.GapIn, &v.TimeOK, &v.SelfOK)
	d.sketch(&v.Latency)
	d.examples(&v.Examples)
}

func (d *windowDecoder) edge() *EdgeStats {
	s := &EdgeStats{}
	d.ints(&s.Calls, &s.Failed, &s.Attempts)
	for i := range s.Outcomes {
		s.Outcomes[i] = d.int()
	}
	d.ints(&s.Paired, &s.Expected, &s.Backoff)
	d.moments(&s.Time, &s.Gap, &s.Before)
	d.sketch(&s.Latency)
	return s
}
