package mend

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"headwater/graph/trace"
	"headwater/ingest/wire"
)

// Value reads any JSON value as an attribute's: whole numbers are integers,
// objects are maps. null, and what is nested too deep, is not ok.
func Value(raw Raw) (v trace.Value, ok bool) {
	switch raw.Kind() {
	case '"':
		return trace.String(unquoted(raw)), true
	case '0':
		return numeric(raw), true
	case 't', 'f':
		return trace.Bool(raw.Kind() == 't'), true
	case '[', '{':
		return value(jsontext.NewDecoder(bytes.NewReader(raw), lenient), 0)
	}
	return trace.Value{}, false
}

func numeric(raw Raw) trace.Value {
	if i, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return trace.Int(i)
	}
	f, _ := strconv.ParseFloat(string(raw), 64) // out of range it is infinite
	return trace.Double(f)
}

// value reads what comes next, within depth lists and maps.
func value(dec *jsontext.Decoder, depth int) (trace.Value, bool) {
	kind := dec.PeekKind()
	if kind != '[' && kind != '{' || depth >= wire.MaxNesting {
		raw, err := dec.ReadValue()
		if err != nil || raw.Kind() == '[' || raw.Kind() == '{' {
			return trace.Value{}, false
		}
		return Value(raw)
	}
	if kind == '{' {
		attrs, ok := object(dec, depth+1)
		return trace.Map(attrs), ok
	}
	if _, err := dec.ReadToken(); err != nil {
		return trace.Value{}, false
	}
	var values []trace.Value
	for dec.PeekKind() != ']' {
		if dec.PeekKind() == 0 {
			return trace.Value{}, false
		}
		if v, ok := value(dec, depth+1); ok {
			values = append(values, v)
		}
	}
	_, err := dec.ReadToken()
	return trace.Array(values), err == nil
}

// Attrs reads a JSON object as attributes, in its order. Keys without a value
// are left out, and so is anything else than an object.
func Attrs(raw Raw, m *Mender) []trace.Attr {
	if raw.Kind() != '{' {
		return nil
	}
	attrs, ok := object(jsontext.NewDecoder(bytes.NewReader(raw), lenient), 0)
	if !ok {
		m.Add(BadTag)
	}
	return attrs
}

func object(dec *jsontext.Decoder, depth int) (attrs []trace.Attr, ok bool) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, false
	}
	for dec.PeekKind() == '"' {
		key, err := dec.ReadToken()
		if err != nil {
			return attrs, false
		}
		name := key.String()
		if dec.PeekKind() == 0 {
			return attrs, false
		}
		if v, ok := value(dec, depth); ok {
			attrs = append(attrs, trace.Attr{Key: name, Value: v})
		}
	}
	end, err := dec.ReadToken()
	return attrs, err == nil && end.Kind() == '}'
}
