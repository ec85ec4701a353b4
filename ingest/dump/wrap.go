package dump

import (
	"errors"
	"io"
	"regexp"
	"strings"
)

// maxLists is how many lists may stand within one another in a wrapper: traces
// are lists of spans.
const maxLists = 2

// ahead is how much of the text is looked at to tell what begins.
const ahead = 256

// wrapper is an object around a list, whose elements are read one by one.
type wrapper struct {
	braces        int  // that close it
	otlp          bool // its elements are those of a request
	before, after string
}

func (w *wrapper) open() bool { return w.braces > 0 }

// wrapperStart is how the objects begin that wrap a list: those of Jaeger
// (data, result), Tempo (batches, trace), X-Ray (Traces), Datadog (data,
// traces) and OTLP.
var wrapperStart = regexp.MustCompile(
	`^\{\s*"(?:(data|traces|Traces)"|(?:(?:result|trace)"\s*:\s*\{\s*")?(batches|resource_?[sS]pans)")\s*:\s*\[`)

// enter takes the beginning of a wrapper, if one is here.
func (s *splitter) enter() bool {
	if s.within.open() && !s.requestBegins() {
		return false
	}
	text, _ := s.r.Peek(ahead) // an error will come again when it is read
	match := wrapperStart.FindSubmatchIndex(text)
	if match == nil {
		return false
	}
	s.within = wrapper{braces: strings.Count(string(text[:match[1]]), "{")}
	s.lists = 1
	if match[4] >= 0 {
		s.within.otlp, s.within.before, s.within.after = true, `{"resourceSpans":[`, `]}`
		s.requests++
	}
	s.take(match[1])
	return true
}

// leave passes over what stands in a wrapper behind its list.
func (s *splitter) leave() (trouble string, err error) {
	state := nesting{depth: s.within.braces}
	s.within = wrapper{}
	for {
		chunk, err := s.buffered()
		if errors.Is(err, io.EOF) {
			return cutOff, nil
		}
		if err != nil {
			return "", err
		}
		n := state.scan(chunk)
		newline := chunk[n-1] == '\n'
		s.take(n)
		switch {
		case state.depth == 0:
			return "", nil
		case newline && (state.quote != 0 || s.requestBegins() || s.objectBegins() && !state.expectsObject()):
			return cutOff, nil
		}
	}
}

// requestStart is how a line begins that holds a request. It can't stand inside
// of another request.
var requestStart = regexp.MustCompile(`^[ \t]*\{[ \t]*"resource_?([sS]pans|[mM]etrics|[lL]ogs|[pP]rofiles)"`)

func (s *splitter) requestBegins() bool {
	text, _ := s.r.Peek(64) // an error will come again when it is read
	return requestStart.Match(text)
}

// objectBegins reports whether the line begins with an object. One that is
// pretty-printed within another is indented, or stands behind what announces
// it.
func (s *splitter) objectBegins() bool {
	text, _ := s.r.Peek(1)
	return len(text) == 1 && text[0] == '{'
}

// scriptStart is how an object begins whose keys stand without double quotes.
var scriptStart = regexp.MustCompile(`^\{\s*['A-Za-z_$]`)

func (s *splitter) isScript() bool {
	text, _ := s.r.Peek(ahead)
	return !s.within.open() && scriptStart.Match(text)
}
