package trace

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// TraceID identifies a trace. Eight-byte ids stand in the last eight bytes.
type TraceID [16]byte

// SpanID identifies a span within its trace. The zero SpanID is "none".
type SpanID [8]byte

// IsZero reports whether the id is the invalid all-zero id.
func (id TraceID) IsZero() bool { return id == TraceID{} }

// String gives the id as 32 lower-case hexadecimal digits.
func (id TraceID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText implements encoding.TextMarshaler with String's form.
func (id TraceID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form that MarshalText writes.
func (id *TraceID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseTraceID(string(b))
	return err
}

// IsZero reports whether the id is the invalid all-zero id.
func (id SpanID) IsZero() bool { return id == SpanID{} }

// String gives the id as 16 lower-case hexadecimal digits.
func (id SpanID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText implements encoding.TextMarshaler with String's form.
func (id SpanID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form that MarshalText writes.
func (id *SpanID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseSpanID(string(b))
	return err
}

var errIDLength = errors.New("wrong number of digits")

// ParseTraceID reads 32 hexadecimal digits of any case, or 16 (an eight-byte
// id, which is padded with zeros at the left).
func ParseTraceID(s string) (TraceID, error) {
	var id TraceID
	dst := id[:]
	switch len(s) {
	case 32:
	case 16:
		dst = id[8:]
	default:
		return TraceID{}, fmt.Errorf("trace id %.40q: %w, want 32 or 16", s, errIDLength)
	}
	if _, err := hex.Decode(dst, []byte(s)); err != nil {
		return TraceID{}, fmt.Errorf("trace id %.40q: %w", s, err)
	}
	return id, nil
}

// ParseSpanID reads 16 hexadecimal digits of any case.
func ParseSpanID(s string) (SpanID, error) {
	var id SpanID
	if len(s) != 16 {
		return SpanID{}, fmt.Errorf("span id %.40q: %w, want 16", s, errIDLength)
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return SpanID{}, fmt.Errorf("span id %.40q: %w", s, err)
	}
	return id, nil
}

// Kind is the span kind of OpenTelemetry, with OTLP's numbers.
type Kind uint8

// The span kinds. Some real data carries none: KindUnspecified is common.
const (
	KindUnspecified Kind = iota
	KindInternal
	KindServer
	KindClient
	KindProducer
	KindConsumer
)

var kindNames = [...]string{"unspecified", "internal", "server", "client", "producer", "consumer"}

// String gives the kind's name in lower case; an unknown number is "unspecified".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[0]
}

// StatusCode is the span status of OpenTelemetry, with OTLP's numbers.
type StatusCode uint8

// The span status codes.
const (
	StatusUnset StatusCode = iota
	StatusOK
	StatusError
)

// Span is one OpenTelemetry span. The strings and slices of a decoded span are
// shared with the other spans of its batch and must not be changed.
type Span struct {
	TraceID TraceID
	SpanID  SpanID
	Parent  SpanID // zero for a root

	Name          string
	Kind          Kind
	Status        StatusCode
	StatusMessage string

	Start int64 // Unix nanoseconds, as sent
	End   int64 // Unix nanoseconds, as sent; may be before Start in broken data

	TraceState string
	Flags      uint32

	Resource *Resource // never nil in a decoded span
	Scope    *Scope    // may be nil

	Attrs  []Attr
	Events []Event
	Links  []Link

	DroppedAttrs, DroppedEvents, DroppedLinks uint32
}

// Duration is End-Start in nanoseconds, and 0 for a span that ends before it
// starts.
func (s *Span) Duration() int64 { return max(0, s.End-s.Start) }

// Attr returns the value of the named attribute, and whether it is there.
func (s *Span) Attr(key string) (Value, bool) { return find(s.Attrs, key) }

// Failed reports whether the span itself says that it failed.
func (s *Span) Failed() bool { return s.Status == StatusError }

// Event is something that happened at one time within a span.
type Event struct {
	Time         int64 // Unix nanoseconds
	Name         string
	Attrs        []Attr
	DroppedAttrs uint32
}

// Link points at another span, often of another trace.
type Link struct {
	TraceID      TraceID
	SpanID       SpanID
	TraceState   string
	Flags        uint32
	Attrs        []Attr
	DroppedAttrs uint32
}

// Scope is the instrumentation library that made a span.
type Scope struct {
	Name, Version string
	Attrs         []Attr
	SchemaURL     string
	DroppedAttrs  uint32
}
