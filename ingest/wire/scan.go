package wire

import (
	"errors"
	"fmt"
	"sync"

	"headwater/graph/trace"
	"headwater/ingest"
)

// MaxNesting is how many lists and maps may stand within one another in an
// attribute's value. It is the deepest that every protobuf decoder of OTLP
// reads back, whatever the values are.
const MaxNesting = 32

var (
	errNesting = fmt.Errorf("attribute value is nested deeper than %d levels", MaxNesting)
	errID      = errors.New("trace id of other than 16 bytes, or span id of other than 8")
)

// scanner reads an ExportTraceServiceRequest. Field numbers are those of OTLP's
// trace.proto, common.proto and resource.proto. Attributes, events and links of
// all spans stand in a few large slices.
type scanner struct {
	spans   []trace.Span
	refused map[ingest.Reason]int
	attrs   arena[trace.Attr]
	events  arena[trace.Event]
	links   arena[trace.Link]
	texts   texts // what is not aliased
	left    int   // elements that may be read yet
}

// How many of each a scanner keeps to use again: about 4 MB in all.
const (
	keptSpans = 4096
	keptAttrs = 1 << 15
	keptFew   = 1 << 10
	keptTexts = 1 << 20 // bytes
)

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// free lets the scanner be used again. What it gave is zero from then on.
func (s *scanner) free() {
	s.reset()
	scanners.Put(s)
}

// reset forgets what was read.
func (s *scanner) reset() {
	clear(s.spans)
	if cap(s.spans) > keptSpans {
		s.spans = nil
	}
	s.spans, s.refused = s.spans[:0], nil
	s.attrs.reset(keptAttrs)
	s.events.reset(keptFew)
	s.links.reset(keptFew)
	s.texts.reset(keptTexts)
}

// scan reads the request. The strings of what it gives alias the request.
func (s *scanner) scan(request []byte) ([]trace.Span, map[ingest.Reason]int, error) {
	s.left = len(request)/bytesForOne + freeElements
	if n := min(countSpans(request), s.left/spanElements); n > 0 {
		if cap(s.spans) < n {
			s.spans = make([]trace.Span, 0, n)
		}
		s.attrs.size = min(n*8, 4096)
		s.events.size, s.links.size = min(n, 64), min(n, 64)
	}
	for r := (reader{buf: request}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return nil, nil, err
		}
		if field != 1 {
			if err := r.skip(wireType); err != nil {
				return nil, nil, err
			}
			continue
		}
		if wireType != typeBytes {
			return nil, nil, wrongType("ExportTraceServiceRequest", field, wireType)
		}
		b, err := r.bytes()
		if err != nil {
			return nil, nil, err
		}
		if err := s.resourceSpans(b); err != nil {
			return nil, nil, err
		}
	}
	return s.spans, s.refused, nil
}

// countSpans counts the spans of a request without reading them, and stops at
// what is broken.
func countSpans(request []byte) int {
	n := 0
	messages(request, 1, func(resourceSpans []byte) {
		messages(resourceSpans, 2, func(scopeSpans []byte) {
			messages(scopeSpans, 2, func([]byte) { n++ })
		})
	})
	return n
}

// messages calls f with the messages that stand in one field.
func messages(b []byte, number int32, f func([]byte)) {
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return
		}
		if field == number && wireType == typeBytes {
			if b, err = r.bytes(); err == nil {
				f(b)
			}
		} else {
			err = r.skip(wireType)
		}
		if err != nil {
			return
		}
	}
}

func (s *scanner) resourceSpans(b []byte) error {
	first := len(s.spans)
	var found []trace.Attr
	var schema string
	var dropped uint32
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return err
		}
		if field > 3 {
			if field == deprecatedScopeSpans && wireType != typeBytes {
				return wrongType("ResourceSpans", field, wireType)
			}
			if err := r.skip(wireType); err != nil {
				return err
			}
			continue
		}
		if wireType != typeBytes {
			return wrongType("ResourceSpans", field, wireType)
		}
		b, err := r.bytes()
		if err != nil {
			return err
		}
		switch field {
		case 1:
			if found, dropped, err = s.scanResource(b, found, dropped); err != nil {
				return fmt.Errorf("resource: %w", err)
			}
		case 2:
			if err := s.scopeSpans(b); err != nil {
				return err
			}
		case 3:
			schema = alias(b)
		}
	}
	resource := trace.NewResource(found)
	resource.SchemaURL, resource.DroppedAttrs = schema, dropped
	for i := first; i < len(s.spans); i++ {
		s.spans[i].Resource = resource
	}
	return nil
}

// deprecatedScopeSpans is a field that held spans before OTLP was stable. No
// receiver of today reads it.
const deprecatedScopeSpans = 1000

// scanResource adds to the attributes that were found before: a message may stand
// in several parts.
func (s *scanner) scanResource(b []byte, attrs []trace.Attr, dropped uint32) ([]trace.Attr, uint32, error) {
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return nil, 0, err
		}
		switch field {
		case 1:
			a, err := s.attrField(&r, wireType)
			if err != nil {
				return nil, 0, err
			}
			attrs = append(attrs, a)
		case 2:
			if dropped, err = countField(&r, wireType); err != nil {
				return nil, 0, err
			}
		default:
			if err := r.skip(wireType); err != nil {
				return nil, 0, err
			}
		}
	}
	return attrs, dropped, nil
}

func (s *scanner) scopeSpans(b []byte) error {
	first := len(s.spans)
	var scope trace.Scope
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return err
		}
		if field > 3 {
			if err := r.skip(wireType); err != nil {
				return err
			}
			continue
		}
		if wireType != typeBytes {
			return wrongType("ScopeSpans", field, wireType)
		}
		b, err := r.bytes()
		if err != nil {
			return err
		}
		switch field {
		case 1:
			if err := s.scanScope(b, &scope); err != nil {
				return fmt.Errorf("scope %q: %w", scope.Name, err)
			}
		case 2:
			if err := s.span(b); err != nil {
				return err
			}
		case 3:
			scope.SchemaURL = alias(b)
		}
	}
	if len(s.spans) == first ||
		scope.Name == "" && scope.Version == "" && scope.Attrs == nil && scope.SchemaURL == "" && scope.DroppedAttrs == 0 {
		return nil
	}
	for i := first; i < len(s.spans); i++ {
		s.spans[i].Scope = &scope
	}
	return nil
}

func (s *scanner) scanScope(b []byte, scope *trace.Scope) error {
	for r := (reader{buf: b}); r.more(); {
		field, wireType, err := r.tag()
		if err != nil {
			return err
		}
		switch field {
		case 1, 2:
			text, err := textField(&r, wireType)
			if err != nil {
				return err
			}
			if field == 1 {
				scope.Name = text
			} else {
				scope.Version = text
			}
		case 3:
			a, err := s.attrField(&r, wireType)
			if err != nil {
				return err
			}
			scope.Attrs = append(scope.Attrs, a)
		case 4:
			if scope.DroppedAttrs, err = countField(&r, wireType); err != nil {
				return err
			}
		default:
			if err := r.skip(wireType); err != nil {
				return err
			}
		}
	}
	return nil
}
