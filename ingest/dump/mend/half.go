package mend

import "headwater/graph/trace"

// maxHalves bounds how many trace ids are remembered; of at least half as many
// of the latest the left half is known.
const maxHalves = 1 << 17

// Complete gives the id of a trace that is known by its right half. Tools that
// pass on 64 bits of an id write the left half on some of a trace's spans only:
// what was given first, or that there was none, holds for all of them.
func (m *Mender) Complete(right trace.SpanID, left [8]byte) (id trace.TraceID) {
	if len(m.halves) >= maxHalves/2 {
		m.olderHalves, m.halves = m.halves, nil
	}
	if m.halves == nil {
		m.halves = map[trace.SpanID][8]byte{}
	}
	if known, ok := m.halves[right]; ok {
		left = known
	} else if known, ok := m.olderHalves[right]; ok {
		left = known
	}
	m.halves[right] = left
	copy(id[:8], left[:])
	copy(id[8:], right[:])
	return id
}
