package mend

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	"headwater/graph/trace"
)

// TraceID reads a trace id: up to 32 hexadecimal digits, with or without 0x and
// dashes, or base64. An id that can't be read is the zero one, which is refused
// later like one that is missing.
func (m *Mender) TraceID(text string) (id trace.TraceID) {
	m.id(text, id[:])
	return id
}

// SpanID is TraceID for up to 16 digits.
func (m *Mender) SpanID(text string) (id trace.SpanID) {
	m.id(text, id[:])
	return id
}

// Parent is SpanID where none, in its many spellings, is no mistake.
func (m *Mender) Parent(text string) (id trace.SpanID) {
	if strings.Trim(strings.TrimPrefix(text, "0x"), "0") == "" {
		return id
	}
	if id = m.SpanID(text); id.IsZero() {
		m.Add(BadParent)
	}
	return id
}

// id fills dst, of 8 or 16 bytes, and leaves it zero where the text is no id.
func (m *Mender) id(text string, dst []byte) {
	digits := strings.TrimPrefix(text, "0x")
	if len(digits) > 2*len(dst) {
		digits = strings.ReplaceAll(digits, "-", "")
	}
	size := 2 * len(dst)
	if isHex(digits) && len(digits) <= size {
		if len(digits) != size && len(digits) != 16 {
			m.Add(OddID)
			digits = strings.Repeat("0", size-len(digits)) + digits
		}
		if _, err := hex.Decode(dst[len(dst)-len(digits)/2:], []byte(digits)); err != nil {
			clear(dst)
		}
		return
	}
	trimmed := strings.TrimRight(text, "=")
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if raw, err := enc.DecodeString(trimmed); err == nil && (len(raw) == len(dst) || len(raw) == 8 && len(dst) == 16) {
			copy(dst[len(dst)-len(raw):], raw)
			m.Add(Base64ID)
			return
		}
	}
}

func isHex(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// DecimalID reads an id that is an unsigned 64-bit number, or nothing.
func DecimalID(text string) (id trace.SpanID, ok bool) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		signed, err := strconv.ParseInt(text, 10, 64) // some write them signed
		if err != nil {
			return id, false
		}
		n = uint64(signed)
	}
	binary.BigEndian.PutUint64(id[:], n)
	return id, true
}
