// Package datadog reads Datadog's spans in JSON: as its agents take them (lists
// of traces, numbers in nanoseconds), as its page saves a trace, and as its API
// for spans answers.
//
// Guarantees:
//
//   - Spans that Datadog's libraries book on a made-up service of a dependency
//     are those of the service that made them; the dependency is who they call.
//   - Ids of 64 bits fill the right half of a trace id. The left half is what
//     the first span with that right half brings along, for all of them.
package datadog
