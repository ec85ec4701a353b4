package wire

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"headwater/graph/trace"
)

// EncodeJSON writes the spans as an ExportTraceServiceRequest in OTLP's JSON
// form, on one line without its end.
func EncodeJSON(spans []trace.Span) ([]byte, error) {
	request, err := Encode(spans)
	if err != nil {
		return nil, err
	}
	td, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(request)
	if err != nil {
		return nil, fmt.Errorf("read OTLP protobuf: %w", err)
	}
	text, err := new(ptrace.JSONMarshaler).MarshalTraces(td)
	if err != nil {
		return nil, fmt.Errorf("write OTLP JSON: %w", err)
	}
	return text, nil
}

// maxJSONDepth bounds the brackets within one another. A value at MaxNesting
// needs about 140; the JSON decoder recurses and would exhaust the stack on
// brackets alone.
const maxJSONDepth = 200

var (
	errNotObject = errors.New("not a JSON object")
	errCutOff    = errors.New("JSON ends in the middle")
	errTrailing  = errors.New("text after the JSON object")
	errDepth     = fmt.Errorf("JSON is nested deeper than %d levels", maxJSONDepth)
)

// checkObject makes sure that text is one object by its brackets: closed,
// followed by nothing, and not nested so deep that decoding is dangerous.
func checkObject(text []byte) error {
	start := skipSpace(text, 0)
	if start == len(text) || text[start] != '{' {
		return errNotObject
	}
	depth := 0
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '"':
			if i = closingQuote(text, i+1); i == len(text) {
				return errCutOff
			}
		case '{', '[':
			if depth++; depth > maxJSONDepth {
				return errDepth
			}
		case '}', ']':
			if depth--; depth == 0 {
				if skipSpace(text, i+1) != len(text) {
					return errTrailing
				}
				return nil
			}
		}
	}
	return errCutOff
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r') {
		i++
	}
	return i
}

// closingQuote finds the end of the string whose text begins at i, and gives
// len(text) where there is none.
func closingQuote(text []byte, i int) int {
	for ; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(text)
}
