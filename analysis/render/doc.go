// Package render writes a Report: as text, for a terminal, a log file or a
// message; as Markdown, the draft of a post-mortem; and as HTML, one page to
// send on. What happened comes first, then the causes with their evidence, the
// cascade and the timeline as pictures, and what the answer was made from.
//
// Guarantees:
//
//   - The same report gives the same bytes. The text reads as well without
//     colour, and the page without scripts, network, or a mouse.
//   - The text is ASCII but for names from the data. Names bring nothing with
//     them that could drive a terminal, or be markup in Markdown or HTML.
//   - The page lays its picture out itself: columns by depth of calls. It holds
//     at most mostDrawn nodes, the most pressed.
package render
