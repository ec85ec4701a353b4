package mend

import (
	"bytes"
	"encoding/json"
	"strconv"

	"headwater/graph/trace"
	"headwater/ingest/wire"
)

// Value reads any JSON value as an attribute's: whole numbers are integers,
// objects are maps. null, and what is nested too deep, is not ok.
func Value(raw json.RawMessage, m *Mender) (v trace.Value, ok bool) { return value(raw, m, 0) }

func value(raw json.RawMessage, m *Mender, depth int) (trace.Value, bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || depth > wire.MaxNesting {
		return trace.Value{}, false
	}
	switch raw[0] {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return trace.String(s), err == nil
	case 't', 'f':
		return trace.Bool(raw[0] == 't'), true
	case 'n':
		return trace.Value{}, false
	case '[':
		var parts []json.RawMessage
		if json.Unmarshal(raw, &parts) != nil {
			return trace.Value{}, false
		}
		var out []trace.Value
		for _, p := range parts {
			if v, ok := value(p, m, depth+1); ok {
				out = append(out, v)
			}
		}
		return trace.Array(out), true
	case '{':
		attrs, ok := object(raw, m, depth+1)
		return trace.Map(attrs), ok
	}
	if i, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return trace.Int(i), true
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return trace.Double(f), err == nil
}

// Attrs reads a JSON object as attributes, in its order. Keys without a value
// are left out.
func Attrs(raw json.RawMessage, m *Mender) []trace.Attr {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	attrs, ok := object(raw, m, 0)
	if !ok {
		m.Add(BadTag)
	}
	return attrs
}

func object(raw []byte, m *Mender, depth int) (attrs []trace.Attr, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return nil, false
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return attrs, false
		}
		var field json.RawMessage
		if err := dec.Decode(&field); err != nil {
			return attrs, false
		}
		if v, ok := value(field, m, depth); ok {
			attrs = append(attrs, trace.Attr{Key: key.(string), Value: v})
		}
	}
	return attrs, true
}
