package graph

import (
	"encoding/binary"
	"errors"
	"slices"
	"unique"
)

var errWindow = errors.New("window is damaged")

// UnmarshalBinary reads what AppendBinary wrote; w is overwritten and keeps the
// bytes. Other bytes are an error.
func (w *Window) UnmarshalBinary(b []byte) error {
	if len(b) == 0 || b[0] != windowVersion && b[0] != firstWindowVersion {
		return errWindow
	}
	d := windowDecoder{buf: b[1:], version: b[0]}
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
	for range d.count() {
		id := Fallen{d.text(), d.node()}
		s := new(FallenStats)
		d.ints(&s.Entries, &s.Visits)
		for range d.count() {
			s.Names = append(s.Names, d.text())
		}
		if out.Fallen == nil {
			out.Fallen = map[Fallen]*FallenStats{}
		}
		out.Fallen[id] = s
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
	version byte
	buf     []byte
	bad     bool
	texts   []string
	nodes   []NodeID
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
	return int(n)
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
	// Windows have most names in common: one copy is kept, and it is equal at a glance.
	s := unique.Make(string(d.buf[:n])).Value()
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

// sketch reads a sketch, which aliases the window's bytes.
func (d *windowDecoder) sketch(s *Sketch) {
	n := d.count()
	if n == 0 {
		return
	}
	if s.UnmarshalBinary(d.buf[:n:n]) != nil {
		d.fail()
		return
	}
	d.buf = d.buf[n:]
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
	d.ints(&s.Requests, &s.Failed, &s.Weight)
	if d.version > firstWindowVersion {
		d.ints(&s.FailedWeight, &s.WeightedTime)
	}
	s.Source = d.node()
	d.moments(&s.Time)
	if d.version == firstWindowVersion && s.Requests > 0 { // as if all had been sampled alike
		each := float64(s.Weight) / float64(s.Requests)
		s.FailedWeight, s.WeightedTime = int64(each*float64(s.Failed)), int64(each/Millionth*float64(s.Time.Sum))
	}
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
	s.Shapes = make(map[Shape]ShapeStats, min(n, 64))
	for range n {
		x := Shape{d.node(), d.text(), d.node(), d.text()}
		s.Shapes[x] = ShapeStats{Requests: d.int(), Spans: d.int(), After: d.int()}
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
	d.ints(&v.Visits, &v.Failed, &v.FailedOwn, &v.Occupancy, &v.Orphan, &v.Repeated)
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
	d.ints(&s.Paired, &s.Expected, &s.Unseen, &s.Abandoned, &s.InVain, &s.Orphan, &s.Occupancy, &s.Backoff)
	d.moments(&s.Time, &s.Gap, &s.Before, &s.Wait)
	d.sketch(&s.Latency)
	return s
}
