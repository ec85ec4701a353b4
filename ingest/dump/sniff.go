package dump

import (
	"bufio"
	"bytes"
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// shape is how a decompressed stream is laid out.
type shape int

const (
	text     shape = iota // JSON objects
	prefixed              // messages with their length before them
	protobuf              // one message of OTLP, or several without a border
)

// shapeOf tells by the first bytes. Text begins with none of the bytes that a
// length below maxPrefix begins with.
func shapeOf(r *bufio.Reader) shape {
	first, _ := r.Peek(ahead)
	switch {
	case len(first) > prefixSize && first[0] < '\t' && messageBegins(first[prefixSize:]):
		return prefixed
	case isRequest(first):
		return protobuf
	}
	return text
}

// messageBegins reports whether this is how a message begins that the
// Collector's file exporter wrote: in protobuf, or JSON, either packed.
func messageBegins(b []byte) bool {
	return b[0] == '{' || isRequest(b) || bytes.HasPrefix(b, zstdMagic) || bytes.HasPrefix(b, gzipMagic)
}

// isRequest reports whether this is how an OTLP request for traces begins in
// protobuf: down to the third level, since the first byte is also a line feed.
func isRequest(b []byte) bool {
	inner, ok := enterField(b, 1) // resource_spans
	if !ok {
		return false
	}
	if len(inner) == 0 {
		return true
	}
	if scope, ok := enterField(inner, 2); ok { // scope_spans, of no resource
		return len(scope) == 0 || scope[0] == 0x0a || scope[0] == 0x12 || scope[0] == 0x1a
	}
	resource, ok := enterField(inner, 1)
	return ok && (len(resource) == 0 || resource[0] == 0x0a || resource[0] == 0x10 || resource[0] == 0x1a)
}

// enterField is what stands in a message's first field, as far as it is there;
// not ok if the field has another number or another type.
func enterField(b []byte, want protowire.Number) ([]byte, bool) {
	num, typ, n := protowire.ConsumeTag(b)
	if n < 0 || num != want || typ != protowire.BytesType {
		return nil, false
	}
	size, m := protowire.ConsumeVarint(b[n:])
	if m < 0 {
		return nil, false
	}
	inner := b[n+m:]
	return inner[:min(uint64(len(inner)), size)], true
}

const prefixSize = 4

func prefixOf(b []byte) int64 { return int64(binary.BigEndian.Uint32(b)) }
