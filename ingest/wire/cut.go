package wire

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"

	"github.com/valyala/fastjson"
)

// parser parses a request in pieces: a tree of all of it would be fifteen times
// as large as its text, and too large for the processor's caches. The objects in
// which spans stand are cut out, and are parsed one by one as they are read.
type parser struct {
	outer, inner fastjson.Parser
	outline      []byte   // of the request: pieces are marks there
	pieces       [][]byte // of the text
}

const (
	// pieceDepth is how deep within one another the brackets of a span stand.
	pieceDepth = 7
	// mark is how the text begins that stands for a piece in an outline.
	mark = 0
	// keptPieces bounds what is kept to be used again.
	keptPieces = 1 << 14
)

// cut makes the outline. It gives false for a text that is odd.
func (p *parser) cut(text []byte) bool {
	if bytes.IndexByte(text, mark) >= 0 {
		return false
	}
	if cap(p.pieces) > keptPieces {
		*p = parser{}
	}
	p.outline, p.pieces = p.outline[:0], p.pieces[:0]
	depth, from := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			if i = closingQuote(text, i+1); i == len(text) {
				return false
			}
		case '{', '[':
			if depth++; depth == pieceDepth && text[i] == '{' {
				p.outline = append(p.outline, text[from:i]...)
				from = i
			}
		case '}', ']':
			if depth--; depth == pieceDepth-1 && text[from] == '{' && text[i] == '}' && from > 0 {
				p.outline = strconv.AppendInt(append(p.outline, '"', mark), int64(len(p.pieces)), 10)
				p.outline = append(p.outline, '"')
				p.pieces = append(p.pieces, text[from:i+1])
				from = i + 1
			}
		}
	}
	p.outline = append(p.outline, text[from:]...)
	return true
}

var nothing = fastjson.MustParse("null")

// piece parses the piece that a mark stands for. It is good until the next call.
func (p *parser) piece(text []byte) *fastjson.Value {
	if len(text) == 0 || text[0] != mark {
		return nothing
	}
	n, err := strconv.Atoi(alias(text[1:]))
	if err != nil || n >= len(p.pieces) {
		return nothing
	}
	v, err := p.inner.ParseBytes(p.pieces[n])
	if err != nil {
		return nothing
	}
	return v
}

// PlainText counts the bytes at the beginning of a text within quotes of JSON
// that mean nothing more than themselves: up to a quote, a backslash or the end
// of the line.
func PlainText(text []byte) int {
	n := 0
	for ; n+8 <= len(text); n += 8 {
		w := binary.LittleEndian.Uint64(text[n:])
		if found := zeros(w^'"'*each) | zeros(w^'\\'*each) | zeros(w^'\n'*each); found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for n < len(text) && text[n] != '"' && text[n] != '\\' && text[n] != '\n' {
		n++
	}
	return n
}

const each = 0x0101010101010101

// zeros has the highest bit of each byte that is 0 in w set; bits above the
// first of them mean nothing.
func zeros(w uint64) uint64 { return (w - each) &^ w & (0x80 * each) }
