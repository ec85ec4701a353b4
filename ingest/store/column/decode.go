package column

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"

	"headwater/graph/trace"
)

// maxPayload bounds what a block may hold, decompressed.
const maxPayload = 512 << 20

// Decoder decodes blocks. It is safe for concurrent use.
type Decoder struct{ zstd *zstd.Decoder }

// NewDecoder makes a Decoder. Close frees it.
func NewDecoder() (*Decoder, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPayload), zstd.WithDecoderConcurrency(2), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return &Decoder{dec}, nil
}

// Close frees what the Decoder holds.
func (d *Decoder) Close() { d.zstd.Close() }

// front is what stands before the compressed part. Its slices alias the block.
type front struct {
	spans     int
	traceIDs  []byte
	spanIDs   []byte
	parentIDs []byte
	size      uint64 // of the payload
	rest      []byte
}

func readFront(b []byte) (front, error) {
	var f front
	if len(b) < 5 { // Badger gives nothing where its own checksum differs
		return f, fmt.Errorf("%d bytes could be read: %w", len(b), errDamaged)
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if body[0] != version {
		return f, fmt.Errorf("block of version %d: %w", body[0], errDamaged)
	}
	if crc32.Checksum(body, castagnoli) != sum {
		return f, fmt.Errorf("checksum differs: %w", errDamaged)
	}
	c := cursor{buf: body[1:]}
	f.spans = c.below(MaxSpans + 1)
	f.traceIDs = c.section().buf
	f.spanIDs = c.take(uint64(8 * f.spans))
	f.parentIDs = c.section().buf
	f.size = c.uint()
	f.rest = c.buf
	if c.bad || f.spans == 0 || len(f.traceIDs)%16 != 0 || len(f.traceIDs) == 0 || len(f.parentIDs)%8 != 0 || f.size > maxPayload {
		return f, errDamaged
	}
	return f, nil
}

// TraceIDs gives the ids of the traces in a block, each once.
func TraceIDs(b []byte) ([]trace.TraceID, error) {
	f, err := readFront(b)
	if err != nil {
		return nil, err
	}
	ids := make([]trace.TraceID, len(f.traceIDs)/16)
	for i := range ids {
		ids[i] = trace.TraceID(f.traceIDs[16*i:])
	}
	return ids, nil
}

// Decode gives the spans of a block; with want, those of the traces that it
// asks for, and then it reads no more than it must. The spans do not alias the
// block, but the slices and strings of all stand together in a few large pieces
// of memory.
func (d *Decoder) Decode(b []byte, want func(trace.TraceID) bool) ([]trace.Span, error) {
	return d.DecodeIn(nil, b, want)
}

// DecodeIn is Decode into a room: the spans are good until that is used again.
func (d *Decoder) DecodeIn(room *Room, b []byte, want func(trace.TraceID) bool) ([]trace.Span, error) {
	f, err := readFront(b)
	if err != nil {
		return nil, err
	}
	var wanted []bool
	if want != nil {
		if wanted = f.wanted(want); wanted == nil {
			return nil, nil
		}
	}
	p, err := d.payload(&f, room)
	if err != nil {
		return nil, err
	}
	r := newBlockReader(&f, p)
	r.room = room
	r.attrs.room = room
	spans := r.spans(wanted, nil)
	room.keepSpans(spans)
	if want == nil && !r.done() || want != nil && !r.intact() {
		return nil, errDamaged
	}
	return spans, nil
}

// DecodeLinked is DecodeIn of all spans where some have links; else there are none.
func (d *Decoder) DecodeLinked(room *Room, b []byte) ([]trace.Span, error) {
	f, err := readFront(b)
	if err != nil {
		return nil, err
	}
	p, err := d.payload(&f, room)
	if err != nil {
		return nil, err
	}
	r := newBlockReader(&f, p)
	if len(r.links.buf) == 0 {
		return nil, nil
	}
	r.room, r.attrs.room = room, room
	spans := r.spans(nil, nil)
	room.keepSpans(spans)
	if !r.done() {
		return nil, errDamaged
	}
	return spans, nil
}

// payload decompresses what stands behind the front.
func (d *Decoder) payload(f *front, room *Room) ([]byte, error) {
	p, err := d.zstd.DecodeAll(f.rest, room.takeBytes(int(min(f.size, uint64(64*len(f.rest)+1024)))))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	room.keepBytes(p)
	if uint64(len(p)) != f.size {
		return nil, errDamaged
	}
	return p, nil
}

// wanted tells which traces are; nil where none is.
func (f *front) wanted(want func(trace.TraceID) bool) (out []bool) {
	for i := range len(f.traceIDs) / 16 {
		if want(trace.TraceID(f.traceIDs[16*i:])) {
			if out == nil {
				out = make([]bool, len(f.traceIDs)/16)
			}
			out[i] = true
		}
	}
	return out
}

// blockReader reads what Encoder wrote.
type blockReader struct {
	front
	ids       []trace.TraceID
	resources []*trace.Resource
	scopes    []*trace.Scope

	runs, kinds, statuses, flags, shapeRefs, traceRefs, parentRefs cursor
	starts, durations, rare, events, links                         cursor
	parents                                                        cursor

	names, states, messages columnReader
	attrs                   attrReader
	payload                 cursor
	room                    *Room
	newTraces               int
	bad                     bool
}

func newBlockReader(f *front, p []byte) *blockReader {
	r := &blockReader{front: *f, payload: cursor{buf: p}, parents: cursor{buf: f.parentIDs}}
	c := &r.payload
	r.resources, r.scopes = readResources(c), readScopes(c)
	for _, s := range []*cursor{
		&r.runs, &r.kinds, &r.statuses, &r.flags, &r.shapeRefs, &r.traceRefs, &r.parentRefs,
		&r.starts, &r.durations, &r.rare, &r.events, &r.links,
	} {
		*s = c.section()
	}
	r.names, r.states, r.messages = readColumn(c), readColumn(c), readColumn(c)
	r.attrs = readAttrTable(c)
	r.ids = make([]trace.TraceID, len(f.traceIDs)/16)
	for i := range r.ids {
		r.ids[i] = trace.TraceID(f.traceIDs[16*i:])
	}
	return r
}

// readResources gives the resources by number; 0 is none.
func readResources(c *cursor) []*trace.Resource {
	out := []*trace.Resource{nil}
	for range c.below(len(c.buf) + 1) {
		text := c.section()
		schema, dropped := text.text(), text.uint32()
		resource := trace.NewResource(text.attrs(0))
		resource.SchemaURL, resource.DroppedAttrs = schema, dropped
		out = append(out, resource)
		if c.bad || !text.done() {
			c.fail()
			break
		}
	}
	return out
}

func readScopes(c *cursor) []*trace.Scope {
	out := []*trace.Scope{nil}
	for range c.below(len(c.buf) + 1) {
		text := c.section()
		scope := &trace.Scope{Name: text.text(), Version: text.text(), SchemaURL: text.text(), DroppedAttrs: text.uint32()}
		scope.Attrs = text.attrs(0)
		out = append(out, scope)
		if c.bad || !text.done() {
			c.fail()
			break
		}
	}
	return out
}
