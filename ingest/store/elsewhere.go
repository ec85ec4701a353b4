package store

import (
	"headwater/graph/trace"
)

// oldAfter is how old, in nanoseconds of event time, a block is when its traces
// count as old: the Folder remembers younger ones by itself.
const oldAfter = int64(120e9)

// youngBlocks is how many blocks of a recording are young whatever their age, as
// one may hold minutes. The Folder waits for the traces of four of them, and
// remembers those of many more.
const youngBlocks = 16

// oldBits is how many bits tell, to a first glance, whether a trace is old: 8
// MiB of them.
const oldBits = 1 << 26

// maxAsked bounds the traces that are known to have been left to the store.
const maxAsked = 1 << 16

// elsewhere knows which traces have spans in blocks that memory has forgotten:
// those of a message that is taken hours after it was sent are paired with what
// the store has. The lock of folding guards it.
type elsewhere struct {
	bits   []uint64
	blocks []*block // by number; those before next are in bits
	next   int
	young  int                        // how many of the newest blocks never count as old
	opened uint64                     // blocks before this number were there when the store was opened
	asked  map[trace.TraceID]struct{} // left to the store lately
}

// add takes in a block that was written, or found.
func (e *elsewhere) add(b *block, event int64) {
	e.blocks = append(e.blocks, b)
	for e.next < len(e.blocks)-e.young && e.blocks[e.next].Mark < event-oldAfter {
		e.learn(e.blocks[e.next])
		e.next++
	}
}

// learn sets the bits of a block.
func (e *elsewhere) learn(b *block) {
	if e.bits == nil {
		e.bits = make([]uint64, oldBits/64)
	}
	for _, print := range b.traces {
		e.bits[print%oldBits/64] |= 1 << (print % 64)
	}
}

// replace takes in blocks that were merged from those of a bucket.
func (e *elsewhere) replace(k *bucket, blocks []*block) {
	for i, b := range e.blocks {
		for b.bucket == k && e.next <= i { // the bits of the old blocks are those of the new ones
			e.learn(e.blocks[e.next])
			e.next++
		}
	}
	kept, next := e.blocks[:0:0], 0
	for i, b := range e.blocks {
		if b.bucket != k {
			kept = append(kept, b)
		} else {
			kept, blocks = append(kept, blocks...), nil
		}
		if i < e.next {
			next = len(kept)
		}
	}
	e.blocks, e.next = kept, next
}

// drop forgets the blocks of a bucket. Their bits stay until the next start.
func (e *elsewhere) drop(k *bucket) {
	kept, next := e.blocks[:0:0], 0
	for i, b := range e.blocks {
		if b.bucket == k {
			continue
		}
		if kept = append(kept, b); i < e.next {
			next = len(kept)
		}
	}
	e.blocks, e.next = kept, next
}

// has reports whether a block that memory does not know may hold spans of the
// trace: one from before the store was opened, or an old one with spans from
// before the time.
func (e *elsewhere) has(id trace.TraceID, before int64) bool {
	print := fingerprint(id)
	if len(e.bits) == 0 || e.bits[print%oldBits/64]&(1<<(print%64)) == 0 {
		return false
	}
	for _, b := range e.blocks[:e.next] {
		if (b.number < e.opened || b.MinStart < before) && b.holds(print) {
			if e.asked == nil || len(e.asked) >= maxAsked {
				e.asked = map[trace.TraceID]struct{}{}
			}
			e.asked[id] = struct{}{}
			return true
		}
	}
	return false
}
