package dump

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
)

// bufferSize is how much of a stream is read at a time.
const bufferSize = 64 << 10

// keptSize is how large a buffer is kept for the next object.
const keptSize = 1 << 20

// What can be wrong with a stretch of text before it is even parsed.
const (
	notJSON = "not JSON"
	cutOff  = "JSON that breaks off"
	tooLong = "longer than the limit"
)

// splitter cuts a stream into JSON objects. Between them stand white space,
// commas and square brackets, so that an array of requests is read as its
// requests, without holding it. Objects may span lines.
type splitter struct {
	r        *bufio.Reader
	max      int   // bytes of an object
	bytes    int64 // taken so far
	newlines int64
	last     byte // taken last
	object   []byte
}

// piece is an object, or the trouble with a stretch of text that is none. The
// object is valid until the next call.
type piece struct {
	object  []byte
	line    int64 // where it begins, from 1
	trouble string
}

func (s *splitter) lines() int64 {
	if s.bytes == 0 || s.last == '\n' {
		return s.newlines
	}
	return s.newlines + 1
}

// next returns io.EOF at the end, or the error of reading.
func (s *splitter) next() (piece, error) {
	for {
		chunk, err := s.buffered()
		if err != nil {
			return piece{}, err
		}
		n := len(chunk) - len(bytes.TrimLeft(chunk, " \t\r\n,[]"))
		s.take(n)
		if n == len(chunk) {
			continue
		}
		line := s.newlines + 1
		if chunk[n] == '{' {
			trouble, err := s.readObject()
			return piece{s.object, line, trouble}, err
		}
		return piece{line: line, trouble: notJSON}, s.skipLine()
	}
}

// readObject reads up to the bracket that closes the object before it. It gives
// up where a string runs over the end of its line, or where the next request
// begins: after a line that breaks off, the next one is whole again.
func (s *splitter) readObject() (trouble string, err error) {
	if cap(s.object) > keptSize {
		s.object = nil
	}
	s.object = s.object[:0]
	var state nesting
	long := false
	for {
		chunk, err := s.buffered()
		if errors.Is(err, io.EOF) {
			return cutOff, nil
		}
		if err != nil {
			return "", err
		}
		n := state.scan(chunk)
		if long = long || len(s.object)+n > s.max; !long {
			s.object = append(s.object, chunk[:n]...)
		}
		newline := chunk[n-1] == '\n'
		s.take(n)
		switch {
		case state.depth == 0 && long:
			return tooLong, nil
		case state.depth == 0:
			return "", nil
		case newline && (state.inString || s.requestBegins()):
			if long {
				return tooLong, nil
			}
			return cutOff, nil
		}
	}
}

// nesting follows brackets and strings.
type nesting struct {
	depth    int
	inString bool
	escaped  bool // the next byte of the string stands for itself
}

// scan returns how many bytes it has read: up to the object's end or the line's,
// else all.
func (s *nesting) scan(chunk []byte) int {
	for i, c := range chunk {
		switch {
		case c == '\n':
			return i + 1
		case s.escaped:
			s.escaped = false
		case s.inString:
			s.inString = c != '"'
			s.escaped = c == '\\'
		case c == '"':
			s.inString = true
		case c == '{' || c == '[':
			s.depth++
		case c == '}' || c == ']':
			if s.depth--; s.depth == 0 {
				return i + 1
			}
		}
	}
	return len(chunk)
}

// requestStart is how a line begins that holds a request. It can't stand inside
// of another request.
var requestStart = regexp.MustCompile(`^[ \t]*\{[ \t]*"resource_?([sS]pans|[mM]etrics|[lL]ogs|[pP]rofiles)"`)

func (s *splitter) requestBegins() bool {
	ahead, _ := s.r.Peek(64) // an error will come again when it is read
	return requestStart.Match(ahead)
}

// buffered gives at least one byte of what comes next, without taking it.
func (s *splitter) buffered() ([]byte, error) {
	if _, err := s.r.Peek(1); err != nil {
		return nil, err
	}
	return s.r.Peek(s.r.Buffered())
}

// take moves on by n of the buffered bytes.
func (s *splitter) take(n int) {
	if n == 0 {
		return
	}
	chunk, _ := s.r.Peek(n)
	s.bytes += int64(n)
	s.newlines += int64(bytes.Count(chunk, []byte{'\n'}))
	s.last = chunk[n-1]
	_, _ = s.r.Discard(n)
}

// skipLine passes over the rest of the line. The stream's end is left to next.
func (s *splitter) skipLine() error {
	for {
		chunk, err := s.buffered()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		end := bytes.IndexByte(chunk, '\n') + 1
		if end > 0 {
			s.take(end)
			return nil
		}
		s.take(len(chunk))
	}
}
