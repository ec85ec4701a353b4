package dump

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"headwater/ingest"
	"headwater/ingest/wire"
)

// DefaultMaxLine is the longest request in bytes that is read when Options does
// not say.
const DefaultMaxLine = 64 << 20

// Options changes how dumps are read.
type Options struct {
	MaxLine int // bytes of one request, after decompression; 0 is DefaultMaxLine
}

// damaged is what is wrong with compressed data that can't be read to its end.
const damaged = "compressed data that breaks off or is damaged"

// Read reads the inputs one after the other and writes their spans to the sink.
// Text that can't be read is counted in Stats and passed over. An input that
// was named by the user and holds no request at all is an error, and so are
// failures to read and to write; Stats then tell how far it came.
func Read(ctx context.Context, in []Input, sink ingest.Sink, opt Options) (Stats, error) {
	r := reader{
		maxLine: cmp.Or(opt.MaxLine, DefaultMaxLine),
		out:     batcher{sink: sink},
	}
	err := r.readAll(ctx, in)
	r.stats.Spans = r.out.written
	return r.stats, err
}

type reader struct {
	maxLine int
	out     batcher
	stats   Stats
}

func (r *reader) readAll(ctx context.Context, in []Input) error {
	for _, input := range in {
		if err := r.read(ctx, input); err != nil {
			return err
		}
	}
	return r.out.flush(ctx)
}

func (r *reader) read(ctx context.Context, in Input) error {
	stream, err := in.Open()
	if err != nil {
		if in.Found {
			r.stats.Skipped = append(r.stats.Skipped, err.Error())
			return nil
		}
		return err
	}
	defer stream.Close()
	f := input{reader: r, name: in.Name}
	if err := f.read(ctx, stream); err != nil {
		return err
	}
	switch {
	case f.requests > 0 || len(f.notes) == 0 && !in.Found:
		r.stats.Files++
		r.stats.Lines += f.lines
		r.stats.Bytes += f.bytes
		f.notes.merge(&r.stats.Malformed)
	case in.Found:
		r.stats.Skipped = append(r.stats.Skipped, in.Name+": "+f.notes.first())
	default:
		return fmt.Errorf("%s holds no OTLP trace data: %s", in.Name, f.notes.first())
	}
	return nil
}

// input is one stream on its way.
type input struct {
	*reader
	name         string
	requests     int64
	lines, bytes int64
	notes        notes
}

func (f *input) read(ctx context.Context, stream io.Reader) error {
	src := &source{Reader: stream}
	plain, closeDecoder, err := decompress(src)
	if err != nil {
		return f.breakOff(src, err)
	}
	defer closeDecoder()
	s := &splitter{r: plain, max: f.maxLine}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := s.next()
		f.lines, f.bytes = s.lines(), s.bytes
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return f.breakOff(src, err)
		case p.trouble != "":
			f.notes.add(1, p.trouble, f.place(p.line), "")
		default:
			if err := f.readRequest(ctx, p); err != nil {
				return err
			}
		}
	}
}

// breakOff ends an input that can't be read further. What was read is kept where
// the data are at fault; where reading itself is, that is an error.
func (f *input) breakOff(src *source, err error) error {
	if src.err != nil {
		return fmt.Errorf("read %s: %w", f.name, src.err)
	}
	f.notes.add(1, damaged, f.place(max(f.lines, 1)), brief(err))
	return nil
}

func (f *input) readRequest(ctx context.Context, p piece) error {
	batch, err := wire.NewBatchJSON(p.object)
	if err != nil {
		f.notes.add(1, "unreadable OTLP JSON", f.place(p.line), brief(err))
		return nil
	}
	if len(batch.Spans) == 0 && len(batch.Refused) == 0 {
		if what, detail := otherThanTraces(p.object); what != "" {
			f.notes.add(1, what, f.place(p.line), detail)
			return nil
		}
	}
	f.requests++
	for _, reason := range slices.Sorted(maps.Keys(batch.Refused)) {
		f.notes.add(int64(batch.Refused[reason]), "span with "+string(reason), f.place(p.line), "")
	}
	return f.out.add(ctx, batch)
}

func (f *input) place(line int64) string { return fmt.Sprintf("%s:%d", f.name, line) }

// brief is the error's text on one line of bounded length: decoders quote
// their input in it.
func brief(err error) string {
	const limit = 200
	text := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "\uFFFD")), " ")
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "..."
	}
	return text
}
