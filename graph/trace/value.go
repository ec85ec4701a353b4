package trace

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
)

// Attr is one attribute: a key and its value.
type Attr struct {
	Key   string
	Value Value
}

func find(attrs []Attr, key string) (Value, bool) {
	for i := range attrs {
		if attrs[i].Key == key {
			return attrs[i].Value, true
		}
	}
	return Value{}, false
}

// ValueKind tells which of OTLP's value types a Value holds.
type ValueKind uint8

// The value types of OTLP's AnyValue.
const (
	ValueEmpty ValueKind = iota
	ValueString
	ValueBool
	ValueInt
	ValueDouble
	ValueBytes
	ValueArray
	ValueMap
)

// Value is an attribute's value: one of OTLP's AnyValue types. The zero Value
// is the empty value.
type Value struct {
	kind   ValueKind
	num    uint64
	str    string
	nested any // []Value or []Attr
}

// String makes a string value.
func String(s string) Value { return Value{kind: ValueString, str: s} }

// Bool makes a boolean value.
func Bool(b bool) Value {
	v := Value{kind: ValueBool}
	if b {
		v.num = 1
	}
	return v
}

// Int makes an integer value.
func Int(i int64) Value { return Value{kind: ValueInt, num: uint64(i)} }

// Double makes a floating-point value.
func Double(f float64) Value { return Value{kind: ValueDouble, num: math.Float64bits(f)} }

// Bytes makes a value of raw bytes, given as a string.
func Bytes(s string) Value { return Value{kind: ValueBytes, str: s} }

// Array makes a value that is a list of values.
func Array(vs []Value) Value { return Value{kind: ValueArray, nested: vs} }

// Map makes a value that is a list of attributes.
func Map(kvs []Attr) Value { return Value{kind: ValueMap, nested: kvs} }

// Kind tells which accessor holds the value.
func (v Value) Kind() ValueKind { return v.kind }

// Str returns the string or the raw bytes, and "" for other kinds.
func (v Value) Str() string { return v.str }

// Bool returns the boolean, and false for other kinds.
func (v Value) Bool() bool { return v.kind == ValueBool && v.num != 0 }

// Int returns the integer; a string of digits is read as one, since
// instrumentations differ there. ok is false for anything else.
func (v Value) Int() (i int64, ok bool) {
	switch v.kind {
	case ValueInt:
		return int64(v.num), true
	case ValueString:
		i, err := strconv.ParseInt(v.str, 10, 64)
		return i, err == nil
	case ValueDouble:
		f := math.Float64frombits(v.num)
		if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return int64(f), true
		}
	}
	return 0, false
}

// Double returns the floating-point number, and 0 for other kinds.
func (v Value) Double() float64 {
	if v.kind == ValueDouble {
		return math.Float64frombits(v.num)
	}
	return 0
}

// Array returns the list of values, and nil for other kinds.
func (v Value) Array() []Value { vs, _ := v.nested.([]Value); return vs }

// Map returns the list of attributes, and nil for other kinds.
func (v Value) Map() []Attr { kvs, _ := v.nested.([]Attr); return kvs }

// Text gives the value as a person reads it: strings bare, bytes as base64,
// lists in brackets.
func (v Value) Text() string {
	switch v.kind {
	case ValueString:
		return v.str
	case ValueBool:
		return strconv.FormatBool(v.num != 0)
	case ValueInt:
		return strconv.FormatInt(int64(v.num), 10)
	case ValueDouble:
		return strconv.FormatFloat(v.Double(), 'g', -1, 64)
	case ValueBytes:
		return base64.StdEncoding.EncodeToString([]byte(v.str))
	case ValueArray:
		parts := make([]string, 0, len(v.Array()))
		for _, e := range v.Array() {
			parts = append(parts, e.Text())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case ValueMap:
		parts := make([]string, 0, len(v.Map()))
		for _, e := range v.Map() {
			parts = append(parts, e.Key+": "+e.Value.Text())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return ""
}
