package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"sync"

	"github.com/valyala/fastjson"

	"headwater/graph/trace"
)

// objects reads a request in JSON into a scanner, in place of scan. It reads
// what nearly all requests hold. What is odd in any way it leaves to pdata, which
// says what that means: odd is set, and what was read so far is of no use.
type objects struct {
	*scanner
	*parser
	odd    bool
	number []byte
}

// oddEscapes are halves of characters, which are read in many ways, and mark.
var oddEscapes = [][]byte{[]byte(`\ud`), []byte(`\uD`), []byte(`\u0000`)}

var errOdd = errors.New("left to pdata")

var parsers = sync.Pool{New: func() any { return new(parser) }}

// bytesForOneAttr is how many bytes of JSON come for each attribute, about.
const bytesForOneAttr = 128

// scanObject reads the request; what it gives does not alias it. It may take
// what pdata would not (such as control characters in texts), and never takes
// anything for something else than pdata does.
func (s *scanner) scanObject(text []byte) error {
	if i := bytes.IndexByte(text, '\\'); i >= 0 {
		for _, c := range oddEscapes {
			if bytes.Contains(text[i:], c) {
				return errOdd
			}
		}
	}
	p := parsers.Get().(*parser)
	defer parsers.Put(p)
	if !p.cut(text) {
		return errOdd
	}
	v, err := p.outer.ParseBytes(p.outline)
	if err != nil {
		return errOdd
	}
	s.attrs.size = min(len(text)/bytesForOneAttr, 4096)
	s.events.size, s.links.size = 8, 8
	o := objects{scanner: s, parser: p}
	o.fields(v, func(key string, v *fastjson.Value) {
		if key == "resourceSpans" || key == "resource_spans" {
			o.each(v, o.resourceSpans)
		}
	})
	if o.odd {
		return errOdd
	}
	return nil
}

// fields calls f with the fields of an object. The key is good for the call.
func (o *objects) fields(v *fastjson.Value, f func(key string, v *fastjson.Value)) {
	if v.Type() == fastjson.TypeString {
		v = o.piece(v.GetStringBytes())
	}
	if v.Type() != fastjson.TypeObject {
		o.odd = true
		return
	}
	v.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		if o.odd = o.odd || len(key) == 0; !o.odd {
			f(alias(key), v)
		}
	})
}

// each calls f with the elements of a list.
func (o *objects) each(v *fastjson.Value, f func(*fastjson.Value)) {
	if v.Type() != fastjson.TypeArray {
		o.odd = true
		return
	}
	for _, e := range v.GetArray() {
		f(e)
	}
}

func (o *objects) resourceSpans(v *fastjson.Value) {
	first := len(o.spans)
	var attrs []trace.Attr
	var schema string
	var dropped uint32
	o.fields(v, func(key string, v *fastjson.Value) {
		switch key {
		case "resource":
			o.fields(v, func(key string, v *fastjson.Value) {
				switch key {
				case "attributes":
					attrs = o.attrs(attrs, v, 0)
				case "droppedAttributesCount", "dropped_attributes_count":
					dropped = o.count(v)
				}
			})
		case "scopeSpans", "scope_spans":
			o.each(v, o.scopeSpans)
		case "schemaUrl", "schema_url":
			schema = o.text(v)
		}
	})
	resource := trace.NewResource(attrs)
	resource.SchemaURL, resource.DroppedAttrs = schema, dropped
	for i := first; i < len(o.spans); i++ {
		o.spans[i].Resource = resource
	}
}

