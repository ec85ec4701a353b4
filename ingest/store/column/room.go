package column

import "headwater/graph/trace"

// Room is memory that blocks are decoded into, one after the other. It keeps what
// the largest of them needed. The zero Room is ready to use, and a nil one has
// nothing and keeps nothing. It is not safe for concurrent use.
type Room struct {
	payload []byte
	spans   []trace.Span
	attrs   []trace.Attr
}

// takeBytes gives an empty slice with room for n bytes, or less if they are many.
func (r *Room) takeBytes(n int) []byte {
	if r != nil && cap(r.payload) >= n {
		return r.payload[:0]
	}
	return make([]byte, 0, n)
}

func (r *Room) keepBytes(p []byte) {
	if r != nil {
		r.payload = p
	}
}

func (r *Room) takeSpans(n int) []trace.Span {
	if r != nil && cap(r.spans) >= n {
		return r.spans[:0]
	}
	return make([]trace.Span, 0, n)
}

func (r *Room) keepSpans(spans []trace.Span) {
	if r != nil && cap(spans) > 0 {
		r.spans = spans
	}
}

// takeAttrs gives room for n attributes or more. What was taken before for the
// same block stays as it is.
func (r *Room) takeAttrs(first bool, n int) []trace.Attr {
	if r == nil {
		return make([]trace.Attr, max(attrChunk, n))
	}
	if first && len(r.attrs) >= n {
		return r.attrs
	}
	r.attrs = make([]trace.Attr, max(attrChunk, 2*len(r.attrs), n))
	return r.attrs
}
