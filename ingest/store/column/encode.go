package column

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"

	"headwater/graph/trace"
)

// MaxSpans is how many spans a block may hold.
const MaxSpans = 4096

// version is the first byte of a block.
const version = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrTooMany is the error for more than MaxSpans spans.
var ErrTooMany = errors.New("too many spans for a block")

// Encoder encodes blocks, one at a time. It keeps its tables for the next one,
// a few megabytes. It is not safe for concurrent use.
type Encoder struct {
	zstd *zstd.Encoder

	resources, scopes texts
	traces            idTable
	rows              spanTable
	attrs             attrTable
	names             column
	states, messages  column
	shapeOfName       []int32 // the last shape of spans with that name

	runs, traceRefs, parentRefs               []byte
	kinds, statuses, starts, durations, flags []byte
	shapeRefs, rare, events, links            []byte
	traceIDs, spanIDs, parentIDs              []byte
	room, payload                             []byte
	lastRare                                  int
	lastResource                              *trace.Resource
	lastScope                                 *trace.Scope
	resource, scope                           uint32
	haveLast                                  bool
}

// NewEncoder makes an Encoder. Close frees it.
func NewEncoder() (*Encoder, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return &Encoder{zstd: enc}, nil
}

// Close frees what the Encoder holds.
func (e *Encoder) Close() error { return e.zstd.Close() }

func (e *Encoder) reset() {
	e.resources.reset()
	e.scopes.reset()
	e.traces.reset()
	e.rows.reset()
	e.attrs.reset()
	e.names.reset("", trace.ValueString)
	e.states.reset("", trace.ValueString)
	e.messages.reset("", trace.ValueString)
	e.shapeOfName = e.shapeOfName[:0]
	for _, s := range []*[]byte{
		&e.runs, &e.traceRefs, &e.parentRefs, &e.kinds, &e.statuses, &e.starts, &e.durations, &e.flags,
		&e.shapeRefs, &e.rare, &e.events, &e.links, &e.traceIDs, &e.spanIDs, &e.parentIDs, &e.payload,
	} {
		*s = (*s)[:0]
	}
	e.lastRare, e.haveLast, e.lastResource, e.lastScope = 0, false, nil, nil
}

// Append encodes the spans of the lists, in their order, as one block and
// appends it to b. There must be at least one span.
func (e *Encoder) Append(b []byte, lists ...[]trace.Span) ([]byte, error) {
	n := 0
	for _, spans := range lists {
		n += len(spans)
	}
	if n == 0 || n > MaxSpans {
		return nil, fmt.Errorf("%d spans: %w", n, ErrTooMany)
	}
	e.reset()
	defer e.reset() // lets go of the spans
	row := 0
	for _, spans := range lists {
		for i := range spans {
			e.rows.add(spans[i].SpanID, row)
			row++
		}
	}
	row, run, last := 0, 0, int64(0)
	for _, spans := range lists {
		for i := range spans {
			s := &spans[i]
			if e.changes(s) {
				e.endRun(run)
				run = 0
				e.begin(s)
			}
			run++
			e.span(s, row, last)
			last = s.Start
			row++
		}
	}
	e.endRun(run)
	return e.finish(b, n), nil
}

func (e *Encoder) changes(s *trace.Span) bool {
	return !e.haveLast || s.Resource != e.lastResource || s.Scope != e.lastScope
}

// begin notes whose spans come next. Numbers of resources and scopes begin at
// 1; 0 is none.
func (e *Encoder) begin(s *trace.Span) {
	if e.resource = 0; s.Resource != nil {
		e.room = appendText(e.room[:0], s.Resource.SchemaURL)
		e.room = appendUint(e.room, uint64(s.Resource.DroppedAttrs))
		e.room = appendAttrs(e.room, s.Resource.Attrs)
		n, _ := e.resources.number(string(e.room))
		e.resource = n + 1
	}
	if e.scope = 0; s.Scope != nil {
		e.room = appendText(e.room[:0], s.Scope.Name)
		e.room = appendText(e.room, s.Scope.Version)
		e.room = appendText(e.room, s.Scope.SchemaURL)
		e.room = appendUint(e.room, uint64(s.Scope.DroppedAttrs))
		e.room = appendAttrs(e.room, s.Scope.Attrs)
		n, _ := e.scopes.number(string(e.room))
		e.scope = n + 1
	}
	e.lastResource, e.lastScope, e.haveLast = s.Resource, s.Scope, true
}

func (e *Encoder) endRun(n int) {
	if n > 0 {
		e.runs = appendUint(e.runs, uint64(n))
		e.runs = appendUint(e.runs, uint64(e.resource))
		e.runs = appendUint(e.runs, uint64(e.scope))
	}
}

