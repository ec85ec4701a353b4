package column

import (
	"encoding/binary"

	"headwater/graph/trace"
)

// idTable numbers different trace ids by their first occurrence. Ids are random
// for the most part; the mixing is for those that are not.
type idTable struct {
	index
	ids []trace.TraceID
}

func (t *idTable) reset() {
	t.index.reset()
	t.ids = t.ids[:0]
}

func (t *idTable) len() int { return len(t.ids) }

func mix(v uint64) uint64 {
	v ^= v >> 32
	v *= 0x9e3779b97f4a7c15
	return v ^ v>>29
}

func hashTrace(id *trace.TraceID) uint64 {
	return mix(binary.LittleEndian.Uint64(id[:8])*3+binary.LittleEndian.Uint64(id[8:])) * 0x9e3779b97f4a7c15
}

func hashSpan(id *trace.SpanID) uint64 {
	return mix(binary.LittleEndian.Uint64(id[:])) * 0x9e3779b97f4a7c15
}

func (t *idTable) number(id trace.TraceID) (n int, isNew bool) {
	if t.grown() {
		for i := range t.ids {
			t.put(i)
		}
	}
	mask := uint64(len(t.slots) - 1)
	for at := hashTrace(&id) >> t.shift; ; at = (at + 1) & mask {
		slot := t.slots[at]
		if slot == 0 {
			t.ids = append(t.ids, id)
			t.put(len(t.ids) - 1)
			return len(t.ids) - 1, true
		}
		if t.ids[slot-1] == id {
			return int(slot - 1), false
		}
	}
}

func (t *idTable) put(i int) {
	mask := uint64(len(t.slots) - 1)
	at := hashTrace(&t.ids[i]) >> t.shift
	for t.slots[at] != 0 {
		at = (at + 1) & mask
	}
	t.slots[at] = uint32(i + 1)
	t.n++
}

// spanTable finds the first row of a span id.
type spanTable struct {
	index
	ids []trace.SpanID // by row
}

func (t *spanTable) reset() {
	t.index.reset()
	t.ids = t.ids[:0]
}

// add enters the next row.
func (t *spanTable) add(id trace.SpanID, row int) {
	t.ids = append(t.ids, id)
	if t.grown() {
		for i := range row {
			t.put(i)
		}
	}
	t.put(row)
}

func (t *spanTable) put(row int) {
	mask := uint64(len(t.slots) - 1)
	at := hashSpan(&t.ids[row]) >> t.shift
	for t.slots[at] != 0 {
		if t.ids[t.slots[at]-1] == t.ids[row] {
			return
		}
		at = (at + 1) & mask
	}
	t.slots[at] = uint32(row + 1)
	t.n++
}

func (t *spanTable) find(id trace.SpanID) (row int, ok bool) {
	mask := uint64(len(t.slots) - 1)
	for at := hashSpan(&id) >> t.shift; t.slots[at] != 0; at = (at + 1) & mask {
		if row := t.slots[at] - 1; t.ids[row] == id {
			return int(row), true
		}
	}
	return 0, false
}
