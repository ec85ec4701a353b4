package wire

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"headwater/graph/trace"
)

// Encode writes the spans as an ExportTraceServiceRequest in protobuf.
// Consecutive spans that share the pointers to Resource and Scope stand in one
// ResourceSpans and one ScopeSpans. The only error is a value nested deeper
// than MaxNesting.
//
// It is written on protowire, not on pdata, because pdata's maps can't hold a
// key twice and look every key up before adding one.
func Encode(spans []trace.Span) ([]byte, error) {
	e := encoder{buf: make([]byte, 0, 256*len(spans))}
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].Resource == spans[0].Resource {
			n++
		}
		e.message(1, func() { e.resourceSpans(spans[:n]) })
		spans = spans[n:]
	}
	return e.buf, e.err
}

// encoder appends protobuf fields. Field numbers are those of OTLP's
// trace.proto, common.proto and resource.proto. The first error is kept.
type encoder struct {
	buf []byte
	err error
}

// message appends a nested message whose fields body appends. The length is
// known only afterwards, so the body is moved up to make room for it.
func (e *encoder) message(num protowire.Number, body func()) {
	e.buf = protowire.AppendTag(e.buf, num, protowire.BytesType)
	start := len(e.buf)
	body()
	size := len(e.buf) - start
	room := protowire.SizeVarint(uint64(size))
	e.buf = append(e.buf, make([]byte, room)...)
	copy(e.buf[start+room:], e.buf[start:start+size])
	binary.PutUvarint(e.buf[start:start+room], uint64(size))
}

func (e *encoder) bytes(num protowire.Number, b []byte) {
	e.buf = protowire.AppendTag(e.buf, num, protowire.BytesType)
	e.buf = protowire.AppendBytes(e.buf, b)
}

// text appends a string, and nothing for the empty one, which is the default.
func (e *encoder) text(num protowire.Number, s string) {
	if s != "" {
		e.buf = protowire.AppendTag(e.buf, num, protowire.BytesType)
		e.buf = protowire.AppendString(e.buf, s)
	}
}

func (e *encoder) varint(num protowire.Number, v uint64) {
	if v != 0 {
		e.buf = protowire.AppendTag(e.buf, num, protowire.VarintType)
		e.buf = protowire.AppendVarint(e.buf, v)
	}
}

func (e *encoder) fixed64(num protowire.Number, v uint64) {
	if v != 0 {
		e.buf = protowire.AppendTag(e.buf, num, protowire.Fixed64Type)
		e.buf = protowire.AppendFixed64(e.buf, v)
	}
}

func (e *encoder) fixed32(num protowire.Number, v uint32) {
	if v != 0 {
		e.buf = protowire.AppendTag(e.buf, num, protowire.Fixed32Type)
		e.buf = protowire.AppendFixed32(e.buf, v)
	}
}

// resourceSpans appends spans that share a Resource.
func (e *encoder) resourceSpans(spans []trace.Span) {
	resource := spans[0].Resource
	if resource != nil {
		e.message(1, func() {
			e.attrs(1, resource.Attrs, 0)
			e.varint(2, uint64(resource.DroppedAttrs))
		})
	}
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].Scope == spans[0].Scope {
			n++
		}
		e.message(2, func() { e.scopeSpans(spans[:n]) })
		spans = spans[n:]
	}
	if resource != nil {
		e.text(3, resource.SchemaURL)
	}
}

// scopeSpans appends spans that share a Scope.
func (e *encoder) scopeSpans(spans []trace.Span) {
	scope := spans[0].Scope
	if scope != nil {
		e.message(1, func() {
			e.text(1, scope.Name)
			e.text(2, scope.Version)
			e.attrs(3, scope.Attrs, 0)
			e.varint(4, uint64(scope.DroppedAttrs))
		})
	}
	for i := range spans {
		e.message(2, func() { e.span(&spans[i]) })
	}
	if scope != nil {
		e.text(3, scope.SchemaURL)
	}
}

func (e *encoder) span(s *trace.Span) {
	if e.err != nil {
		return
	}
	e.bytes(1, s.TraceID[:])
	e.bytes(2, s.SpanID[:])
	e.text(3, s.TraceState)
	if !s.Parent.IsZero() {
		e.bytes(4, s.Parent[:])
	}
	e.text(5, s.Name)
	e.varint(6, uint64(s.Kind))
	e.fixed64(7, uint64(s.Start))
	e.fixed64(8, uint64(s.End))
	e.attrs(9, s.Attrs, 0)
	e.varint(10, uint64(s.DroppedAttrs))
	for i := range s.Events {
		e.message(11, func() { e.event(&s.Events[i]) })
	}
	e.varint(12, uint64(s.DroppedEvents))
	for i := range s.Links {
		e.message(13, func() { e.link(&s.Links[i]) })
	}
	e.varint(14, uint64(s.DroppedLinks))
	if s.Status != trace.StatusUnset || s.StatusMessage != "" {
		e.message(15, func() {
			e.text(2, s.StatusMessage)
			e.varint(3, uint64(s.Status))
		})
	}
	e.fixed32(16, s.Flags)
	if e.err != nil {
		e.err = fmt.Errorf("span %s of trace %s: %w", s.SpanID, s.TraceID, e.err)
	}
}

func (e *encoder) event(ev *trace.Event) {
	e.fixed64(1, uint64(ev.Time))
	e.text(2, ev.Name)
	e.attrs(3, ev.Attrs, 0)
	e.varint(4, uint64(ev.DroppedAttrs))
}

func (e *encoder) link(l *trace.Link) {
	e.bytes(1, l.TraceID[:])
	e.bytes(2, l.SpanID[:])
	e.text(3, l.TraceState)
	e.attrs(4, l.Attrs, 0)
	e.varint(5, uint64(l.DroppedAttrs))
	e.fixed32(6, l.Flags)
}

func (e *encoder) attrs(num protowire.Number, attrs []trace.Attr, depth int) {
	for i := range attrs {
		e.message(num, func() {
			e.text(1, attrs[i].Key)
			if attrs[i].Value.Kind() != trace.ValueEmpty {
				e.message(2, func() { e.value(attrs[i].Value, depth) })
			}
		})
	}
}

// value appends a value that stands within depth lists and maps. Zero values
// are written out: they tell "empty string" from "no value".
func (e *encoder) value(v trace.Value, depth int) {
	if depth > MaxNesting {
		if e.err == nil {
			e.err = errNesting
		}
		return
	}
	switch v.Kind() {
	case trace.ValueString:
		e.bytes(1, []byte(v.Str()))
	case trace.ValueBool:
		e.buf = protowire.AppendTag(e.buf, 2, protowire.VarintType)
		e.buf = protowire.AppendVarint(e.buf, protowire.EncodeBool(v.Bool()))
	case trace.ValueInt:
		i, _ := v.Int()
		e.buf = protowire.AppendTag(e.buf, 3, protowire.VarintType)
		e.buf = protowire.AppendVarint(e.buf, uint64(i))
	case trace.ValueDouble:
		e.buf = protowire.AppendTag(e.buf, 4, protowire.Fixed64Type)
		e.buf = protowire.AppendFixed64(e.buf, math.Float64bits(v.Double()))
	case trace.ValueArray:
		e.message(5, func() {
			for _, element := range v.Array() {
				e.message(1, func() { e.value(element, depth+1) })
			}
		})
	case trace.ValueMap:
		e.message(6, func() { e.attrs(1, v.Map(), depth+1) })
	case trace.ValueBytes:
		e.bytes(7, []byte(v.Str()))
	}
}
