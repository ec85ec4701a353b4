package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"headwater/ingest/dump/mend"
)

var (
	errLiteral = errors.New("not an object as JavaScript's console prints it")
	errTooDeep = errors.New("nested deeper than a console prints")
)

// literalDeep bounds the brackets within one another.
const literalDeep = 100

// Literal turns what JavaScript's console makes of an object into JSON.
func Literal(text []byte, m *mend.Mender) ([]byte, error) {
	l := literal{in: string(text), m: m}
	if err := l.value(0); err != nil {
		return nil, fmt.Errorf("read what a JavaScript console printed, byte %d: %w", l.at, err)
	}
	return l.out, nil
}

// literal is a literal half read.
type literal struct {
	in  string
	at  int
	out []byte
	m   *mend.Mender
}

func (l *literal) space() {
	for l.at < len(l.in) && strings.IndexByte(" \t\r\n", l.in[l.at]) >= 0 {
		l.at++
	}
}

// peek is the next byte that is no space, or 0.
func (l *literal) peek() byte {
	l.space()
	if l.at >= len(l.in) {
		return 0
	}
	return l.in[l.at]
}

func (l *literal) value(depth int) error {
	if depth > literalDeep {
		return errTooDeep
	}
	switch c := l.peek(); {
	case c == '{':
		return l.items('}', depth)
	case c == '[' && l.abbreviated():
		l.null()
		return nil
	case c == '[':
		return l.items(']', depth)
	case isQuote(c):
		s, err := l.text()
		l.out = appendJSON(l.out, s)
		return err
	case c == 0:
		return errLiteral
	}
	return l.word(depth)
}

// abbreviated takes [Object], [Array] and the like.
func (l *literal) abbreviated() bool {
	end := strings.IndexByte(l.in[l.at:], ']')
	if end < 0 {
		return false
	}
	inner := l.in[l.at+1 : l.at+end]
	if inner == "" || inner[0] < 'A' || inner[0] > 'Z' || strings.ContainsAny(inner, "'\"{,\n") {
		return false
	}
	l.at += end + 1
	return true
}

func (l *literal) null() {
	l.m.Add(mend.Abbreviated)
	l.out = append(l.out, "null"...)
}

// items reads what stands within brackets.
func (l *literal) items(closing byte, depth int) error {
	l.out = append(l.out, l.in[l.at])
	l.at++
	for first := true; ; {
		switch c := l.peek(); {
		case c == closing:
			l.at++
			l.out = append(l.out, closing)
			return nil
		case c == ',':
			l.at++
			continue
		case c == 0:
			return errLiteral
		case strings.HasPrefix(l.in[l.at:], "..."): // ... 3 more items
			end := strings.IndexAny(l.in[l.at:], ",]}\n")
			if end < 0 {
				return errLiteral
			}
			l.at += end
			l.m.Add(mend.Abbreviated)
			continue
		}
		if !first {
			l.out = append(l.out, ',')
		}
		first = false
		if closing == '}' {
			if err := l.key(); err != nil {
				return err
			}
		}
		if err := l.value(depth + 1); err != nil {
			return err
		}
	}
}

func (l *literal) key() error {
	var key string
	if isQuote(l.peek()) {
		var err error
		if key, err = l.text(); err != nil {
			return err
		}
	} else {
		end := strings.IndexAny(l.in[l.at:], ": \n{}[]")
		if end <= 0 {
			return errLiteral
		}
		key = l.in[l.at : l.at+end]
		l.at += end
	}
	if l.peek() != ':' {
		return errLiteral
	}
	l.at++
	l.out = append(appendJSON(l.out, key), ':')
	return nil
}

// word reads a bare word: a number, true, undefined, or the name of a class
// before its object.
func (l *literal) word(depth int) error {
	end := strings.IndexAny(l.in[l.at:], ",]}\n{")
	if end < 0 {
		end = len(l.in) - l.at
	}
	word := strings.TrimSpace(l.in[l.at : l.at+end])
	if word == "" {
		return errLiteral
	}
	l.at += end
	switch {
	case l.at < len(l.in) && l.in[l.at] == '{':
		return l.value(depth + 1)
	case word == "true" || word == "false" || word == "null":
		l.out = append(l.out, word...)
	case word == "undefined":
		l.out = append(l.out, "null"...)
	default:
		digits := strings.TrimSuffix(word, "n") // a BigInt
		if digits == "" || strings.IndexByte("-0123456789", digits[0]) < 0 || !json.Valid([]byte(digits)) {
			l.null()
			return nil
		}
		l.out = append(l.out, digits...)
	}
	return nil
}

// text reads a string, and those that are joined to it.
func (l *literal) text() (string, error) {
	var b strings.Builder
	for {
		if err := l.quoted(&b); err != nil {
			return "", err
		}
		if l.peek() != '+' {
			return b.String(), nil
		}
		l.at++
		if !isQuote(l.peek()) {
			return "", errLiteral
		}
	}
}

func (l *literal) quoted(b *strings.Builder) error {
	quote := l.in[l.at]
	l.at++
	for l.at < len(l.in) {
		switch c := l.in[l.at]; c {
		case quote:
			l.at++
			return nil
		case '\\':
			r, _, rest, err := strconv.UnquoteChar(l.in[l.at:], quote)
			if err != nil { // an escape that only JavaScript knows
				if l.at++; l.at >= len(l.in) {
					return errLiteral
				}
				r, size := utf8.DecodeRuneInString(l.in[l.at:])
				b.WriteRune(r)
				l.at += size
				continue
			}
			b.WriteRune(r)
			l.at = len(l.in) - len(rest)
		default:
			b.WriteByte(c)
			l.at++
		}
	}
	return errLiteral
}

func isQuote(c byte) bool { return c == '\'' || c == '"' || c == '`' }

func appendJSON(to []byte, s string) []byte {
	text, err := json.Marshal(strings.ToValidUTF8(s, "\uFFFD"))
	if err != nil { // text always can be written
		return append(to, `""`...)
	}
	return append(to, text...)
}
