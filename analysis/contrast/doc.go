// Package contrast parts the traces of a recording into good and bad ones of the
// same routes, so that the bad can be compared with the good where there is no
// healthy time before: a handful of traces that somebody saved, good and bad
// mixed in the same minutes.
//
// Guarantees:
//
//   - The same traces are parted the same way, in whatever order they come.
//   - Only routes count that have at least fewest good and fewest bad requests.
//     What is neither clearly good nor clearly bad is left out.
package contrast
