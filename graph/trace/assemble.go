package trace

// Assemble makes the trace of the given spans, which all carry the same trace
// id. The spans may come in any order and more than once; the slice is not
// kept and not changed.
func Assemble(spans []Span) *Trace { return nil }
