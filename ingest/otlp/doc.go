// Package otlp receives spans over OTLP: gRPC, and HTTP with protobuf or JSON.
// It owns the two ports and the answers to senders; what is done with the spans
// is the business of the Sink.
//
// Guarantees:
//
//   - A sender is told "taken" only after Sink.Write returned nil.
//   - A request is taken as a whole, but for spans that can't be kept: those are
//     counted in the answer's partial success.
//   - A sender that should try again is told so, with a delay.
//   - Bodies are bounded after decompression, and so are the bytes of all the
//     requests being decoded and written at one time.
package otlp
