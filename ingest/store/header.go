package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"time"

	"headwater/graph/trace"
)

// slotLength is the grain, in nanoseconds, in which a header tells where the
// spans of its block start.
const slotLength = int64(10 * time.Second)

// lastTime bounds the times that windows are made for: from 1970 to this, in
// the year 2116. Spans that start elsewhere are kept, and are in no window.
const lastTime = int64(1) << 62

// header says what is in a block without its spans being read.
type header struct {
	Written  int64 // wall clock at the write, Unix nanoseconds
	Mark     int64 // event time of the store at the write, Unix nanoseconds
	MinStart int64 // of the spans, Unix nanoseconds
	MaxStart int64
	MaxEnd   int64
	Spans    uint32
	Size     uint32   // bytes of the block
	slots    []int32  // start / slotLength of the spans, each once, ascending
	services []uint32 // fingerprints of the services, each once, ascending
	traces   []uint32 // fingerprints of the trace ids, each once, ascending
}

// summarize makes the header of the spans, of which there is at least one.
// Written, Mark and Size are left to the caller.
func summarize(lists ...[]trace.Span) header {
	var h header
	var lastSlot int32 = -1
	var last *trace.Resource
	var lastTrace trace.TraceID
	for _, spans := range lists {
		for i := range spans {
			s := &spans[i]
			if h.Spans == 0 {
				h.MinStart, h.MaxStart, h.MaxEnd = s.Start, s.Start, s.End
			}
			h.MinStart, h.MaxStart, h.MaxEnd = min(h.MinStart, s.Start), max(h.MaxStart, s.Start), max(h.MaxEnd, s.End)
			if timely(s.Start) {
				if slot := int32(s.Start / slotLength); slot != lastSlot {
					h.slots, lastSlot = append(h.slots, slot), slot
				}
			}
			if h.Spans == 0 || s.Resource != last {
				last = s.Resource
				h.services = append(h.services, servicePrint(last))
			}
			if h.Spans == 0 || s.TraceID != lastTrace {
				lastTrace = s.TraceID
				h.traces = append(h.traces, fingerprint(lastTrace))
			}
			h.Spans++
		}
	}
	h.slots, h.services, h.traces = ascending(h.slots), ascending(h.services), ascending(h.traces)
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

// servicePrint stands for a service by its name.
func servicePrint(r *trace.Resource) uint32 {
	if r == nil {
		return 0
	}
	return namePrint(r.Service)
}

func namePrint(service string) uint32 { return crc32.Checksum([]byte(service), castagnoli) }

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

// of reports whether the block may hold a span of the service with this
// fingerprint.
func (h *header) of(service uint32) bool {
	_, ok := slices.BinarySearch(h.services, service)
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

var errHeader = errors.New("header is damaged")

// appendHeader writes all of a header but for its traces.
func appendHeader(b []byte, h *header) []byte {
	start := len(b)
	for _, v := range []int64{h.Written, h.Mark, h.MinStart, h.MaxStart, h.MaxEnd} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	for _, v := range []uint32{h.Spans, h.Size, uint32(len(h.slots)), uint32(len(h.services))} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	for _, v := range h.slots {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	for _, v := range h.services {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// headerFixed is the size of the part of a header that is always there.
const headerFixed = 5*8 + 4*4

// decodeHeader reads a header from the start of b and gives its size.
func decodeHeader(b []byte) (h header, size int, err error) {
	if len(b) < headerFixed+4 {
		return header{}, 0, errHeader
	}
	for i, v := range []*int64{&h.Written, &h.Mark, &h.MinStart, &h.MaxStart, &h.MaxEnd} {
		*v = int64(binary.LittleEndian.Uint64(b[8*i:]))
	}
	var slots, services uint32
	for i, v := range []*uint32{&h.Spans, &h.Size, &slots, &services} {
		*v = binary.LittleEndian.Uint32(b[40+4*i:])
	}
	end := headerFixed + 4*(uint64(slots)+uint64(services))
	if end+4 > uint64(len(b)) || crc32.Checksum(b[:end], castagnoli) != binary.LittleEndian.Uint32(b[end:]) {
		return header{}, 0, errHeader
	}
	rest := b[headerFixed:]
	h.slots, h.services = make([]int32, slots), make([]uint32, services)
	for i := range h.slots {
		h.slots[i] = int32(binary.LittleEndian.Uint32(rest[4*i:]))
	}
	rest = rest[4*slots:]
	for i := range h.services {
		h.services[i] = binary.LittleEndian.Uint32(rest[4*i:])
	}
	return h, int(end) + 4, nil
}
