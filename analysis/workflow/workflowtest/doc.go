// Package workflowtest has a workflow.Store that holds its spans in memory, for tests
// of those who ask one.
//
// It owns Spans. It guarantees what a store does: traces come once and whole, here by
// their ids, and of a share of them those, too, that links lead to from a selected one.
package workflowtest
