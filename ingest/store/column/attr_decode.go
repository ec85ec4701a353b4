package column

import (
	"headwater/graph/trace"
)

// columnReader reads what column wrote.
type columnReader struct {
	key   string
	kind  trace.ValueKind
	data  cursor
	sizes cursor
	body  []byte
	ends  []uint32 // of the texts in body that came already
	left  int      // values that are to be skipped before the next is read
}

// maxKind is the largest kind of value.
const maxKind = byte(trace.ValueMap)

func readColumn(c *cursor) columnReader {
	r := columnReader{key: c.text()}
	kind := c.byte()
	if kind > maxKind {
		c.fail()
	}
	r.kind = trace.ValueKind(kind)
	r.data, r.sizes, r.body = c.section(), c.section(), c.section().buf
	return r
}

func (r *columnReader) text() string {
	if r.left > 0 {
		r.pass()
	}
	ref := r.data.uint()
	if ref == 0 {
		r.add()
		ref = uint64(len(r.ends))
	}
	if ref > uint64(len(r.ends)) || r.data.bad {
		r.data.fail()
		return ""
	}
	begin := uint32(0)
	if ref > 1 {
		begin = r.ends[ref-2]
	}
	return alias(r.body[begin:r.ends[ref-1]])
}

func (r *columnReader) textOr(skip bool) string {
	if skip {
		r.skip()
		return ""
	}
	return r.text()
}

// add takes the next new text.
func (r *columnReader) add() {
	size, end := r.sizes.uint(), r.end()
	if size > uint64(len(r.body)-end) || r.data.bad {
		r.data.fail()
		return
	}
	r.ends = append(r.ends, uint32(end+int(size))) // a payload is no larger
}

// end is where the texts end that came already.
func (r *columnReader) end() int {
	if len(r.ends) == 0 {
		return 0
	}
	return int(r.ends[len(r.ends)-1])
}

func (r *columnReader) value() trace.Value {
	if r.left > 0 {
		r.pass()
	}
	switch r.kind {
	case trace.ValueString:
		return trace.String(r.text())
	case trace.ValueBytes:
		return trace.Bytes(r.text())
	case trace.ValueInt:
		return trace.Int(r.data.int())
	case trace.ValueBool:
		return trace.Bool(r.data.byte() != 0)
	case trace.ValueDouble:
		return trace.Double(r.data.double())
	case trace.ValueArray, trace.ValueMap:
		c := cursor{buf: []byte(r.text())}
		v := c.value(0)
		if !c.done() || v.Kind() != r.kind {
			r.data.fail()
		}
		return v
	default:
		r.data.byte()
		return trace.Value{}
	}
}

// skip passes over a value, when the next one that is read needs it: of most
// columns nothing may be wanted, and in one go it is fast.
func (r *columnReader) skip() { r.left++ }

// pass does what skip left.
func (r *columnReader) pass() {
	switch r.kind {
	case trace.ValueString, trace.ValueBytes, trace.ValueArray, trace.ValueMap:
		for range r.left {
			if r.data.uint() == 0 {
				r.add()
			}
		}
	case trace.ValueInt:
		for range r.left {
			r.data.uint()
		}
	case trace.ValueDouble:
		r.data.take(8 * uint64(r.left))
	default:
		r.data.take(uint64(r.left))
	}
	r.left = 0
}

func (r *columnReader) bad() bool { return r.data.bad || r.sizes.bad }

// done reports whether all values were read, without an error.
func (r *columnReader) done() bool {
	return r.left == 0 && r.data.done() && r.sizes.done() && r.end() == len(r.body)
}

// attrReader reads what attrTable wrote.
type attrReader struct {
	shapes  [][]int32
	columns []columnReader
	free    []trace.Attr
	room    *Room
	taken   bool // some of the room
	bad     bool
}

func readAttrTable(c *cursor) attrReader {
	t := attrReader{shapes: [][]int32{nil}}
	for range c.below(len(c.buf) + 1) {
		n := c.below(len(c.buf) + 1)
		if c.bad || n == 0 {
			c.fail()
			break
		}
		shape := make([]int32, n)
		for i := range shape {
			shape[i] = int32(c.below(1 << 30))
		}
		t.shapes = append(t.shapes, shape)
	}
	for range c.below(len(c.buf) + 1) {
		t.columns = append(t.columns, readColumn(c))
		if c.bad {
			break
		}
	}
	for _, shape := range t.shapes {
		for _, n := range shape {
			if int(n) >= len(t.columns) {
				c.fail()
				return attrReader{shapes: [][]int32{nil}}
			}
		}
	}
	return t
}

// attrChunk is how many attributes are made room for at a time.
const attrChunk = 4096

func (t *attrReader) attrs(shape uint64) []trace.Attr {
	if shape >= uint64(len(t.shapes)) || t.bad {
		t.bad = true
		return nil
	}
	columns := t.shapes[shape]
	if len(columns) == 0 {
		return nil
	}
	if len(columns) > len(t.free) {
		t.free = t.room.takeAttrs(!t.taken, len(columns))
		t.taken = true
	}
	out := t.free[:len(columns):len(columns)]
	t.free = t.free[len(columns):]
	for i, n := range columns {
		c := &t.columns[n]
		out[i] = trace.Attr{Key: c.key, Value: c.value()}
		if c.bad() { // so that a damaged block can't make up more than it has
			t.bad = true
			return nil
		}
	}
	return out
}

func (t *attrReader) attrsOr(skip bool, shape uint64) []trace.Attr {
	if skip {
		t.skip(shape)
		return nil
	}
	return t.attrs(shape)
}

func (t *attrReader) skip(shape uint64) {
	if shape >= uint64(len(t.shapes)) || t.bad {
		t.bad = true
		return
	}
	for _, n := range t.shapes[shape] {
		t.columns[n].skip()
	}
}

func (t *attrReader) done() bool {
	for i := range t.columns {
		if !t.columns[i].done() {
			return false
		}
	}
	return !t.bad
}
