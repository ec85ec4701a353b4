// Package otlp receives spans over OTLP: gRPC, and HTTP with protobuf or JSON.
// It owns the two ports and the answers to senders; what is done with the spans
// is the business of the Sink.
//
// Guarantees:
//
//   - A sender is told "taken" only after Sink.Write returned nil.
//   - A request is taken as a whole, but for spans that can't be kept: those are
//     counted in the answer's partial success.
//   - A sender that should try again is told so, with a delay; one that must not
//     gets an error that OTLP calls final.
//   - Who may send is decided by a request's header, before its body is kept.
//   - Whatever is sent, and however slowly, memory, connections and the time of a
//     request are bounded: see Config. What was announced reserves nothing.
//   - Answers follow the OTLP specification 1.11; the conformance tests name its
//     paragraphs.
package otlp
