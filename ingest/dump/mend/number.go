package mend

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Number is a JSON number, a text with a number in it, or nothing: which, and
// whether it is usable, shows when it is asked for. Its zero value is nothing.
type Number struct{ raw string }

// UnmarshalJSONFrom implements json.UnmarshalerFrom; it takes anything.
func (n *Number) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := dec.ReadValue()
	*n = NumberOf(raw)
	return err
}

// NumberOf reads any JSON value.
func NumberOf(raw Raw) Number {
	if k := raw.Kind(); k != '"' && k != '0' {
		return Number{}
	}
	return Number{string(raw)}
}

// IsZero reports whether there was nothing, null, or something else than a
// number or text.
func (n Number) IsZero() bool { return n.raw == "" }

// Text is the number as it is written, without quotes.
func (n Number) Text() string { return strings.Trim(n.raw, `"`) }

// Int reads the number as a whole one, cut where it has a fraction or is out
// of range.
func (n Number) Int(m *Mender) int64 {
	if n.raw == "" {
		return 0
	}
	text := n.Text()
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i
	}
	return cut(n.Float(m))
}

// Float reads the number.
func (n Number) Float(m *Mender) float64 {
	f, err := strconv.ParseFloat(n.Text(), 64)
	if n.raw != "" && (err != nil || math.IsNaN(f)) {
		m.Add(BadTag)
		return 0
	}
	return f
}

// Nanos reads a time or a duration of the given unit as nanoseconds, exactly
// where the number is written out. A negative one is 0.
func (n Number) Nanos(unit time.Duration, m *Mender) int64 {
	if n.raw == "" {
		return 0
	}
	whole, fraction, _ := strings.Cut(n.Text(), ".")
	i, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || i > math.MaxInt64/int64(unit)-1 || i < 0 || strings.ContainsAny(fraction, "eE") {
		f := n.Float(m) * float64(unit)
		if f < 0 {
			m.Add(NegativeTime)
			return 0
		}
		return cut(f)
	}
	if fraction == "" {
		return i * int64(unit)
	}
	part, err := strconv.ParseFloat("0."+fraction, 64)
	if err != nil {
		m.Add(BadTag)
		part = 0
	}
	return i*int64(unit) + int64(math.Round(part*float64(unit)))
}

// Count reads a count of things; a negative one is 0.
func (n Number) Count(m *Mender) uint32 {
	i := n.Int(m)
	if i < 0 {
		m.Add(NegativeCount)
		return 0
	}
	return uint32(min(i, math.MaxUint32))
}

func cut(f float64) int64 {
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// Clock reads a time of RFC 3339, or one without its zone, as Unix nanoseconds.
func (m *Mender) Clock(text string) int64 {
	if text == "" {
		return 0
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UnixNano()
		}
	}
	m.Add(BadTime)
	return 0
}
