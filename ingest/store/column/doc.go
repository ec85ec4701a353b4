// Package column turns up to MaxSpans spans into one block of bytes and back.
// FORMAT.md of the store describes the block byte by byte.
//
// What the spans of a block have in common is written once: resources, scopes,
// lists of attribute keys (shapes), and within a column each text. Columns of
// one kind of value stand together, so that zstd finds what is left. Ids, which
// nothing compresses, stand outside of that.
//
// Guarantees:
//
//   - Lossless: decoding gives the spans that were encoded, in their order.
//     Empty lists come back as nil, and spans that shared a Resource or a Scope
//     share it again, as may others whose Resource has the same content.
//   - Damaged or hostile bytes are an error, never a panic, and need no more
//     memory than a fixed multiple of the block's decompressed size, which is
//     bounded.
//   - The bytes depend on the spans alone.
package column
