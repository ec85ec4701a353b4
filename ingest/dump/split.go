package dump

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"headwater/ingest/wire"
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
// commas and square brackets, so that an array of objects is read as its
// objects, without holding it; an object that does nothing but wrap a list is
// read as the list's elements. Objects may span lines.
type splitter struct {
	r        *bufio.Reader
	max      int   // bytes of an object
	bytes    int64 // taken so far
	newlines int64
	last     byte // taken last
	object   []byte
	within   wrapper // of the elements that come now
	lists    int     // open within it
	requests int64   // wrappers of OTLP that were entered
}

// piece is an object, or the trouble with a stretch of text that is none. The
// object is valid until the next call.
type piece struct {
	object  []byte
	line    int64 // where it begins, from 1
	offset  int64 // where it begins, in bytes
	otlp    bool  // an OTLP request, made from an element of a wrapper
	deep    bool  // its brackets stand deeper within one another than is safe to read
	script  bool  // an object as JavaScript writes it
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
		n := s.between(chunk)
		ended := n > 0 && s.within.open() && s.lists == 0
		s.take(n)
		p := piece{line: s.newlines + 1, offset: s.bytes}
		switch {
		case ended:
			if p.trouble, err = s.leave(); err != nil || p.trouble != "" {
				return p, err
			}
		case n == len(chunk):
		case chunk[n] != '{':
			s.within, s.lists = wrapper{}, 0
			p.trouble = notJSON
			return p, s.skipLine()
		case s.enter():
		default:
			p.otlp = s.within.otlp
			err = s.readObject(&p)
			return p, err
		}
	}
}

// between counts the bytes that may stand between objects, up to the end of the
// list that is being read.
func (s *splitter) between(chunk []byte) int {
	for i, c := range chunk {
		switch c {
		case ' ', '\t', '\r', '\n', ',':
		case '[':
			if !s.within.open() {
				continue
			}
			if s.lists == maxLists {
				return i
			}
			s.lists++
		case ']':
			if !s.within.open() {
				continue
			}
			if s.lists--; s.lists == 0 {
				return i + 1
			}
		default:
			return i
		}
	}
	return len(chunk)
}

// readObject reads up to the bracket that closes the object before it. It gives
// up where a string runs over the end of its line, or where what comes on the
// next line can't stand within an object: after a line that breaks off, the
// next one is whole again.
func (s *splitter) readObject(p *piece) error {
	if cap(s.object) > keptSize {
		s.object = nil
	}
	s.object = append(s.object[:0], s.within.before...)
	state := nesting{script: s.isScript()}
	p.script = state.script
	size, long := 0, false
	for {
		chunk, err := s.buffered()
		if errors.Is(err, io.EOF) {
			p.trouble = cutOff
			return nil
		}
		if err != nil {
			return err
		}
		n := state.scan(chunk)
		size += n
		if long = long || size > s.max; !long {
			s.object = append(s.object, chunk[:n]...)
		}
		newline := chunk[n-1] == '\n'
		s.take(n)
		switch {
		case state.depth == 0:
			if long {
				p.trouble = tooLong
				return nil
			}
			s.object = append(s.object, s.within.after...)
			p.object, p.deep = s.object, state.deepest > flat
			return nil
		case newline && (state.quote != 0 || s.requestBegins() || s.objectBegins() && !state.expectsObject()):
			p.trouble = cutOff
			if long {
				p.trouble = tooLong
			}
			return nil
		}
	}
}

// flat is how deep brackets stand within one another in an object that is not
// deep: with those of a wrapper, all that any reader takes.
const flat = wire.MaxJSONDepth - 2

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
