package graph

import (
	"iter"

	"headwater/graph/trace"
)

// Derive makes the window that starts at start (Unix nanoseconds) and lasts
// length from the traces that have a span which runs in it. A call belongs to
// the window in which its first attempt started at the client, or else at the
// server; what started elsewhere does not count. What was in flight counts in
// every window that it reaches into. Senders finds what span links point at; nil
// finds nothing. A trace is done with when the next is asked for.
func Derive(start, length int64, traces iter.Seq[*trace.Trace], senders Senders) *Window {
	sum := NewWindow(start, length)
	b := newBuilder(start, length, newLexicon())
	f := newFold(start%length, length, b.lex, senders, func(at int64) *builder {
		if at == start {
			return b
		}
		return nil
	})
	for t := range traces {
		if b.lex.full() {
			sum.Merge(b.window())
			b = newBuilder(start, length, newLexicon())
			f.renew(b.lex)
		}
		f.add(t)
	}
	w := b.window()
	if len(sum.Nodes) == 0 {
		return w
	}
	sum.Merge(w)
	sum.limit()
	return sum
}
