package otlp

import (
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc/encoding"
)

// unpackedAtOnce is how many gRPC messages are decompressed at a time. They have
// come completely, so that none waits for its sender; what they unpack to is
// bounded by that.
const unpackedAtOnce = 4

// maxWindow bounds what zstd asks its readers to remember.
const maxWindow = 32 << 20

// compression is a Content-Encoding or grpc-encoding.
type compression struct {
	name   string
	unpack func(io.Reader) (io.ReadCloser, error)
	pack   func(io.Writer) (io.WriteCloser, error)
}

var compressions = []compression{
	{"gzip", unpackGzip, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestSpeed) }},
	{"zstd", unpackZstd, func(w io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(zstd.MinWindowSize))
	}},
}

var gzipReaders, zstdReaders sync.Pool

// pooled gives its reader back when it is closed.
type pooled struct {
	io.Reader
	free func()
}

func (p pooled) Close() error { p.free(); return nil }

func unpackGzip(r io.Reader) (io.ReadCloser, error) {
	z, ok := gzipReaders.Get().(*gzip.Reader)
	if !ok {
		z = new(gzip.Reader)
	}
	if err := z.Reset(r); err != nil {
		gzipReaders.Put(z)
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return pooled{z, func() { gzipReaders.Put(z) }}, nil
}

func unpackZstd(r io.Reader) (io.ReadCloser, error) {
	z, ok := zstdReaders.Get().(*zstd.Decoder)
	if !ok {
		var err error
		z, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
	}
	free := func() {
		_ = z.Reset(nil) // lets go of r; a decoder that can't is still whole
		zstdReaders.Put(z)
	}
	if err := z.Reset(r); err != nil {
		free()
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return pooled{z, free}, nil
}

var unpacking = make(chan struct{}, unpackedAtOnce)

// Name implements encoding.Compressor.
func (c compression) Name() string { return c.name }

// Compress implements encoding.Compressor: an answer is packed as its request.
func (c compression) Compress(w io.Writer) (io.WriteCloser, error) { return c.pack(w) }

// Decompress implements encoding.Compressor. gRPC closes what it gives.
func (c compression) Decompress(r io.Reader) (io.Reader, error) {
	unpacking <- struct{}{}
	plain, err := c.unpack(r)
	if err != nil {
		<-unpacking
		return nil, err
	}
	return pooled{plain, func() {
		_ = plain.Close() // never fails
		<-unpacking
	}}, nil
}

//nolint:gochecknoinits // gRPC takes compressors from init alone; they are the process's, not a server's
func init() {
	for _, c := range compressions {
		encoding.RegisterCompressor(c)
	}
}
