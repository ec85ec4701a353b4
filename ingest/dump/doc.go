// Package dump reads spans from files and streams: OTLP JSON, one request a
// line as the OpenTelemetry Collector writes it, or pretty-printed, or several
// requests in an array or one after another; plain, gzip or zstd. What a file
// is shows in its content, never in its name.
//
// It owns the finding of requests in a stream and the account of what could not
// be read; what is done with the spans is the business of the Sink.
//
// Guarantees:
//
//   - What can be read is read: a broken line is counted, named, and passed
//     over. A compressed file that breaks off gives what stands before.
//   - Memory is bounded by Options.MaxLine and the size of one batch, whatever
//     the length of lines and files.
//   - The same input gives the same batches and the same Stats.
package dump