func (e *Encoder) span(s *trace.Span, row int, last int64) {
	if n, isNew := e.traces.number(s.TraceID); isNew {
		e.traceRefs = append(e.traceRefs, 0)
		e.traceIDs = append(e.traceIDs, s.TraceID[:]...)
	} else { // the newest is 1
		e.traceRefs = appendUint(e.traceRefs, uint64(e.traces.len()-n))
	}
	e.spanIDs = append(e.spanIDs, s.SpanID[:]...)
	e.parent(s.Parent, row)

	name := int(e.names.text(s.Name))
	for len(e.shapeOfName) <= name {
		e.shapeOfName = append(e.shapeOfName, 0)
	}
	e.kinds = append(e.kinds, byte(s.Kind))
	e.statuses = append(e.statuses, byte(s.Status))
	e.starts = appendUint(e.starts, zigzag(s.Start-last))
	e.durations = appendUint(e.durations, zigzag(s.End-s.Start))
	e.flags = appendUint(e.flags, uint64(s.Flags))
	shape := e.attrs.add(s.Attrs, e.shapeOfName[name])
	e.shapeOfName[name] = shape
	e.shapeRefs = appendUint(e.shapeRefs, uint64(shape))
	e.rareFields(s, row)
}

// parent writes 0 for none, 1 for an id that stands in parentIDs, and else 2 +
// the distance to the row of the parent.
func (e *Encoder) parent(id trace.SpanID, row int) {
	switch at, ok := e.rows.find(id); {
	case id.IsZero():
		e.parentRefs = append(e.parentRefs, 0)
	case ok:
		e.parentRefs = appendUint(e.parentRefs, 2+zigzag(int64(at-row)))
	default:
		e.parentRefs = append(e.parentRefs, 1)
		e.parentIDs = append(e.parentIDs, id[:]...)
	}
}

// The parts of a span that most spans lack, as bits.
const (
	hasState = 1 << iota
	hasMessage
	hasDropped
	hasEvents
	hasLinks
)

// rareFields writes what a span has beyond the usual, after the distance from
// the last span that has such.
func (e *Encoder) rareFields(s *trace.Span, row int) {
	var has byte
	if s.TraceState != "" {
		has |= hasState
	}
	if s.StatusMessage != "" {
		has |= hasMessage
	}
	if s.DroppedAttrs|s.DroppedEvents|s.DroppedLinks != 0 {
		has |= hasDropped
	}
	if len(s.Events) > 0 {
		has |= hasEvents
	}
	if len(s.Links) > 0 {
		has |= hasLinks
	}
	if has == 0 {
		return
	}
	e.rare = appendUint(e.rare, uint64(row-e.lastRare))
	e.rare = append(e.rare, has)
	e.lastRare = row
	if has&hasState != 0 {
		e.states.text(s.TraceState)
	}
	if has&hasMessage != 0 {
		e.messages.text(s.StatusMessage)
	}
	if has&hasDropped != 0 {
		for _, n := range []uint32{s.DroppedAttrs, s.DroppedEvents, s.DroppedLinks} {
			e.rare = appendUint(e.rare, uint64(n))
		}
	}
	if has&hasEvents != 0 {
		e.addEvents(s)
	}
	if has&hasLinks != 0 {
		e.addLinks(s)
	}
}

func (e *Encoder) addEvents(s *trace.Span) {
	e.events = appendUint(e.events, uint64(len(s.Events)))
	for i := range s.Events {
		ev := &s.Events[i]
		e.events = appendUint(e.events, zigzag(ev.Time-s.End))
		e.events = appendUint(e.events, uint64(ev.DroppedAttrs))
		e.events = appendUint(e.events, uint64(e.attrs.add(ev.Attrs, 0)))
		e.names.text(ev.Name)
	}
}

func (e *Encoder) addLinks(s *trace.Span) {
	e.links = appendUint(e.links, uint64(len(s.Links)))
	for i := range s.Links {
		l := &s.Links[i]
		e.links = append(e.links, l.TraceID[:]...)
		e.links = append(e.links, l.SpanID[:]...)
		e.links = appendUint(e.links, uint64(l.Flags))
		e.links = appendUint(e.links, uint64(l.DroppedAttrs))
		e.links = appendUint(e.links, uint64(e.attrs.add(l.Attrs, 0)))
		e.states.text(l.TraceState)
	}
}

// finish puts the block together: ids as they are, and the rest compressed.
func (e *Encoder) finish(b []byte, n int) []byte {
	p := e.payload
	for _, t := range []*texts{&e.resources, &e.scopes} {
		p = appendUint(p, uint64(t.len()))
		for _, v := range t.values {
			p = appendText(p, v)
		}
	}
	for _, s := range [][]byte{
		e.runs, e.kinds, e.statuses, e.flags, e.shapeRefs, e.traceRefs, e.parentRefs,
		e.starts, e.durations, e.rare, e.events, e.links,
	} {
		p = appendSection(p, s)
	}
	for _, c := range []*column{&e.names, &e.states, &e.messages} {
		p = c.append(p)
	}
	p = e.attrs.append(p)
	e.payload = p

	start := len(b)
	b = append(b, version)
	b = appendUint(b, uint64(n))
	b = appendSection(b, e.traceIDs)
	b = append(b, e.spanIDs...)
	b = appendSection(b, e.parentIDs)
	b = appendUint(b, uint64(len(p)))
	b = e.zstd.EncodeAll(p, b)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}
