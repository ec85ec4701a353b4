package otlpjson

import (
	"encoding/base64"
	"strconv"
	"strings"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
	"headwater/ingest/wire"
)

type attrJSON struct {
	Key   string   `json:"key"`
	Value mend.Raw `json:"value"`
}

type valueJSON struct {
	String *string      `json:"stringValue"`
	Bool   *bool        `json:"boolValue"`
	Int    *mend.Number `json:"intValue"`
	Double *mend.Number `json:"doubleValue"`
	Bytes  *string      `json:"bytesValue"`
	Array  *struct {
		Values mend.List[mend.Raw] `json:"values"`
	} `json:"arrayValue"`
	KVList *struct {
		Values mend.List[attrJSON] `json:"values"`
	} `json:"kvlistValue"`
}

func attrsOf(in []attrJSON, m *mend.Mender, depth int) (attrs []trace.Attr) {
	for _, a := range in {
		v, ok := valueOf(a.Value, m, depth)
		if !ok {
			m.Add(mend.BadTag)
			continue
		}
		attrs = append(attrs, trace.Attr{Key: a.Key, Value: v})
	}
	return attrs
}

// valueOf reads an AnyValue, or a bare JSON value in its place.
func valueOf(raw mend.Raw, m *mend.Mender, depth int) (trace.Value, bool) {
	if depth > wire.MaxNesting {
		return trace.Value{}, false
	}
	if len(raw) == 0 {
		return trace.Value{}, true
	}
	if raw[0] != '{' {
		return mend.Value(raw)
	}
	var in valueJSON
	if mend.Unmarshal(raw, &in) != nil {
		return trace.Value{}, false
	}
	switch {
	case in.String != nil:
		return trace.String(*in.String), true
	case in.Bool != nil:
		return trace.Bool(*in.Bool), true
	case in.Int != nil:
		return trace.Int(in.Int.Int(m)), true
	case in.Double != nil:
		f, err := strconv.ParseFloat(in.Double.Text(), 64)
		return trace.Double(f), err == nil
	case in.Bytes != nil:
		b, err := base64.StdEncoding.DecodeString(*in.Bytes)
		return trace.Bytes(string(b)), err == nil
	case in.Array != nil:
		var values []trace.Value
		for _, e := range in.Array.Values {
			v, ok := valueOf(e, m, depth+1)
			if !ok {
				return trace.Value{}, false
			}
			values = append(values, v)
		}
		return trace.Array(values), true
	case in.KVList != nil:
		return trace.Map(attrsOf(in.KVList.Values, m, depth+1)), true
	}
	return trace.Value{}, true
}

// kindOf reads a kind by number or name.
func kindOf(raw mend.Raw, m *mend.Mender) trace.Kind {
	text := strings.Trim(string(raw), `"`)
	if n, err := strconv.Atoi(text); err == nil {
		if n < 0 || n > int(trace.KindConsumer) {
			return trace.KindUnspecified
		}
		return trace.Kind(n)
	}
	if text == "null" {
		return trace.KindUnspecified
	}
	return m.Kind(text)
}

// statusOf reads a status code by number or name.
func statusOf(raw mend.Raw) trace.StatusCode {
	text := strings.Trim(string(raw), `"`)
	if n, err := strconv.Atoi(text); err == nil {
		if n < 0 || n > int(trace.StatusError) {
			return trace.StatusUnset
		}
		return trace.StatusCode(n)
	}
	return mend.Status(text)
}
