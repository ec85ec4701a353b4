// Package wire turns OTLP bytes into trace.Span and back. It owns the mapping
// between the two; receivers, dumps and the store all read and write spans
// through it.
//
// Guarantees:
//
//   - Nothing that comes in panics or recurses without bound: broken bytes are
//     an error, values nested deeper than MaxNesting are an error.
//   - A Batch's Request decodes to exactly the Batch's Spans.
//   - Encode is lossless: Decode(Encode(spans)) gives the same spans, for
//     all kinds of values, NaN and duplicate keys included.
//   - Span kinds and status codes that OTLP does not know are read as
//     unspecified and unset. A scope that says nothing is read as nil.
package wire
