package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"headwater/graph/trace"
	"headwater/ingest/wire"
)

// A block holds at most blockSpans spans in at most blockBytes bytes before
// compression, but for a single span, which may have maxSpanBytes.
const (
	blockSpans   = 4096
	blockBytes   = 16 << 20
	maxSpanBytes = 256 << 20
)

// slotLength is the grain, in nanoseconds, in which a header tells where the
// spans of its block start.
const slotLength = int64(10 * time.Second)

// lastTime bounds the times that windows are made for: from 1970 to this, in
// the year 2116. Spans that start elsewhere are kept, and are in no window.
const lastTime = int64(1) << 62

// header says what is in a block without its spans being read.
type header struct {
	summary
	slots  []int32  // start / slotLength of the spans, each once, ascending
	traces []uint32 // fingerprints of the trace ids, each once, ascending
}

// summary is the fixed part of a header, in the order in which it is written.
type summary struct {
	Written  int64 // wall clock at the write, Unix nanoseconds
	Mark     int64 // event time of the store at the write, Unix nanoseconds
	MinStart int64 // of the spans, Unix nanoseconds
	MaxStart int64
	MaxEnd   int64
	Spans    uint32
	Size     uint32 // bytes of the compressed block
	Slots    uint32 // how many of them follow
	Traces   uint32 // how many fingerprints follow after that
}

// summarize makes the header of the spans, of which there is at least one.
// Written, Mark and Size are left to the caller.
func summarize(spans []trace.Span) header {
	h := header{summary: summary{MinStart: spans[0].Start, MaxStart: spans[0].Start, MaxEnd: spans[0].End, Spans: uint32(len(spans))}}
	for i := range spans {
		s := &spans[i]
		h.MinStart, h.MaxStart, h.MaxEnd = min(h.MinStart, s.Start), max(h.MaxStart, s.Start), max(h.MaxEnd, s.End)
		if timely(s.Start) {
			h.slots = append(h.slots, int32(s.Start/slotLength))
		}
		h.traces = append(h.traces, fingerprint(s.TraceID))
	}
	h.slots, h.traces = ascending(h.slots), ascending(h.traces)
	h.Slots, h.Traces = uint32(len(h.slots)), uint32(len(h.traces))
	return h
}

// timely reports whether a span that starts then is in a window.
func timely(start int64) bool { return start >= 0 && start < lastTime }

// ascending sorts a list and leaves each number once, in no more memory than
// that needs.
func ascending[T int32 | uint32](list []T) []T {
	slices.Sort(list)
	return slices.Clone(slices.Compact(list))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// fingerprint stands for a trace id in headers. Two ids rarely share one.
func fingerprint(id trace.TraceID) uint32 { return crc32.Checksum(id[:], castagnoli) }

// startsWithin reports whether a span of the block may start in [from, to).
func (h *header) startsWithin(from, to int64) bool {
	i, _ := slices.BinarySearch(h.slots, int32(max(0, from)/slotLength))
	return i < len(h.slots) && int64(h.slots[i])*slotLength < to
}

// holds reports whether the block may hold a span of the trace with this
// fingerprint.
func (h *header) holds(print uint32) bool {
	_, ok := slices.BinarySearch(h.traces, print)
	return ok
}

// holdsAny is holds for any of the fingerprints, which are ascending.
func (h *header) holdsAny(prints []uint32) bool {
	ours := h.traces
	for len(ours) > 0 && len(prints) > 0 {
		switch {
		case ours[0] < prints[0]:
			ours = ours[1:]
		case ours[0] > prints[0]:
			prints = prints[1:]
		default:
			return true
		}
	}
	return false
}

func encodeHeader(h *header) ([]byte, error) {
	b := make([]byte, 0, binary.Size(h.summary)+4*len(h.slots)+4*len(h.traces)+4)
	for _, part := range []any{h.summary, h.slots, h.traces} {
		var err error
		if b, err = binary.Append(b, binary.BigEndian, part); err != nil {
			return nil, fmt.Errorf("encode header: %w", err)
		}
	}
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)), nil
}

var errHeader = errors.New("header is damaged")

func decodeHeader(b []byte) (header, error) {
	var h header
	fixed := binary.Size(h.summary)
	if len(b) < fixed+4 {
		return header{}, errHeader
	}
	body, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return header{}, errHeader
	}
	if _, err := binary.Decode(body, binary.BigEndian, &h.summary); err != nil {
		return header{}, fmt.Errorf("%w: %w", errHeader, err)
	}
	if uint64(len(body)-fixed) != 4*(uint64(h.Slots)+uint64(h.Traces)) {
		return header{}, errHeader
	}
	h.slots, h.traces = make([]int32, h.Slots), make([]uint32, h.Traces)
	for _, list := range []any{h.slots, h.traces} {
		n, err := binary.Decode(body[fixed:], binary.BigEndian, list)
		if err != nil {
			return header{}, fmt.Errorf("%w: %w", errHeader, err)
		}
		fixed += n
	}
	return h, nil
}

// codec turns requests into blocks and back. It is safe for concurrent use.
type codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func newCodec() (*codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxSpanBytes))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return &codec{enc, dec}, nil
}

func (c *codec) close() {
	c.enc.Close()
	c.dec.Close()
}

// encode compresses a request, with a checksum.
func (c *codec) encode(request []byte) []byte { return c.enc.EncodeAll(request, nil) }

// decode gives the spans of a block; the bytes are not kept.
func (c *codec) decode(b []byte) ([]trace.Span, error) {
	request, err := c.dec.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	spans, _, err := wire.Decode(request)
	return spans, err
}
