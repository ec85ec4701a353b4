// Package collectortest sends through an OpenTelemetry Collector that is
// assembled from its own modules, and checks the example configurations in
// docs/deploy/collector with it. It is a module of its own, since Headwater needs none
// of that to be built: run "go test ./..." here.
package collectortest
