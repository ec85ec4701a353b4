package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"
)

// The wire types of protobuf.
const (
	typeVarint     = 0
	type64         = 1
	typeBytes      = 2
	typeStartGroup = 3
	typeEndGroup   = 4
	type32         = 5
)

var (
	errCut      = errors.New("message ends in the middle")
	errVarint   = errors.New("number of more than ten bytes")
	errLength   = errors.New("negative length")
	errTag      = errors.New("illegal field number")
	errGroup    = errors.New("end of a group that did not begin")
	errWireType = errors.New("illegal wire type")
)

// reader walks over the fields of one message. It reads what pdata reads, to
// the bit: protowire is stricter (it refuses varints with surplus bits), and a
// sender that another receiver understands must not be turned away.
type reader struct {
	buf []byte
	pos int
}

func (r *reader) more() bool { return r.pos < len(r.buf) }

func (r *reader) varint() (uint64, error) {
	if r.pos < len(r.buf) {
		if b := r.buf[r.pos]; b < 0x80 {
			r.pos++
			return uint64(b), nil
		}
	}
	return r.longVarint()
}

func (r *reader) longVarint() (uint64, error) {
	var v uint64
	for shift := uint(0); shift < 64; shift += 7 {
		if r.pos >= len(r.buf) {
			return 0, errCut
		}
		b := r.buf[r.pos]
		r.pos++
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, errVarint
}

// tag gives the number and the wire type of the next field.
func (r *reader) tag() (field int32, wireType uint8, err error) {
	v, err := r.varint()
	if err != nil {
		return 0, 0, err
	}
	field = int32(v >> 3)
	if field <= 0 {
		return 0, 0, errTag
	}
	return field, uint8(v & 7), nil
}

// bytes gives what stands in a field of bytes, a string or a message. It
// aliases the buffer.
func (r *reader) bytes() ([]byte, error) {
	v, err := r.varint()
	if err != nil {
		return nil, err
	}
	n := int(v)
	if n < 0 {
		return nil, errLength
	}
	if n > len(r.buf)-r.pos {
		return nil, errCut
	}
	b := r.buf[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b, nil
}

// text is bytes as a string that aliases the buffer.
func (r *reader) text() (string, error) {
	b, err := r.bytes()
	return alias(b), err
}

func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (r *reader) fixed64() (uint64, error) {
	if len(r.buf)-r.pos < 8 {
		return 0, errCut
	}
	v := binary.LittleEndian.Uint64(r.buf[r.pos:])
	r.pos += 8
	return v, nil
}

func (r *reader) fixed32() (uint32, error) {
	if len(r.buf)-r.pos < 4 {
		return 0, errCut
	}
	v := binary.LittleEndian.Uint32(r.buf[r.pos:])
	r.pos += 4
	return v, nil
}

// skip passes over the field whose tag was read. A group ends for it with the
// first field in it that is no group: so does pdata, and what follows is then
// read as fields of the message.
func (r *reader) skip(wireType uint8) error {
	for depth := 0; r.more(); {
		var err error
		switch wireType {
		case typeVarint:
			_, err = r.varint()
			return err
		case type64:
			_, err = r.fixed64()
			return err
		case typeBytes:
			_, err = r.bytes()
			return err
		case type32:
			_, err = r.fixed32()
			return err
		case typeStartGroup:
			depth++
		case typeEndGroup:
			if depth == 0 {
				return errGroup
			}
			depth--
		default:
			return errWireType
		}
		if depth == 0 {
			return nil
		}
		if _, wireType, err = r.tag(); err != nil {
			return err
		}
	}
	return errCut
}

// wrongType is the error for a known field of another wire type.
func wrongType(message string, field int32, wireType uint8) error {
	return fmt.Errorf("field %d of %s: %w %d", field, message, errWireType, wireType)
}
