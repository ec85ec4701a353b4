package dump

// nesting follows brackets and strings.
type nesting struct {
	script  bool // JavaScript's three quotes delimit strings, not JSON's one
	depth   int
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
			s.escaped = c == '\\'
			for i+1 < len(chunk) && !s.escaped && s.quote != 0 && !endsText[chunk[i+1]] {
				i++
			}
			continue
		case c == ' ' || c == '\t' || c == '\r':
			continue
		case c == '"' || s.script && (c == '\'' || c == '`'):
			s.quote = c
		case c == '{' || c == '[':
			s.depth++
		case c == '}' || c == ']':
			if s.depth--; s.depth == 0 {
				return i + 1
			}
		}
		s.last = c
	}
	return len(chunk)
}

// endsText are the bytes of a string that mean more than themselves.
var endsText = [256]bool{'"': true, '\'': true, '`': true, '\\': true, '\n': true}

// expectsObject reports whether an object may stand here.
func (s *nesting) expectsObject() bool {
	return s.script || s.last == '[' || s.last == ',' || s.last == ':'
}
