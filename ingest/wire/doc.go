// Package wire turns OTLP bytes into trace.Span and back. It owns the mapping
// between the two; receivers, dumps and the store all read and write spans
// through it.
//
// Protobuf is scanned in place: the strings of decoded spans alias the request,
// and the attributes, events and links of a batch stand in a few slices. A
// batch owns its request; nobody may change it while the spans are in use, and
// whoever keeps a part of a span for long must copy it. JSON is read
// by fastjson, and by pdata where it is odd.
//
// Guarantees:
//
//   - What pdata reads is read as pdata reads it; a fuzz target holds that.
//   - Nothing that comes in panics or recurses without bound: broken bytes are
//     an error, values nested deeper than MaxNesting are an error.
//   - Encode is lossless: Decode(Encode(spans)) gives the same spans, for
//     all kinds of values, NaN and duplicate keys included.
//   - Span kinds and status codes that OTLP does not know are read as
//     unspecified and unset. A scope that says nothing is read as nil.
package wire
