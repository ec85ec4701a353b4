package graph

import "headwater/graph/trace"

// Outcome is how an attempt or a call ended, as its caller saw it.
type Outcome = trace.Outcome

// The outcomes, as graph/trace reads them from spans.
const (
	OK        = trace.OK
	Failed    = trace.Failed
	TimedOut  = trace.TimedOut
	Cancelled = trace.Cancelled
	Rejected  = trace.Rejected
	Refused   = trace.Refused
)
