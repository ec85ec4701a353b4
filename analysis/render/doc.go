// Package render writes a Report as text, for a terminal, a log file or a
// message: what happened first, then the causes with their evidence, then the
// cascade and the timeline as pictures, then what the answer was made from.
//
// Guarantees:
//
//   - The same report gives the same text. It reads as well without colour.
//   - The text is ASCII but for names from the data, and those bring no control
//     characters with them: a span's name can't drive the terminal.
package render
