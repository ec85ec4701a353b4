// Package graph is many traces: which node called which, how often, in how many
// attempts, how long it took and how it ended, window by window.
//
// It owns NodeID and EdgeID (the identities of nodes and edges), Reading with
// its Call, Attempt and Visit (what one trace says of calls), Window (the
// mergeable statistics of a fixed span of time), and the two ways of making
// windows: Derive, from all spans of a window's traces, and Folder, from spans
// as they come.
//
// How a trace is read: call.go and collect.go find visits and calls, attempt.go
// tells another attempt from another call, link.go follows span links, path.go
// the critical path. How it is counted: fold.go (edges), visit.go (nodes),
// route.go and blame.go (requests, where their time went and who failed them),
// into builder.go, which numbers what it counts by lexicon.go; limit.go bounds
// the number of names.
//
// Guarantees:
//
//   - A Window is a pure function of the stored spans: order, duplicates and
//     batching change nothing, nor does it matter which way it was made.
//   - Merge is associative and commutative, exactly: sums are integers, sketch
//     counts are whole numbers.
//   - For every request, its duration is the sum of its accounts, and of the
//     segments of its critical path, to the nanosecond.
//   - Started work (Time) and work in flight (Occupancy) are two books of the
//     same: over time they are equal.
//   - What falls over a bound on cardinality is counted under a name that says
//     so, and Window.Fallen tells what it was.
//   - A Window that Derive or a Folder made can be read by several goroutines.
package graph
