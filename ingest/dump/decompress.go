package dump

import (
	"bufio"
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that a zstd stream may ask for: the window that
// the zstd tool's --long option uses.
const maxWindow = 128 << 20

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
	utf8Mark  = []byte{0xef, 0xbb, 0xbf}
)

// source remembers why reading itself failed, to tell a bad disk from bad data,
// and tells how many bytes were read.
type source struct {
	io.Reader
	err    error
	bytes  int64
	onRead func(bytes int64)
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.bytes += int64(n)
	s.onRead(s.bytes)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// decompress tells by the first bytes whether r is compressed. The close
// function frees the decoder, not r.
func decompress(r io.Reader) (*bufio.Reader, func(), error) {
	plain := bufio.NewReaderSize(r, bufferSize)
	closer := func() {}
	switch {
	case startsWith(plain, gzipMagic):
		unzipped, err := gzip.NewReader(plain)
		if err != nil {
			return nil, nil, err
		}
		plain = bufio.NewReaderSize(unzipped, bufferSize)
	case startsWith(plain, zstdMagic):
		decoder, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		closer = decoder.Close
		plain = bufio.NewReaderSize(decoder, bufferSize)
	}
	if startsWith(plain, utf8Mark) {
		_, _ = plain.Discard(len(utf8Mark)) // they are in the buffer
	}
	return plain, closer, nil
}

func startsWith(r *bufio.Reader, magic []byte) bool {
	first, _ := r.Peek(len(magic))
	return bytes.Equal(first, magic)
}
