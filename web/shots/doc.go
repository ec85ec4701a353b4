//go:build browser

// Command shots takes the README's pictures from the page of a demo, in
// Chromium: the incident at a moment, the evidence for its first cause, and one
// of its traces. It needs the build tag browser, as the page's tests do.
//
//	go run ./cmd/headwater demo retry-storm-outlives-trigger
//	go run -tags browser ./web/shots
package main
