// Package otlpjson reads OTLP's JSON where pdata, which is strict, refuses it:
// ids in base64 as Tempo's API writes them, the names that earlier versions of
// OTLP gave to fields, enums by name, numbers as text and the other way round,
// negative counts, missing fields. It is the second choice: what pdata reads is
// never brought here.
//
// Guarantees:
//
//   - What pdata reads, this package reads as the same spans.
//   - What can't be kept of a span costs that alone, and is counted.
package otlpjson
