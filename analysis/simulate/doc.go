// Package simulate is the scenario engine: a discrete-event simulation of a
// microservice system that emits the spans which standard OpenTelemetry
// instrumentation would emit, and the truth beside them.
package simulate
