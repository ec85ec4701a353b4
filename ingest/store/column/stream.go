package column

import (
	"encoding/binary"
	"errors"
	"unsafe"
)

// errDamaged is the error for bytes that no encoder wrote.
var errDamaged = errors.New("block is damaged")

func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// appendUint is binary.AppendUvarint with a short way for small numbers.
func appendUint(b []byte, v uint64) []byte {
	if v < 0x80 {
		return append(b, byte(v))
	}
	return binary.AppendUvarint(b, v)
}

func appendText(b []byte, s string) []byte {
	return append(appendUint(b, uint64(len(s))), s...)
}

// cursor reads a stream. After the first error it gives zeros; who reads asks
// once at the end.
type cursor struct {
	buf []byte
	bad bool
}

func (c *cursor) uint() uint64 {
	if len(c.buf) > 0 && c.buf[0] < 0x80 {
		v := uint64(c.buf[0])
		c.buf = c.buf[1:]
		return v
	}
	v, n := binary.Uvarint(c.buf)
	if n <= 0 {
		c.fail()
		return 0
	}
	c.buf = c.buf[n:]
	return v
}

func (c *cursor) int() int64 { return unzigzag(c.uint()) }

// below reads a number that must be smaller than limit.
func (c *cursor) below(limit int) int {
	v := c.uint()
	if v >= uint64(limit) {
		c.fail()
		return 0
	}
	return int(v)
}

func (c *cursor) uint32() uint32 {
	v := c.uint()
	if v > 1<<32-1 {
		c.fail()
		return 0
	}
	return uint32(v)
}

func (c *cursor) byte() byte {
	if len(c.buf) == 0 {
		c.fail()
		return 0
	}
	v := c.buf[0]
	c.buf = c.buf[1:]
	return v
}

// take gives the next n bytes, which alias the stream, and nil where there are
// fewer.
func (c *cursor) take(n uint64) []byte {
	if n > uint64(len(c.buf)) {
		c.fail()
		return nil
	}
	b := c.buf[:n:n]
	c.buf = c.buf[n:]
	return b
}

func (c *cursor) text() string { return alias(c.take(c.uint())) }

// section gives the stream that stands in this one with its length before it.
func (c *cursor) section() cursor { return cursor{buf: c.take(c.uint())} }

func (c *cursor) fail() {
	c.buf, c.bad = nil, true
}

// done reports whether all was read, without an error.
func (c *cursor) done() bool { return !c.bad && len(c.buf) == 0 }

func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
