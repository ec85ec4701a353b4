// Package simulate is the scenario engine: a discrete-event simulation of a
// microservice system that emits the spans which standard OpenTelemetry
// instrumentation would emit, and the truth beside them.
//
// It owns Scenario (a system and what happens to it, read from YAML; the
// reference is docs/scenarios.md), Run (which plays it in virtual time), Batch
// (what one exporter sends at once) and the shipped scenarios.
//
// The parts: an agenda of events (heap.go); users' arrivals (entry.go); calls
// with timeouts, retries, connection pools and breakers (call.go, breaker.go);
// service instances with workers and queues (visit.go, lifecycle.go), doing
// what their operations say step by step (step.go); databases, caches, brokers
// and external systems (station.go); hosts whose processors are shared
// (host.go); message queues (topic.go); faults that turn knobs (fault.go).
// form.go and emit.go make spans of it, exporter.go sends them; truth.go reads
// off the engine's state what really happened.
//
// Guarantees:
//
//   - Faults change parameters and nothing else. Whatever cascades from there
//     comes out of queues, workers, timeouts and retries.
//   - The same scenario, seed and options give the same batches, byte for byte.
//   - Every component draws from random streams of its own, told apart by its
//     place in the file: names change nothing but names, and a component added
//     at the end of its list does not disturb the others.
//   - Memory is bounded by what is in flight.
//   - Batches come in the order of their time, spans in the order of their end.
//   - A scenario that Parse accepts can be played; one that it refuses is
//     refused with file, line and field.
package simulate
