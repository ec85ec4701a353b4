package graph

import "headwater/graph/trace"

// Window holds the statistics of the calls that started in one fixed span of
// time.
type Window struct {
	Start  int64 // Unix nanoseconds, a multiple of Length
	Length int64 // nanoseconds
}

// Derive makes the window that starts at start (Unix nanoseconds) and lasts
// length from the traces that have a span in it. A trace that reaches over the
// window's borders counts only with the calls that start within.
func Derive(start, length int64, traces []*trace.Trace) *Window {
	return &Window{Start: start, Length: length}
}
