// Package graph is many traces: which node called which, how often, in how many
// attempts, how long it took and how it ended, window by window.
//
// It owns NodeID and EdgeID (the identities of DESIGN section 4), Call and
// Attempt (what one trace says of a call), and Window (the mergeable statistics
// of a fixed span of time).
//
// Guarantees:
//
//   - A Window is a pure function of the stored spans: order, duplicates and
//     batching change nothing.
//   - Merge is associative and commutative, exactly: sums are integers, sketch
//     counts are whole numbers.
//   - For every root, its duration is the sum of its accounts, to the
//     nanosecond.
package graph