func (o *objects) scopeSpans(v *fastjson.Value) {
	first := len(o.spans)
	var scope trace.Scope
	o.fields(v, func(key string, v *fastjson.Value) {
		switch key {
		case "scope":
			o.fields(v, func(key string, v *fastjson.Value) {
				switch key {
				case "name":
					scope.Name = o.text(v)
				case "version":
					scope.Version = o.text(v)
				case "attributes":
					scope.Attrs = o.attrs(scope.Attrs, v, 0)
				case "droppedAttributesCount", "dropped_attributes_count":
					scope.DroppedAttrs = o.count(v)
				}
			})
		case "spans":
			o.each(v, o.span)
		case "schemaUrl", "schema_url":
			scope.SchemaURL = o.text(v)
		}
	})
	if scope.Name == "" && scope.Version == "" && scope.Attrs == nil && scope.SchemaURL == "" && scope.DroppedAttrs == 0 {
		return
	}
	for i := first; i < len(o.spans); i++ {
		o.spans[i].Scope = &scope
	}
}

func (o *objects) span(v *fastjson.Value) {
	o.spans = append(o.spans, trace.Span{})
	s := &o.spans[len(o.spans)-1]
	o.fields(v, func(key string, v *fastjson.Value) {
		switch key {
		case "traceId", "trace_id":
			o.id(v, s.TraceID[:])
		case "spanId", "span_id":
			o.id(v, s.SpanID[:])
		case "traceState", "trace_state":
			s.TraceState = o.text(v)
		case "parentSpanId", "parent_span_id":
			o.id(v, s.Parent[:])
		case "flags":
			s.Flags = o.count(v)
		case "name":
			s.Name = o.text(v)
		case "kind":
			s.Kind = kindOf(o.enum(v))
		case "startTimeUnixNano", "start_time_unix_nano":
			s.Start = o.time(v)
		case "endTimeUnixNano", "end_time_unix_nano":
			s.End = o.time(v)
		case "attributes":
			o.each(v, func(v *fastjson.Value) { o.attr(o.scanner.attrs.next(), v, 0) })
		case "droppedAttributesCount", "dropped_attributes_count":
			s.DroppedAttrs = o.count(v)
		case "events":
			o.each(v, func(v *fastjson.Value) { o.event(o.events.next(), v) })
		case "droppedEventsCount", "dropped_events_count":
			s.DroppedEvents = o.count(v)
		case "links":
			o.each(v, func(v *fastjson.Value) { o.link(o.links.next(), v) })
		case "droppedLinksCount", "dropped_links_count":
			s.DroppedLinks = o.count(v)
		case "status":
			o.fields(v, func(key string, v *fastjson.Value) {
				switch key {
				case "message":
					s.StatusMessage = o.text(v)
				case "code":
					s.Status = statusOf(o.enum(v))
				}
			})
		}
	})
	s.Attrs, s.Events, s.Links = o.scanner.attrs.take(), o.events.take(), o.links.take()
	o.refuse(s)
}

func (o *objects) event(e *trace.Event, v *fastjson.Value) {
	o.fields(v, func(key string, v *fastjson.Value) {
		switch key {
		case "timeUnixNano", "time_unix_nano":
			e.Time = o.time(v)
		case "name":
			e.Name = o.text(v)
		case "attributes":
			e.Attrs = o.attrs(e.Attrs, v, 0)
		case "droppedAttributesCount", "dropped_attributes_count":
			e.DroppedAttrs = o.count(v)
		}
	})
}

func (o *objects) link(l *trace.Link, v *fastjson.Value) {
	o.fields(v, func(key string, v *fastjson.Value) {
		switch key {
		case "traceId", "trace_id":
			o.id(v, l.TraceID[:])
		case "spanId", "span_id":
			o.id(v, l.SpanID[:])
		case "traceState", "trace_state":
			l.TraceState = o.text(v)
		case "attributes":
			l.Attrs = o.attrs(l.Attrs, v, 0)
		case "droppedAttributesCount", "dropped_attributes_count":
			l.DroppedAttrs = o.count(v)
		case "flags":
			l.Flags = o.count(v)
		}
	})
}

// attrs reads attributes that stand within depth lists and maps, and adds them
// to others.
func (o *objects) attrs(to []trace.Attr, v *fastjson.Value, depth int) []trace.Attr {
	o.each(v, func(v *fastjson.Value) {
		to = append(to, trace.Attr{})
		o.attr(&to[len(to)-1], v, depth)
	})
	return to
}

