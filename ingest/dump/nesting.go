package dump

import "headwater/ingest/wire"

// nesting follows brackets and strings.
type nesting struct {
	script  bool // JavaScript's three quotes delimit strings, not JSON's one
	depth   int
	deepest int
	quote   byte // that ends the string; 0 outside of strings
	escaped bool // the next byte of the string stands for itself
	last    byte // outside of strings, but for white space
}

// scan returns how many bytes it has read: up to the object's end or the line's,
// else all.
func (s *nesting) scan(chunk []byte) int {
	for i := 0; i < len(chunk); i++ {
		c := chunk[i]
		switch {
		case c == '\n':
			return i + 1
		case s.escaped:
			s.escaped = false
			continue
		case s.quote != 0:
			if c == s.quote {
				s.quote = 0
			}
			if s.escaped = c == '\\'; s.quote != 0 && !s.escaped {
				i += s.plain(chunk[i+1:])
			}
			continue
		}
		switch meaning[c] {
		case space:
			continue
		case quotes:
			if c == '"' || s.script {
				s.quote = c
				i += s.plain(chunk[i+1:])
			}
		case opens:
			s.depth++
			s.deepest = max(s.deepest, s.depth)
		case closes:
			if s.depth--; s.depth == 0 {
				return i + 1
			}
		}
		s.last = c
	}
	return len(chunk)
}

// What bytes mean outside of strings.
const (
	space = iota + 1
	quotes
	opens
	closes
)

var meaning = [256]uint8{
	' ': space, '\t': space, '\r': space, '"': quotes, '\'': quotes, '`': quotes, '{': opens, '[': opens, '}': closes, ']': closes,
}

// endsText are the bytes of a string that mean more than themselves.
var endsText = [256]bool{'"': true, '\'': true, '`': true, '\\': true, '\n': true}

// plain counts the bytes at the beginning of a text that mean nothing more than
// themselves in the string.
func (s *nesting) plain(text []byte) int {
	if !s.script {
		return wire.PlainText(text)
	}
	n := 0
	for n < len(text) && !endsText[text[n]] {
		n++
	}
	return n
}

// expectsObject reports whether an object may stand here.
func (s *nesting) expectsObject() bool {
	return s.script || s.last == '[' || s.last == ',' || s.last == ':'
}
