package console_test

import (
	"encoding/json"
	"testing"

	"headwater/ingest/dump/console"
	"headwater/ingest/dump/mend"
)

func TestLiteral(t *testing.T) {
	for text, want := range map[string]string{
		"{}":                                   `{}`,
		"{ a: 1, 'b.c': \"it's\" }":            `{"a":1,"b.c":"it's"}`,
		"{ a: undefined, b: null, c: true }":   `{"a":null,"b":null,"c":true}`,
		"{ a: [ 1, 2, ... 3 more items ] }":    `{"a":[1,2]}`,
		"{ a: [Object], b: [Array], c: [] }":   `{"a":null,"b":null,"c":[]}`,
		"{ a: 'x\\n' +\n    'y\\u0041\\x42' }": `{"a":"x\nyAB"}`,
		"{ a: SpanImpl { b: 12n }, c: -0.5 }":  `{"a":{"b":12},"c":-0.5}`,
		"{ a: NaN, b: [Function: x] }":         `{"a":null,"b":null}`,
		"{ a: `say \"hi\"`, }":                 `{"a":"say \"hi\""}`,
	} {
		var m mend.Mender
		got, err := console.Literal([]byte(text), &m)
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
}

// FuzzLiteral: what Literal takes, it turns into JSON.
func FuzzLiteral(f *testing.F) {
	f.Add("{ a: [ 'b' + \"c\", undefined ], d: X { e: 1n } }")
	f.Add("{ a: [Object], ... 1 more item }")
	f.Fuzz(func(t *testing.T, text string) {
		var m mend.Mender
		if got, err := console.Literal([]byte(text), &m); err == nil && !json.Valid(got) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
