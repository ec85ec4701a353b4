// Package store keeps spans on disk, gives traces and windows back, and keeps
// the journal of incidents. FORMAT.md describes every byte it writes.
//
// It owns the data folder: Store is the one way to it. Blocks of spans and
// records live in Badger; the index of the blocks and the settled windows live
// in memory and are rebuilt from the blocks. What windows mean is graph's
// business, what a request looks like is ingest/wire's.
//
// Guarantees:
//
//   - What Write took survives a crash of the process, and with Options.Sync a
//     crash of the machine.
//   - A window is a function of the stored spans: their order, their batching
//     and duplicates change nothing. Two bounds stand in the way of exactness,
//     both far from ordinary traffic: maxLookups and maxTraceSpans.
//   - A folder of another format, of another program or in use is refused and
//     left as it is.
//   - A block that can't be read is named in the log once and passed over.
//   - Memory is bounded by Options, but for the index, which holds about four
//     bytes for each trace in each block.
package store
