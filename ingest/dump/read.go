package dump

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"headwater/ingest"
	"headwater/ingest/dump/mend"
)

// DefaultMaxLine is the longest request, trace or span in bytes that is read
// when Options does not say.
const DefaultMaxLine = 64 << 20

// Options changes how dumps are read.
type Options struct {
	MaxLine int // bytes of one object, after decompression; 0 is DefaultMaxLine
	// Progress is told now and then how far reading came, and at the end of each
	// input. It may be nil.
	Progress func(Progress)
}

// Progress is how far reading came.
type Progress struct {
	Input string // that is being read
	Bytes int64  // taken from all inputs, as they are: packed, perhaps
	Spans int64
}

// damaged is what is wrong with compressed data that can't be read to its end.
const damaged = "data that breaks off or is damaged"

// Read reads the inputs one after the other and writes their spans to the sink.
// Text that can't be read is counted in Stats and passed over. An input that
// was named by the user and holds no request at all is an error, and so are
// failures to read and to write; Stats then tell how far it came. When ctx ends,
// what was read so far is written before its error is returned.
func Read(ctx context.Context, in []Input, sink ingest.Sink, opt Options) (Stats, error) {
	r := reader{
		maxLine:  cmp.Or(opt.MaxLine, DefaultMaxLine),
		progress: opt.Progress,
		out:      batcher{sink: sink},
	}
	err := r.readAll(ctx, in)
	r.stats.Spans = r.out.written
	return r.stats, err
}

type reader struct {
	maxLine  int
	progress func(Progress)
	taken    int64 // bytes, from all inputs
	out      batcher
	mender   mend.Mender
	stats    Stats
}

func (r *reader) readAll(ctx context.Context, in []Input) error {
	for _, input := range in {
		if err := r.read(ctx, input); err != nil {
			if ctx.Err() != nil {
				return errors.Join(ctx.Err(), r.out.flush(context.WithoutCancel(ctx)))
			}
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
	f := input{reader: r, name: in.Name, before: r.taken}
	err = f.read(ctx, stream)
	f.report()
	if err != nil && ctx.Err() == nil {
		return err
	}
	switch {
	case f.requests > 0 || len(f.notes) == 0 && !in.Found || err != nil:
		r.stats.Files++
		r.stats.Lines += f.lines
		r.stats.Bytes += f.bytes
		f.notes.merge(&r.stats.Malformed)
		f.mended.merge(&r.stats.Mended)
		if f.bytes == 0 && err == nil {
			r.stats.Skipped = append(r.stats.Skipped, in.Name+": empty")
		}
	case in.Found:
		r.stats.Skipped = append(r.stats.Skipped, in.Name+": "+f.notes.first())
	default:
		return fmt.Errorf("%s holds no spans: %s (what is read: %s)", in.Name, f.notes.first(), known)
	}
	return err
}

// input is one stream on its way.
type input struct {
	*reader
	name         string
	before       int64 // bytes taken from the inputs before
	requests     int64
	lines, bytes int64
	notes        notes
	mended       notes
}

// everyBytes is how often progress is reported, in bytes taken.
const everyBytes = 1 << 20

func (f *input) read(ctx context.Context, stream io.Reader) error {
	src := &source{Reader: stream, onRead: func(n int64) {
		if n/everyBytes != (f.taken-f.before)/everyBytes {
			f.taken = f.before + n
			f.report()
		}
		f.taken = f.before + n
	}}
	plain, closeDecoder, err := decompress(src)
	if err != nil {
		return f.breakOff(src, err)
	}
	defer closeDecoder()
	switch shapeOf(plain) {
	case prefixed:
		return f.readPrefixed(ctx, src, plain)
	case protobuf:
		return f.readMessage(ctx, src, plain)
	}
	return f.readText(ctx, src, plain)
}

func (f *input) report() {
	if f.progress != nil {
		f.progress(Progress{Input: f.name, Bytes: f.taken, Spans: f.out.added})
	}
}

func (f *input) readText(ctx context.Context, src *source, plain *bufio.Reader) error {
	s := &splitter{r: plain, max: f.maxLine}
	defer func() { f.requests += s.requests }()
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
			f.notes.add(1, p.trouble, f.place(p), "")
		case p.otlp:
			err = f.readRequest(ctx, p.object, !p.deep, f.place(p))
		default:
			err = f.readObject(ctx, p)
		}
		if err != nil {
			return err
		}
	}
}

// breakOff ends an input that can't be read further. What was read is kept where
// the data are at fault; where reading itself is, that is an error.
func (f *input) breakOff(src *source, err error) error {
	if src.err != nil {
		return fmt.Errorf("read %s: %w", f.name, src.err)
	}
	place := f.at(f.bytes)
	if f.lines > 0 {
		place = fmt.Sprintf("%s:%d", f.name, f.lines)
	}
	f.notes.add(1, damaged, place, brief(err))
	return nil
}

// place names where a piece begins; bytes are counted after decompression.
func (f *input) place(p piece) string {
	return fmt.Sprintf("%s:%d (byte %d)", f.name, p.line, p.offset)
}

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
