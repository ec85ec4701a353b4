// Package store keeps spans on disk, gives traces and windows back, and keeps
// the journal of incidents. FORMAT.md describes every byte it writes.
//
// It owns the data folder: Store is the one way to it. Spans stand in blocks of
// columns (package column), blocks in buckets, each a Badger database of its own
// that is dropped as a whole. Windows, incidents and what is damaged stand in a
// database beside them. The index of the blocks lives in memory. What windows
// mean is graph's business, what a request looks like is ingest/wire's.
//
// Batches that are written at about the same time share a block; a writer is
// answered when its block is safe. The spans of a block are then folded
// (graph.Folder), so that a window that settles need not be read back. What
// memory can't tell is derived from stored spans.
//
// Guarantees:
//
//   - What Write took survives a crash of the process, and with Options.Sync a
//     crash of the machine. Too much at a time, and too little disk, are
//     ingest.ErrBusy, and lose nothing.
//   - A window is a function of the stored spans: their order, their batching
//     and duplicates change nothing, nor whether it was folded or derived. One
//     bound stands in the way of exactness, far from ordinary traffic:
//     maxTraceSpans.
//   - A bucket that nothing is written to any more has its small blocks merged.
//     At every moment the old or the new one is there as a whole; who reads the
//     old one reads it to its end.
//   - What was settled is there after a restart, without being derived again.
//   - A folder of another format, of another program or in use is refused and
//     left as it is.
//   - A block that can't be read is named in the log once, noted and passed over.
//   - Memory is bounded by Options, but for the index, which holds about four
//     bytes for each trace in each block (two bytes a span, for traces of twenty
//     spans that come from ten services), and for what the Folder waits for.
package store
