package otlp

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"golang.org/x/sync/semaphore"
)

var (
	errEncoding = errors.New("Content-Encoding must be gzip, zstd or identity")
	errTooLarge = errors.New("body is too large")
)

// firstRoom is what is reserved for a body before any of it has come.
const firstRoom = 16 << 10

// body is a request's body. It grows with what comes, not with what is
// announced, and takes only memory that it got from room.
type body struct {
	room *semaphore.Weighted
	most int64 // bytes, before and after decompression

	bytes    []byte
	received int // bytes before decompression
	reserved int64
}

// release gives the room back.
func (b *body) release() { b.room.Release(b.reserved) }

// read reads all of from, and decompresses it. The error is one of errEncoding,
// errTooLarge, errNoRoom, or says what is wrong with the body.
func (b *body) read(from io.Reader, contentEncoding string) error {
	packed, err := compressionOf(contentEncoding)
	if err != nil {
		return err
	}
	counted := &counter{Reader: from}
	plain := io.Reader(counted)
	if packed != nil {
		unpacked, err := packed.unpack(counted)
		if err != nil {
			return b.explain(err)
		}
		defer unpacked.Close()
		plain = unpacked
	}
	err = b.fill(plain)
	b.received = counted.n
	return b.explain(err)
}

func (b *body) explain(err error) error {
	var limit *http.MaxBytesError
	switch {
	case err == nil || errors.Is(err, errNoRoom):
		return err
	case errors.As(err, &limit) || errors.Is(err, errTooLarge):
		return fmt.Errorf("%w: more than %d bytes after decompression", errTooLarge, b.most)
	}
	return fmt.Errorf("read body: %w", err)
}

func (b *body) fill(from io.Reader) error {
	for {
		if len(b.bytes) == cap(b.bytes) {
			if err := b.grow(); err != nil {
				return err
			}
		}
		n, err := from.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case int64(len(b.bytes)) > b.most:
			return errTooLarge
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// grow doubles the room, to at most one byte more than is taken.
func (b *body) grow() error {
	size := min(max(firstRoom, 2*int64(cap(b.bytes))), b.most+1)
	if !b.room.TryAcquire(size - b.reserved) {
		return errNoRoom
	}
	b.reserved = size
	larger := make([]byte, len(b.bytes), size)
	copy(larger, b.bytes)
	b.bytes = larger
	return nil
}

// counter counts what is read.
type counter struct {
	io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}
