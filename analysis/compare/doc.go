// Package compare tells what differs between two recordings of a system: nodes,
// routes and calls that came or went, what became slower or faster, fails more
// or less, is tried or called more often, and requests whose traces are made of
// other spans than before. It names differences, not causes: that is analysis.
//
// Guarantees:
//
//   - The same windows give the same answer, in whatever order they come.
//   - What is named exceeds what chance explains: means differ by more than
//     three standard errors and a tenth, shares by more than three of theirs and
//     a hundredth (for shapes a tenth), each with at least minCount on both
//     sides.
package compare
