package wire

import (
	"errors"
	"math"

	"headwater/graph/trace"
)

// maxMessages bounds the messages within one another in an attribute, as pdata
// does: lists cost two a level, maps three.
const maxMessages = 100

var (
	errMessages = errors.New("attribute value holds too many messages within one another")
	errHollow   = errors.New("request holds far more spans, attributes, events, links or values than its size can mean")
)

// A request may hold one element for every bytesForOne bytes, and freeElements
// beyond that. An element that says something takes more; empty ones, of two
// bytes, would need thirty times the memory of their request.
const (
	bytesForOne  = 4
	freeElements = 1 << 15
	spanElements = 5 // that a span counts for
)

// spend notes that elements are read.
func (s *scanner) spend(n int) error {
	if s.left -= n; s.left < 0 {
		return errHollow
	}
	return nil
}

// attrField reads the attribute in a field, and refuses deep ones.
func (s *scanner) attrField(r *reader, wireType uint8) (a trace.Attr, err error) {
	if wireType != typeBytes {
		return a, wrongType("an attribute", 0, wireType)
	}
	b, err := r.bytes()
	if err != nil {
		return a, err
	}
	deep := false
	if err := s.scanAttr(b, &a, 0, 0, &deep); err != nil {
		return a, err
	}
	if deep {
		return a, errNesting
	}
	return a, nil
}

func textField(r *reader, wireType uint8) (string, error) {
	if wireType != typeBytes {
		return "", wrongType("a text", 0, wireType)
	}
	return r.text()
}

func countField(r *reader, wireType uint8) (uint32, error) {
	if wireType != typeVarint {
		return 0, wrongType("a number", 0, wireType)
	}
	v, err := r.varint()
	return uint32(v), err
}

func idField(r *reader, wireType uint8, id []byte) error {
	if wireType != typeBytes {
		return wrongType("an id", 0, wireType)
	}
	b, err := r.bytes()
	if err != nil {
		return err
	}
	return setID(id, b)
}

// scanPlainAttr reads a KeyValue in the form that nearly all have: a key and
// then a string or a number, each of less than 128 bytes. It reports false for
// any other and has then read nothing.
func scanPlainAttr(b []byte, a *trace.Attr) bool {
	const keyTag, valueTag, stringTag, intTag = 1<<3 | typeBytes, 2<<3 | typeBytes, 1<<3 | typeBytes, 3<<3 | typeVarint
	if len(b) < 6 || b[0] != keyTag || b[1] >= 0x80 {
		return false
	}
	end := 2 + int(b[1])
	if len(b) < end+4 || b[end] != valueTag || b[end+1] >= 0x80 || int(b[end+1]) != len(b)-end-2 {
		return false
	}
	switch value := b[end+2:]; value[0] {
	case stringTag:
		if int(value[1]) != len(value)-2 { // as 128 or more can't be here
			return false
		}
		a.Value = trace.String(alias(value[2:]))
	case intTag:
		r := reader{buf: value, pos: 1}
		v, err := r.varint()
		if err != nil || r.more() {
			return false
		}
		a.Value = trace.Int(int64(v))
	default:
		return false
	}
	a.Key = alias(b[2:end])
	return true
}

// scanAttr reads a KeyValue that stands within depth messages, and within nest
// lists and maps. deep is set where a value is nested too deep to be kept; what
// is broken is an error first.
func (s *scanner) scanAttr(b []byte, a *trace.Attr, depth, nest int, deep *bool) error {
	if depth >= maxMessages {
		return errMessages
	}
	if err := s.spend(1); err != nil {
		return err
	}
	within := false // the value is nested too deep
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return err
		}
		switch field {
		case 1:
			a.Key, err = textField(&r, wireType)
		case 2:
			if wireType != typeBytes {
				return wrongType("KeyValue", field, wireType)
			}
			var body []byte
			if body, err = r.bytes(); err == nil {
				err = s.scanValue(body, &a.Value, depth+1, nest, &within)
			}
		case 3: // an index into a table that traces do not have
			_, err = countField(&r, wireType)
		default:
			err = r.skip(wireType)
		}
		if err != nil {
			return err
		}
	}
	// An attribute has a value even where none was sent.
	if within || nest > MaxNesting {
		*deep = true
	}
	return nil
}

// scanValue reads an AnyValue. Of several values in one message the last
// counts, and only its nesting.
func (s *scanner) scanValue(b []byte, v *trace.Value, depth, nest int, deep *bool) error {
	if depth >= maxMessages {
		return errMessages
	}
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return err
		}
		if field > 8 {
			if err := r.skip(wireType); err != nil {
				return err
			}
			continue
		}
		var number uint64
		var body []byte
		if wireType != valueTypes[field] {
			return wrongType("AnyValue", field, wireType)
		}
		switch wireType {
		case typeVarint:
			number, err = r.varint()
		case type64:
			number, err = r.fixed64()
		default:
			body, err = r.bytes()
		}
		if err != nil {
			return err
		}
		within := false
		switch field {
		case 1:
			*v = trace.String(alias(body))
		case 2:
			*v = trace.Bool(number != 0)
		case 3:
			*v = trace.Int(int64(number))
		case 4:
			*v = trace.Double(math.Float64frombits(number))
		case 5:
			var list []trace.Value
			list, err = s.scanList(body, depth+1, nest+1, &within)
			*v = trace.Array(list)
		case 6:
			var attrs []trace.Attr
			attrs, err = s.scanMap(body, depth+1, nest+1, &within)
			*v = trace.Map(attrs)
		case 7:
			*v = trace.Bytes(alias(body))
		case 8: // an index into a table that traces do not have
			*v = trace.Value{}
		}
		if err != nil {
			return err
		}
		*deep = within
	}
	if nest > MaxNesting {
		*deep = true
	}
	return nil
}

// valueTypes are the wire types of an AnyValue's fields by number.
var valueTypes = [9]uint8{0, typeBytes, typeVarint, typeVarint, type64, typeBytes, typeBytes, typeBytes, typeVarint}

func (s *scanner) scanList(b []byte, depth, nest int, deep *bool) (list []trace.Value, err error) {
	err = s.elements(b, depth, func(body []byte) error {
		var v trace.Value
		within := false
		if err := s.scanValue(body, &v, depth+1, nest, &within); err != nil {
			return err
		}
		list = append(list, v)
		*deep = *deep || within
		return nil
	})
	return list, err
}

func (s *scanner) scanMap(b []byte, depth, nest int, deep *bool) (attrs []trace.Attr, err error) {
	err = s.elements(b, depth, func(body []byte) error {
		var a trace.Attr
		if err := s.scanAttr(body, &a, depth+1, nest, deep); err != nil {
			return err
		}
		attrs = append(attrs, a)
		return nil
	})
	return attrs, err
}

// elements calls f with the messages of a list or a map.
func (s *scanner) elements(b []byte, depth int, f func([]byte) error) error {
	if depth >= maxMessages {
		return errMessages
	}
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return err
		}
		if field != 1 {
			if err := r.skip(wireType); err != nil {
				return err
			}
			continue
		}
		if wireType != typeBytes {
			return wrongType("a list", field, wireType)
		}
		body, err := r.bytes()
		if err == nil {
			err = s.spend(1)
		}
		if err != nil {
			return err
		}
		if err := f(body); err != nil {
			return err
		}
	}
	return nil
}
