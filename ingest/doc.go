// Package ingest is what receivers, dumps and the store agree on: a Batch of
// spans and the Sink that takes it.
//
// Guarantee: when Sink.Write returns nil, the batch survives a crash of the
// process. Until then its sender has not been told that it was taken.
package ingest
