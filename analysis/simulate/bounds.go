package simulate

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// The bounds of a scenario's file: beyond them the YAML decoder takes very long
// or needs very much memory.
const (
	largestFile = 1 << 18 // bytes
	longestLine = 1000    // bytes; indentation bounds how deep blocks can nest
	deepest     = 50      // brackets within brackets
)

// bounded refuses what no person would write. Aliases are refused too: a few
// lines of them can stand for more than fits into memory.
func bounded(data []byte, file string) error {
	if len(data) > largestFile {
		return fmt.Errorf("%s: larger than %d bytes", file, largestFile)
	}
	n := 0
	for line := range bytes.Lines(data) {
		if n++; len(line) > longestLine {
			return fmt.Errorf("%s:%d: line is longer than %d bytes", file, n, longestLine)
		}
	}
	depth := 0
	for _, t := range lexer.Tokenize(string(data)) {
		switch t.Type {
		case token.AliasType:
			return fmt.Errorf("%s:%d: aliases are not read", file, t.Position.Line)
		case token.SequenceStartType, token.MappingStartType:
			if depth++; depth > deepest {
				return fmt.Errorf("%s:%d: nested too deep", file, t.Position.Line)
			}
		case token.SequenceEndType, token.MappingEndType:
			depth--
		}
	}
	return nil
}
