package column

import (
	"encoding/binary"
	"math"

	"headwater/graph/trace"
)

// maxNesting bounds lists and maps within one another on reading. Spans hold at
// most 32 levels.
const maxNesting = 64

// appendValue writes a value in full: its kind and then what it is.
func appendValue(b []byte, v trace.Value) []byte {
	b = append(b, byte(v.Kind()))
	switch v.Kind() {
	case trace.ValueString, trace.ValueBytes:
		b = appendText(b, v.Str())
	case trace.ValueBool:
		b = append(b, boolByte(v))
	case trace.ValueInt:
		b = appendUint(b, zigzag(intOf(v)))
	case trace.ValueDouble:
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Double()))
	case trace.ValueArray:
		list := v.Array()
		b = appendUint(b, uint64(len(list)))
		for _, e := range list {
			b = appendValue(b, e)
		}
	case trace.ValueMap:
		b = appendAttrs(b, v.Map())
	case trace.ValueEmpty:
	}
	return b
}

func appendAttrs(b []byte, attrs []trace.Attr) []byte {
	b = appendUint(b, uint64(len(attrs)))
	for i := range attrs {
		b = appendText(b, attrs[i].Key)
		b = appendValue(b, attrs[i].Value)
	}
	return b
}

func boolByte(v trace.Value) byte {
	if v.Bool() {
		return 1
	}
	return 0
}

func intOf(v trace.Value) int64 { i, _ := v.Int(); return i }

func (c *cursor) value(depth int) trace.Value {
	if depth > maxNesting {
		c.fail()
		return trace.Value{}
	}
	switch trace.ValueKind(c.byte()) {
	case trace.ValueString:
		return trace.String(c.text())
	case trace.ValueBytes:
		return trace.Bytes(c.text())
	case trace.ValueBool:
		return trace.Bool(c.byte() != 0)
	case trace.ValueInt:
		return trace.Int(c.int())
	case trace.ValueDouble:
		return trace.Double(c.double())
	case trace.ValueArray:
		var list []trace.Value
		for range c.below(len(c.buf) + 1) {
			list = append(list, c.value(depth+1))
			if c.bad {
				break
			}
		}
		return trace.Array(list)
	case trace.ValueMap:
		return trace.Map(c.attrs(depth + 1))
	case trace.ValueEmpty:
	default:
		c.fail()
	}
	return trace.Value{}
}

func (c *cursor) attrs(depth int) []trace.Attr {
	var list []trace.Attr
	for range c.below(len(c.buf) + 1) {
		list = append(list, trace.Attr{Key: c.text(), Value: c.value(depth)})
		if c.bad {
			break
		}
	}
	return list
}

func (c *cursor) double() float64 {
	b := c.take(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}
