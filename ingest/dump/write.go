package dump

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/dump/chrome"
	"headwater/ingest/dump/jaeger"
	"headwater/ingest/dump/zipkin"
	"headwater/ingest/wire"
)

// Format is a form that a Writer writes.
type Format string

// The formats.
const (
	OTLP     Format = "otlp"     // OTLP JSON, a request a line
	Protobuf Format = "protobuf" // OTLP in protobuf, each message with its length before it
	Jaeger   Format = "jaeger"   // what Jaeger's page opens
	Zipkin   Format = "zipkin"   // Zipkin v2
	Chrome   Format = "chrome"   // trace events, for Perfetto and chrome://tracing
)

// Writer writes spans in a format. It is a Sink; what it was given is in the
// file when Close has returned nil. It is not safe for concurrent use.
type Writer struct {
	out    *bufio.Writer
	format Format
	groups *grouper // nil where spans are written as they come
	some   bool     // an element was written
	begun  bool
}

// NewWriter makes a Writer. Formats that keep the spans of a trace together
// gather them first, in memory and, where they are many, in a temporary folder
// that Close removes.
func NewWriter(w io.Writer, format Format) (*Writer, error) {
	wr := &Writer{out: bufio.NewWriterSize(w, bufferSize), format: format}
	switch format {
	case OTLP, Protobuf, Zipkin:
	case Jaeger, Chrome:
		wr.groups = &grouper{limit: heldSpans}
	default:
		return nil, fmt.Errorf("format %q is not one that is written", format)
	}
	return wr, nil
}

// Write implements ingest.Sink.
func (w *Writer) Write(ctx context.Context, b *ingest.Batch) error {
	return w.WriteSpans(ctx, b.Spans)
}

// WriteSpans writes spans that stand in no batch.
func (w *Writer) WriteSpans(ctx context.Context, spans []trace.Span) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(spans) == 0 {
		return nil
	}
	switch w.format {
	case Protobuf:
		request, err := wire.Encode(spans)
		if err != nil {
			return err
		}
		return w.prefixed(request)
	case OTLP:
		text, err := wire.EncodeJSON(spans)
		if err != nil {
			return err
		}
		_, err = w.out.Write(append(text, '\n'))
		return err
	case Zipkin:
		for i := range spans {
			text, err := zipkin.Write(&spans[i])
			if err := errors.Join(err, w.element(text)); err != nil {
				return err
			}
		}
		return nil
	}
	return w.groups.add(spans)
}

func (w *Writer) prefixed(request []byte) error {
	_, err := w.out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(request))))
	if err == nil {
		_, err = w.out.Write(request)
	}
	return err
}

// Close writes what was gathered and ends the file; the io.Writer below is left
// open.
func (w *Writer) Close() error {
	var err error
	if w.groups != nil {
		err = errors.Join(w.groups.each(w.trace), w.groups.close())
	}
	if _, ends := w.brackets(); ends != "" && err == nil {
		if err = w.begin(); err == nil {
			_, err = w.out.WriteString(ends)
		}
	}
	if flushed := w.out.Flush(); err == nil {
		err = flushed
	}
	return err
}

// trace writes the spans of one trace.
func (w *Writer) trace(spans []trace.Span) error {
	if w.format == Jaeger {
		text, err := jaeger.Write(spans)
		return errors.Join(err, w.element(text))
	}
	events, err := chrome.Write(spans)
	if err != nil {
		return err
	}
	for _, e := range events {
		if err := w.element(e); err != nil {
			return err
		}
	}
	return nil
}

// brackets are what stands around the elements of a format.
func (w *Writer) brackets() (begins, ends string) {
	switch w.format {
	case Jaeger:
		return `{"data":[`, "\n],\"total\":0,\"limit\":0,\"offset\":0,\"errors\":null}\n"
	case Chrome:
		return `{"displayTimeUnit":"ms","traceEvents":[`, "\n]}\n"
	case Zipkin:
		return "[", "\n]\n"
	}
	return "", ""
}

func (w *Writer) begin() error {
	if w.begun {
		return nil
	}
	w.begun = true
	begins, _ := w.brackets()
	_, err := w.out.WriteString(begins)
	return err
}

// element writes one more element of the list.
func (w *Writer) element(text []byte) error {
	if err := w.begin(); err != nil {
		return err
	}
	separator := "\n"
	if w.some {
		separator = ",\n"
	}
	w.some = true
	_, err := w.out.WriteString(separator)
	if err == nil {
		_, err = w.out.Write(text)
	}
	return err
}
