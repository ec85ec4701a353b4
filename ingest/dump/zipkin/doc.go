// Package zipkin reads and writes Zipkin's v2 JSON: spans in lists, or in lists
// of lists as its query API gives them, times in microseconds, all tags text.
// Spans of v1, with binary annotations, are not read.
//
// Guarantees:
//
//   - The two halves of a shared span, which carry the same id, stay two spans
//     of their services.
//   - Read(Write(spans)) gives the same spans, but for what Zipkin's form has no
//     place for: nanoseconds, the types of values, attributes of events, links,
//     flags, the internal kind's difference to none, and counts of what was
//     dropped.
package zipkin
