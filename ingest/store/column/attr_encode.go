package column

import (
	"encoding/binary"
	"math"

	"headwater/graph/trace"
)

// A text column gives up looking for repetitions once it has seen trialValues
// and fewer than one in eight was one.
const trialValues = 256

// column holds the values of one attribute key and kind, or of one text field.
type column struct {
	key   string
	kind  trace.ValueKind
	texts texts
	// data are the values of numbers; of texts the references: 0 for a new one,
	// else 1 + the number of an earlier one.
	data  []byte
	sizes []byte // of new texts
	body  []byte // of new texts
	plain bool   // repetitions are rare
	seen  int
}

func (c *column) reset(key string, kind trace.ValueKind) {
	c.key, c.kind = key, kind
	c.texts.reset()
	c.data, c.sizes, c.body = c.data[:0], c.sizes[:0], c.body[:0]
	c.plain, c.seen = false, 0
}

// text appends a text and gives its number, which is 0 where that is not known.
func (c *column) text(s string) (n uint32) {
	if !c.plain {
		var isNew bool
		if n, isNew = c.texts.number(s); !isNew {
			c.data = appendUint(c.data, uint64(n)+1)
			c.seen++
			return n
		}
		if c.seen++; c.seen == trialValues && c.texts.len() > trialValues*7/8 {
			c.plain = true
		}
	}
	c.data = append(c.data, 0)
	c.sizes = appendUint(c.sizes, uint64(len(s)))
	c.body = append(c.body, s...)
	return n
}

// add appends the value of an attribute of the column's kind. room is room to
// write a nested value in; it is returned for the next.
func (c *column) add(v *trace.Value, room []byte) []byte {
	switch c.kind {
	case trace.ValueString, trace.ValueBytes:
		c.text(v.Str())
	case trace.ValueInt:
		c.data = appendUint(c.data, zigzag(intOf(*v)))
	case trace.ValueBool:
		c.data = append(c.data, boolByte(*v))
	case trace.ValueDouble:
		c.data = binary.LittleEndian.AppendUint64(c.data, math.Float64bits(v.Double()))
	case trace.ValueArray, trace.ValueMap:
		room = appendValue(room[:0], *v)
		c.text(string(room))
	case trace.ValueEmpty:
		c.data = append(c.data, 0) // so that a value needs a byte
	}
	return room
}

func (c *column) append(b []byte) []byte {
	b = appendText(b, c.key)
	b = append(b, byte(c.kind))
	b = appendSection(b, c.data)
	b = appendSection(b, c.sizes)
	return appendSection(b, c.body)
}

func appendSection(b, section []byte) []byte {
	return append(appendUint(b, uint64(len(section))), section...)
}

// shape is a list of attribute keys and the kinds of their values.
type shape struct {
	keys    []string
	kinds   []trace.ValueKind
	columns []int32
}

func (s *shape) fits(attrs []trace.Attr) bool {
	if len(attrs) != len(s.keys) {
		return false
	}
	for i := range attrs {
		if attrs[i].Value.Kind() != s.kinds[i] || attrs[i].Key != s.keys[i] {
			return false
		}
	}
	return true
}

type columnID struct {
	key  string
	kind trace.ValueKind
}

// attrTable writes attributes by columns. The first shape is that of none.
type attrTable struct {
	shapes  []shape
	byKeys  map[string]int32
	columns []*column // of which used are in use
	used    int
	byID    map[columnID]int32
	room    []byte
	name    []byte
}

func (t *attrTable) reset() {
	if t.byKeys == nil {
		t.byKeys, t.byID = map[string]int32{}, map[columnID]int32{}
	}
	clear(t.byKeys)
	clear(t.byID)
	clear(t.shapes)
	t.shapes = append(t.shapes[:0], shape{})
	for _, c := range t.columns[:t.used] {
		c.reset("", 0)
	}
	t.used = 0
}

// add writes the attributes and gives their shape. guess is a shape that they
// may well have.
func (t *attrTable) add(attrs []trace.Attr, guess int32) int32 {
	if len(attrs) == 0 {
		return 0
	}
	if !t.shapes[guess].fits(attrs) {
		guess = t.shapeOf(attrs)
	}
	for i, c := range t.shapes[guess].columns {
		t.room = t.columns[c].add(&attrs[i].Value, t.room)
	}
	return guess
}

func (t *attrTable) shapeOf(attrs []trace.Attr) int32 {
	t.name = t.name[:0]
	for i := range attrs {
		t.name = append(t.name, byte(attrs[i].Value.Kind()))
		t.name = appendText(t.name, attrs[i].Key)
	}
	if n, ok := t.byKeys[string(t.name)]; ok {
		return n
	}
	s := shape{
		keys: make([]string, len(attrs)), kinds: make([]trace.ValueKind, len(attrs)), columns: make([]int32, len(attrs)),
	}
	for i := range attrs {
		s.keys[i], s.kinds[i] = attrs[i].Key, attrs[i].Value.Kind()
		s.columns[i] = t.columnOf(columnID{s.keys[i], s.kinds[i]})
	}
	n := int32(len(t.shapes))
	t.shapes = append(t.shapes, s)
	t.byKeys[string(t.name)] = n
	return n
}

func (t *attrTable) columnOf(id columnID) int32 {
	if n, ok := t.byID[id]; ok {
		return n
	}
	if t.used == len(t.columns) {
		t.columns = append(t.columns, new(column))
	}
	t.columns[t.used].reset(id.key, id.kind)
	n := int32(t.used)
	t.byID[id] = n
	t.used++
	return n
}

// append writes the shapes, but for that of no attributes, and the columns.
func (t *attrTable) append(b []byte) []byte {
	b = appendUint(b, uint64(len(t.shapes)-1))
	for i := range t.shapes[1:] {
		s := &t.shapes[i+1]
		b = appendUint(b, uint64(len(s.columns)))
		for _, c := range s.columns {
			b = appendUint(b, uint64(c))
		}
	}
	b = appendUint(b, uint64(t.used))
	for _, c := range t.columns[:t.used] {
		b = c.append(b)
	}
	return b
}
