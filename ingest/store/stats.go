package store

import (
	"encoding/binary"
	"maps"

	"headwater/graph/trace"
	"headwater/ingest"
)

// The reasons for which senders were told to wait.
const (
	noSpace  = "disk reserve"
	noMemory = "too much waits"
)

// recentSpans is how many spans are remembered to notice that one comes again.
const recentSpans = 1 << 20

// counts is what happened since the store was opened.
type counts struct {
	accepted       int64
	batches        int64
	bytesIn        int64
	late           int64
	duplicates     int64
	damaged        int64
	damagedBuckets int64
	folded         int64
	derived        int64
	refused        map[ingest.Reason]int64
	busy           map[string]int64
	recent         recent
}

// recent remembers about the last million spans, in 8 MiB that it takes when
// the first span comes. It may forget one early; that two spans are taken for
// the same is very unlikely.
type recent struct{ marks []uint64 }

// seen reports whether the span came before, and remembers it.
func (r *recent) seen(s *trace.Span) bool {
	if r.marks == nil {
		r.marks = make([]uint64, recentSpans)
	}
	mark := binary.LittleEndian.Uint64(s.SpanID[:]) ^ binary.LittleEndian.Uint64(s.TraceID[8:])*0x9e3779b97f4a7c15
	mark = (mark ^ mark>>31 ^ uint64(s.Kind)) * 0xff51afd7ed558ccd
	mark |= 1 // never the mark of an empty place
	at := mark >> 44
	if r.marks[at] == mark {
		return true
	}
	r.marks[at] = mark
	return false
}

// Stats is what a Store holds, and what happened to it since it was opened.
type Stats struct {
	Blocks  int
	Spans   int64 // as written: duplicates count
	Bytes   int64 // of the blocks, compressed
	Buckets int

	Accepted   int64 // spans
	Batches    int64
	BytesIn    int64                   // of the batches, as they were sent
	Refused    map[ingest.Reason]int64 // spans that can't be kept, by reason
	Busy       map[string]int64        // spans whose sender was told to wait, by reason
	Late       int64                   // spans that came when their window had been settled
	Duplicates int64                   // spans that came twice, as far as about the last million tell
	Pending    int64                   // bytes that wait to be written now

	Damaged        int64 // blocks that can't be read
	DamagedBuckets int64 // buckets that were put aside
	Windows        int   // settled and kept
	Folded         int64 // windows taken from memory as they settled
	Derived        int64 // windows derived from stored spans
	Outside        int64 // windows not made because they lie too far from the others

	// Oldest and Newest are the first start and the last end of a span, Event is
	// how far nearly all services have come, Settled the end of the newest
	// settled window; all in Unix nanoseconds, 0 without any.
	Oldest, Newest, Event, Settled int64
}

// Stats counts. It works on a closed store too.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Stats{
		Blocks: len(s.index.blocks), Spans: s.index.spans, Bytes: s.index.bytes, Buckets: len(s.buckets),
		Accepted: s.counts.accepted, Batches: s.counts.batches, BytesIn: s.counts.bytesIn,
		Refused: maps.Clone(s.counts.refused), Busy: maps.Clone(s.counts.busy),
		Late: s.counts.late, Duplicates: s.counts.duplicates, Pending: s.pending.waiting(),
		Damaged: s.counts.damaged, DamagedBuckets: s.counts.damagedBuckets,
		Windows: len(s.windows.settled), Folded: s.counts.folded, Derived: s.counts.derived, Outside: s.windows.outside,
		Event: s.clock.event, Settled: s.windows.newestEnd(),
	}
	for i, b := range s.index.blocks {
		if i == 0 {
			st.Oldest, st.Newest = b.MinStart, b.MaxEnd
		}
		st.Oldest, st.Newest = min(st.Oldest, b.MinStart), max(st.Newest, b.MaxEnd)
	}
	return st
}

func (s *Store) countRefused(refused map[ingest.Reason]int) {
	if len(refused) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts.refused == nil {
		s.counts.refused = map[ingest.Reason]int64{}
	}
	for reason, n := range refused {
		s.counts.refused[reason] += int64(n)
	}
}

func (s *Store) countBusy(reason string, spans int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts.busy == nil {
		s.counts.busy = map[string]int64{}
	}
	s.counts.busy[reason] += int64(spans)
}