func (o *objects) attr(a *trace.Attr, v *fastjson.Value, depth int) {
	if depth > MaxNesting {
		o.odd = true
	}
	o.fields(v, func(key string, v *fastjson.Value) {
		switch key {
		case "key":
			a.Key = o.text(v)
		case "value":
			o.value(&a.Value, v, depth)
		}
	})
}

func (o *objects) value(to *trace.Value, v *fastjson.Value, depth int) {
	if depth > MaxNesting {
		o.odd = true
		return
	}
	o.fields(v, func(key string, v *fastjson.Value) {
		switch key {
		case "stringValue", "string_value":
			*to = trace.String(o.text(v))
		case "boolValue", "bool_value":
			b, err := v.Bool()
			o.odd = o.odd || err != nil
			*to = trace.Bool(b)
		case "intValue", "int_value":
			*to = trace.Int(o.integer(v))
		case "doubleValue", "double_value":
			f, err := strconv.ParseFloat(alias(o.digits(v)), 64)
			o.odd = o.odd || err != nil
			*to = trace.Double(f)
		case "bytesValue", "bytes_value":
			b, err := base64.StdEncoding.DecodeString(o.text(v))
			o.odd = o.odd || err != nil
			*to = trace.Bytes(string(b))
		case "arrayValue", "array_value":
			var values []trace.Value
			o.fields(v, func(key string, v *fastjson.Value) {
				if key == "values" {
					o.each(v, func(v *fastjson.Value) {
						values = append(values, trace.Value{})
						o.value(&values[len(values)-1], v, depth+1)
					})
				}
			})
			*to = trace.Array(values)
		case "kvlistValue", "kvlist_value":
			var attrs []trace.Attr
			o.fields(v, func(key string, v *fastjson.Value) {
				if key == "values" {
					attrs = o.attrs(attrs, v, depth+1)
				}
			})
			*to = trace.Map(attrs)
		default:
			o.odd = true // of what will be added to OTLP pdata knows first
		}
	})
}

// text reads a text, and keeps it.
func (o *objects) text(v *fastjson.Value) string {
	b, err := v.StringBytes()
	o.odd = o.odd || err != nil || len(b) > 0 && b[0] == mark // an object in place of a text
	return o.texts.keep(b)
}

// digits is a number as it is written, as text or not. It is good until the next
// call.
func (o *objects) digits(v *fastjson.Value) []byte {
	switch v.Type() {
	case fastjson.TypeString:
		return v.GetStringBytes()
	case fastjson.TypeNumber:
		o.number = v.MarshalTo(o.number[:0])
		return o.number
	}
	o.odd = true
	return nil
}

func (o *objects) integer(v *fastjson.Value) int64 {
	n, err := strconv.ParseInt(alias(o.digits(v)), 10, 64)
	o.odd = o.odd || err != nil
	return n
}

func (o *objects) time(v *fastjson.Value) int64 {
	n, err := strconv.ParseUint(alias(o.digits(v)), 10, 64)
	o.odd = o.odd || err != nil
	return int64(n)
}

func (o *objects) count(v *fastjson.Value) uint32 {
	n, err := strconv.ParseUint(alias(o.digits(v)), 10, 32)
	o.odd = o.odd || err != nil
	return uint32(n)
}

// enum reads a number; names are odd.
func (o *objects) enum(v *fastjson.Value) int32 {
	if v.Type() != fastjson.TypeNumber {
		o.odd = true
		return 0
	}
	n := o.integer(v)
	o.odd = o.odd || n < math.MinInt32 || n > math.MaxInt32
	return int32(n)
}

// id reads an id of as many bytes, or none.
func (o *objects) id(v *fastjson.Value, id []byte) {
	b, err := v.StringBytes()
	clear(id)
	if err == nil && len(b) == 0 {
		return
	}
	if err != nil || len(b) != hex.EncodedLen(len(id)) {
		o.odd = true
		return
	}
	if _, err := hex.Decode(id, b); err != nil {
		o.odd = true
	}
}
