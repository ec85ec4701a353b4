// Package jaeger reads and writes the JSON that Jaeger's page and its query API
// give: traces with their spans and processes, times in microseconds. The
// documents that Jaeger keeps in Elasticsearch, one span with its process each,
// are read too.
//
// Guarantees:
//
//   - Read(Write(spans)) gives the same spans, but for what Jaeger's form has no
//     place for: nanoseconds, empty values, the types of nested ones, counts of
//     what was dropped, and the attributes of scopes and links.
package jaeger
