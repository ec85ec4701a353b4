package wire

import (
	"bytes"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"headwater/graph/trace"
	"headwater/ingest"
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

// NewBatchJSON reads an ExportTraceServiceRequest in OTLP's JSON form: one
// object, with nothing but white space around it. Unknown fields are passed
// over, as OTLP asks. Its Free lets the memory of its spans be used again.
func NewBatchJSON(text []byte) (*ingest.Batch, error) {
	if err := checkObject(text); err != nil {
		return nil, err
	}
	return NewBatchObject(text)
}

// NewBatchObject is NewBatchJSON for a text that is one object by its brackets,
// which are at most MaxJSONDepth within one another: who cut it out of a longer
// text knows that.
func NewBatchObject(text []byte) (b *ingest.Batch, err error) {
	if bytes.Count(text, []byte{'{'}) > len(text)/bytesForOneObject+freeElements {
		return nil, errHollow
	}
	s := scanners.Get().(*scanner)
	defer func() {
		if err != nil {
			s.free()
		}
	}()
	defer recoverInto(&err)
	if s.scanObject(text) != nil {
		s.reset()
		if err := s.readObject(text); err != nil {
			return nil, fmt.Errorf("read OTLP JSON: %w", err)
		}
	}
	return &ingest.Batch{Size: len(text), Spans: s.spans, Refused: s.refused, Free: s.free}, nil
}

// readObject reads a request with pdata.
func (s *scanner) readObject(text []byte) error {
	td, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(text)
	if err != nil {
		return err
	}
	return s.take(td)
}

// bytesForOneObject is what bytesForOne is for JSON.
const bytesForOneObject = 8

// MaxJSONDepth bounds the brackets within one another. A value at MaxNesting
// needs about 140; the JSON decoder recurses and would exhaust the stack on
// brackets alone.
const MaxJSONDepth = 200

var (
	errNotObject = errors.New("not a JSON object")
	errCutOff    = errors.New("JSON ends in the middle")
	errTrailing  = errors.New("text after the JSON object")
	errDepth     = fmt.Errorf("JSON is nested deeper than %d levels", MaxJSONDepth)
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
			if depth++; depth > MaxJSONDepth {
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
		if i += PlainText(text[i:]); i == len(text) {
			break
		}
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(text)
}

// recoverInto turns a panic of pdata into an error: one bad request must not
// end the process.
func recoverInto(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("decoder panicked: %v", r)
	}
}
