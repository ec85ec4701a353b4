package dump

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"

	"headwater/ingest/wire"
)

const badMessage = "unreadable OTLP protobuf"

// readPrefixed reads messages with their length before them.
func (f *input) readPrefixed(ctx context.Context, src *source, r *bufio.Reader) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := f.bytes
		head := make([]byte, prefixSize)
		n, err := io.ReadFull(r, head)
		f.bytes += int64(n)
		if n == 0 && errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return f.breakOff(src, err)
		}
		size := prefixOf(head)
		if size > int64(f.maxLine) {
			if n, err := io.CopyN(io.Discard, r, size); err != nil {
				f.bytes += n
				return f.breakOff(src, err)
			}
			f.bytes += size
			f.notes.add(1, tooLong, f.at(at), "")
			continue
		}
		message, err := f.take(r, size)
		if err != nil {
			return f.breakOff(src, err)
		}
		if err := f.message(ctx, message, at); err != nil {
			return err
		}
	}
}

// takeAtOnce is for how many bytes memory is taken before they are there.
const takeAtOnce = 1 << 20

// messages are what messages were read into, to be used again.
var messages = sync.Pool{New: func() any { return new([]byte) }}

// take reads so many bytes; memory grows with what is there, not with what was
// announced.
func (f *input) take(r io.Reader, size int64) ([]byte, error) {
	b := (*messages.Get().(*[]byte))[:0]
	for int64(len(b)) < size {
		had := len(b)
		b = slices.Grow(b, int(min(size-int64(had), max(takeAtOnce, int64(had)))))
		n, err := io.ReadFull(r, b[had:int(min(size, int64(cap(b))))])
		b = b[:had+n]
		f.bytes += int64(n)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

// message reads one message of the file exporter: packed or not, protobuf or
// JSON.
func (f *input) message(ctx context.Context, message []byte, at int64) error {
	if packed(message) {
		plain, closeDecoder, err := decompress(bytes.NewReader(message))
		if err == nil {
			message, err = io.ReadAll(io.LimitReader(plain, int64(f.maxLine)+1))
			closeDecoder()
		}
		if err != nil {
			f.notes.add(1, damaged, f.at(at), brief(err))
			return nil
		}
		if len(message) > f.maxLine {
			f.notes.add(1, tooLong, f.at(at), "")
			return nil
		}
	}
	if len(message) > 0 && message[0] == '{' {
		f.requests++
		return f.readRequest(ctx, message, false, f.at(at))
	}
	return f.readProtobuf(ctx, message, f.at(at))
}

func packed(b []byte) bool { return bytes.HasPrefix(b, zstdMagic) || bytes.HasPrefix(b, gzipMagic) }

// readMessage reads OTLP's message without holding all of it: what belongs to
// one resource at a time.
func (f *input) readMessage(ctx context.Context, src *source, r *bufio.Reader) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := f.bytes
		head, _ := r.Peek(2 * maxVarint)
		if len(head) == 0 {
			if _, err := r.Peek(1); !errors.Is(err, io.EOF) {
				return f.breakOff(src, err)
			}
			return nil
		}
		num, typ, n := protowire.ConsumeTag(head)
		var size uint64
		m := -1
		if n > 0 && typ == protowire.BytesType {
			size, m = protowire.ConsumeVarint(head[n:])
		}
		if m < 0 {
			f.notes.add(1, badMessage, f.at(at), "no field of a request for traces where one was expected; nothing after it is read")
			return nil
		}
		if num != 1 || size > uint64(f.maxLine) {
			skipped, err := io.CopyN(io.Discard, r, int64(n+m)+int64(min(size, 1<<62)))
			f.bytes += skipped
			if err != nil {
				return f.breakOff(src, err)
			}
			if num == 1 {
				f.notes.add(1, tooLong, f.at(at), "")
			}
			continue
		}
		field, err := f.take(r, int64(n+m)+int64(size))
		if err != nil {
			return f.breakOff(src, err)
		}
		if err := f.readProtobuf(ctx, field, f.at(at)); err != nil {
			return err
		}
	}
}

const maxVarint = 10

// readProtobuf takes the request over: it is used again once its spans are not.
func (f *input) readProtobuf(ctx context.Context, request []byte, place string) error {
	batch, err := wire.NewBatch(request)
	if err != nil {
		f.notes.add(1, badMessage, place, brief(err))
		return nil
	}
	free := batch.Free
	batch.Free = func() {
		free()
		if cap(request) <= takeAtOnce {
			messages.Put(&request)
		}
	}
	f.requests++
	return f.keep(ctx, batch, place)
}

// at names a place in a stream that has no lines.
func (f *input) at(offset int64) string { return fmt.Sprintf("%s, byte %d", f.name, offset) }
