// Package dump reads spans from files and streams, in whatever form people have
// them: OTLP as JSON (lines, arrays, pretty-printed) or protobuf (a message, or
// messages with their length before them, packed one by one or not, as the
// OpenTelemetry Collector's file exporter writes them), the JSON of Jaeger,
// Tempo, Zipkin, AWS X-Ray and Datadog, and what the console exporters of
// OpenTelemetry's SDKs print; plain, gzip or zstd. What a file is shows in its
// content, never in its name, and forms may be mixed in one file.
//
// It owns the finding of requests in a stream and the account of what could not
// be read; what is done with the spans is the business of the Sink.
//
// Guarantees:
//
//   - What can be read is read: a broken line is counted, named, and passed
//     over. A compressed file that breaks off gives what stands before.
//   - Memory is bounded by a few times Options.MaxLine and the size of one
//     batch, whatever the length of files: objects around a list of traces are
//     read trace by trace.
//   - What is not as its format says and is understood nevertheless is counted
//     as mended.
//   - The same input gives the same batches and the same Stats.
package dump
