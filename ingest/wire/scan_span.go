package wire

import (
	"fmt"

	"headwater/graph/trace"
	"headwater/ingest"
)

// span reads a span, and keeps it unless it is refused.
func (s *scanner) span(b []byte) error {
	if err := s.spend(spanElements); err != nil {
		return err
	}
	s.spans = append(s.spans, trace.Span{})
	out := &s.spans[len(s.spans)-1]
	if err := s.spanFields(b, out); err != nil {
		return fmt.Errorf("span %s of trace %s: %w", out.SpanID, out.TraceID, err)
	}
	out.Attrs, out.Events, out.Links = s.attrs.take(), s.events.take(), s.links.take()
	s.refuse(out)
	return nil
}

// refuse takes the last span away again where it has no ids.
func (s *scanner) refuse(last *trace.Span) {
	reason := ingest.NoSpanID
	switch {
	case last.TraceID.IsZero():
		reason = ingest.NoTraceID
	case !last.SpanID.IsZero():
		return
	}
	s.spans = s.spans[:len(s.spans)-1]
	if s.refused == nil {
		s.refused = make(map[ingest.Reason]int)
	}
	s.refused[reason]++
}

// spanTypes are the wire types of a span's fields by number.
var spanTypes = [17]uint8{
	0, typeBytes, typeBytes, typeBytes, typeBytes, typeBytes, typeVarint, type64, type64,
	typeBytes, typeVarint, typeBytes, typeVarint, typeBytes, typeVarint, typeBytes, type32,
}

func (s *scanner) spanFields(b []byte, out *trace.Span) error {
	deep := false
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return err
		}
		if field >= int32(len(spanTypes)) {
			if err := r.skip(wireType); err != nil {
				return err
			}
			continue
		}
		if wireType != spanTypes[field] {
			return wrongType("Span", field, wireType)
		}
		var number uint64
		var flags uint32
		var body []byte
		switch wireType {
		case typeVarint:
			number, err = r.varint()
		case type64:
			number, err = r.fixed64()
		case type32:
			flags, err = r.fixed32()
		default:
			body, err = r.bytes()
		}
		if err != nil {
			return err
		}
		switch field {
		case 1:
			err = setID(out.TraceID[:], body)
		case 2:
			err = setID(out.SpanID[:], body)
		case 3:
			out.TraceState = alias(body)
		case 4:
			err = setID(out.Parent[:], body)
		case 5:
			out.Name = alias(body)
		case 6:
			out.Kind = kindOf(int32(number))
		case 7:
			out.Start = int64(number)
		case 8:
			out.End = int64(number)
		case 9:
			if s.left < 0 {
				return errHollow
			}
			a := s.attrs.next()
			if s.left--; !scanPlainAttr(body, a) {
				err = s.scanAttr(body, a, 0, 0, &deep)
			}
		case 10:
			out.DroppedAttrs = uint32(number)
		case 11:
			err = s.event(body)
		case 12:
			out.DroppedEvents = uint32(number)
		case 13:
			err = s.link(body)
		case 14:
			out.DroppedLinks = uint32(number)
		case 15:
			err = scanStatus(body, out)
		case 16:
			out.Flags = flags
		}
		if err != nil {
			return err
		}
	}
	if deep {
		return errNesting
	}
	return nil
}

// setID reads an id; an empty one is none.
func setID(id, b []byte) error {
	switch len(b) {
	case len(id):
		copy(id, b)
	case 0:
		clear(id)
	default:
		return errID
	}
	return nil
}

func kindOf(k int32) trace.Kind {
	if k < 0 || k > int32(trace.KindConsumer) {
		return trace.KindUnspecified
	}
	return trace.Kind(k)
}

func statusOf(c int32) trace.StatusCode {
	if c < 0 || c > int32(trace.StatusError) {
		return trace.StatusUnset
	}
	return trace.StatusCode(c)
}

func scanStatus(b []byte, out *trace.Span) error {
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return err
		}
		switch field {
		case 2:
			out.StatusMessage, err = textField(&r, wireType)
		case 3:
			var code uint32
			code, err = countField(&r, wireType)
			out.Status = statusOf(int32(code))
		default:
			err = r.skip(wireType)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// event reads an event. Events are few, so their attributes stand for
// themselves.
func (s *scanner) event(b []byte) error {
	var out trace.Event
	if err := s.spend(1); err != nil {
		return err
	}
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return err
		}
		switch field {
		case 1:
			if wireType != type64 {
				return wrongType("Event", field, wireType)
			}
			var v uint64
			v, err = r.fixed64()
			out.Time = int64(v)
		case 2:
			out.Name, err = textField(&r, wireType)
		case 3:
			var a trace.Attr
			a, err = s.attrField(&r, wireType)
			out.Attrs = append(out.Attrs, a)
		case 4:
			out.DroppedAttrs, err = countField(&r, wireType)
		default:
			err = r.skip(wireType)
		}
		if err != nil {
			return fmt.Errorf("event %q: %w", out.Name, err)
		}
	}
	*s.events.next() = out
	return nil
}

func (s *scanner) link(b []byte) error {
	var out trace.Link
	if err := s.spend(1); err != nil {
		return err
	}
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return err
		}
		switch field {
		case 1:
			err = idField(&r, wireType, out.TraceID[:])
		case 2:
			err = idField(&r, wireType, out.SpanID[:])
		case 3:
			out.TraceState, err = textField(&r, wireType)
		case 4:
			var a trace.Attr
			a, err = s.attrField(&r, wireType)
			out.Attrs = append(out.Attrs, a)
		case 5:
			out.DroppedAttrs, err = countField(&r, wireType)
		case 6:
			if wireType != type32 {
				return wrongType("Link", field, wireType)
			}
			out.Flags, err = r.fixed32()
		default:
			err = r.skip(wireType)
		}
		if err != nil {
			return fmt.Errorf("link: %w", err)
		}
	}
	*s.links.next() = out
	return nil
}
