// Package risk tells from healthy traffic where a system would break: what
// nobody notices until a dependency slows down.
//
// It owns Reader, which takes traces one at a time and keeps little of each, and
// RiskReport, what it makes of them. How a trace is read: read.go, seen.go (what
// is kept). What is looked for: retries.go (attempts that multiply along a path),
// deadlines.go (callees that are waited for longer than their caller waits, calls
// without a timeout), items.go (a call for each item), shared.go (important and
// unimportant work on one thing), room.go (how much slower each dependency may
// get), crowd.go (how many places a thing has), play.go (the same by replays, which
// a Player makes; whatif has one). rank.go puts them in order, text.go writes them.
//
// Guarantees:
//
//   - Pure: no clock, no store, no goroutines. The report is a function of the
//     set of traces, the windows and the Options; the order of traces changes
//     nothing as long as no bound is reached.
//   - Bounded: at most 16,384 edges, 65,536 pairs of edges, 16,384 kinds of calls,
//     65,536 uses of a node by a route and 2,000,000 stays (24 bytes each) are
//     kept. What falls over a bound is counted in RiskReport.LeftOut.
//   - Risks are in a total order.
//   - Nothing is said without the number that it rests on. What healthy traffic
//     can't show (a retry policy that never had to act) is not guessed.
package risk
