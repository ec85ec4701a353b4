// Package trace is the ground floor: one trace, from loose spans to an
// account of where its time went.
//
// It owns Span (the form in which spans travel through Headwater), Resource
// (who emitted it), Brief and Class (what the graph needs of a span, read by the
// semantic conventions, and shared by all spans alike) and Trace (the assembled
// tree). It knows nothing of many traces, service graphs, stores or the wire.
//
// Guarantees:
//
//   - Assemble gives the same Trace for the same set of spans in any order and
//     with any number of duplicates.
//   - Raw times are kept. What was corrected for computing (clock skew, a child
//     outliving its parent) is noted beside the span.
//   - All times are integer nanoseconds; what a partition books in fractions is
//     apportioned to whole nanoseconds that add up.
//   - A Brief keeps nothing of the batch that its span came in.
//   - Nothing here panics on any input: missing parents, cycles of parents, zero
//     ids and an end before the start all have a defined reading.
package trace
