package mend

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Raw is a JSON value as it is written.
type Raw = jsontext.Value

// lenient takes what real files hold: keys twice, and text that is not UTF-8.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// Unmarshal reads a JSON object, in one pass whatever its fields are. Keys that
// no field has are passed over.
func Unmarshal(object []byte, into any) error { return json.Unmarshal(object, into, lenient) }

// Text is a JSON string, or anything else as it is written; null is "".
type Text string

// UnmarshalJSONFrom implements json.UnmarshalerFrom; it takes anything.
func (t *Text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := dec.ReadValue()
	switch {
	case err != nil || raw.Kind() == 'n':
		*t = ""
	case raw.Kind() == '"':
		*t = Text(unquoted(raw))
	default:
		*t = Text(raw)
	}
	return err
}

// unquoted is the text of a JSON string; what is no UTF-8 in it is replaced.
func unquoted(raw Raw) string {
	if bytes.IndexByte(raw, '\\') < 0 && isASCII(raw) {
		return string(raw[1 : len(raw)-1])
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // it gives what it can
	return string(text)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// List is a JSON list of things; anything else, and null, is an empty one.
type List[T any] []T

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *List[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*l = nil
	if dec.PeekKind() != '[' {
		return dec.SkipValue()
	}
	return json.UnmarshalDecode(dec, (*[]T)(l))
}
