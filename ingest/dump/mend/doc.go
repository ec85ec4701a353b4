// Package mend reads what the tracing tools of the world write a little
// differently each: ids in hexadecimal digits, base64 or decimal, numbers as
// text, tags that are resource attributes elsewhere. It owns the rules by which
// a foreign field becomes one of a trace.Span, and the count of what was wrong
// and could be put right.
//
// Guarantees:
//
//   - What a format allows is read without a word; what it does not, and is
//     understood nevertheless, is counted.
//   - What can't be understood is left out and counted too. Nothing panics.
package mend
