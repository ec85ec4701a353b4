package web

import (
	"headwater/graph"
	"headwater/graph/trace"
)

// tries says of every span which attempt of a call it is. This file alone knows
// how graph reads a trace.
func tries(t *trace.Trace) []CallView {
	r := graph.Read(t, nil)
	out := make([]CallView, len(t.Spans))
	for i := range out {
		out[i].Call = -1
	}
	for c := range r.Calls {
		call := &r.Calls[c]
		for a := range call.Attempts {
			try := &call.Attempts[a]
			at := try.Client
			if at < 0 || try.Part && a > 0 {
				continue // not seen, or hidden in the span of the first
			}
			out[at] = CallView{Call: c, Attempt: a + 1, Attempts: len(call.Attempts)}
			if a > 0 {
				if before := call.Attempts[a-1].Client; before >= 0 {
					out[at].Backoff = max(0, t.Nodes[at].Start-t.Nodes[before].End)
				}
			}
			if try.Server >= 0 {
				// The callee's side as it was, also after the caller had left.
				served := t.Nodes[try.Server].End - t.Nodes[try.Server].Start
				out[at].Paired, out[at].Gap = true, max(0, t.Nodes[at].End-t.Nodes[at].Start-served)
				out[at].Wait = max(0, t.Nodes[try.Server].Start-t.Nodes[at].Start)
			}
		}
	}
	return out
}

// CallView says which attempt of a call a span is, as its caller sees it.
// Durations are nanoseconds.
type CallView struct {
	Call     int   `json:"call"`     // number of the call within the trace; -1 for a span that is no attempt
	Attempt  int   `json:"attempt"`  // from 1
	Attempts int   `json:"attempts"` // of the call in all
	Backoff  int64 `json:"backoff"`  // waited since the attempt before
	Paired   bool  `json:"paired"`   // the callee's side was seen
	Gap      int64 `json:"gap"`      // part of it in which the callee's side was not open
	Wait     int64 `json:"wait"`     // the part of the gap before the callee's side began
}
