package store

import (
	"math"
	"sync"

	"headwater/graph"
	"headwater/graph/trace"
	"headwater/ingest/store/column"
)

// folding makes windows of the spans as they come, beside the blocks that they
// are written to. Its lock is taken before the store's: what is folded and what
// stands in the index is then the same for whoever holds it.
type folding struct {
	mu     sync.Mutex
	folder *graph.Folder
	// began is how far event time had come when the store was opened: of traces
	// with spans before that, a part may be known to the blocks alone.
	began int64
	keep  int64
	old   elsewhere
}

// warmup is for how long, in nanoseconds of event time, windows are derived from
// stored spans after a restart.
const warmup = int64(60e9)

// patience is how many spans a trace of a recording is waited for: four full
// blocks, which hold minutes of a system that does little.
const patience = 4 * column.MaxSpans

// start begins to fold. Windows up to the newest settled one are taken.
func (f *folding) start(w *windows, event int64, blocks []*block) {
	f.folder = graph.NewFolder(w.length)
	f.folder.Elsewhere = f.old.has
	f.keep = w.keep
	if len(blocks) > 0 {
		f.began = event
	}
	for _, b := range blocks {
		f.old.opened = b.number + 1
		f.old.add(b, math.MaxInt64)
	}
	if end := w.newestEnd(); end > 0 {
		f.folder.Take(end - w.length)
	}
}

// add takes in spans that were written. Those of mad times would have the Folder
// keep windows that nobody takes; their traces are left to the store.
func (f *folding) add(lists [][]trace.Span, event int64) {
	f.folder.Advance(event) // first: what comes now came at that time
	for _, spans := range lists {
		first := 0
		for i := range spans {
			s := &spans[i]
			if s.Start >= f.began && distance(max(s.Start, 0), event) <= f.keep && distance(max(s.End, 0), event) <= f.keep {
				continue
			}
			f.folder.Add(spans[first:i])
			f.folder.Leave(s.TraceID)
			first = i + 1
		}
		f.folder.Add(spans[first:])
	}
}

// fromStore reports whether a window has to be derived because of a restart.
func (f *folding) fromStore(start int64) bool { return f.began > 0 && start < f.began+warmup }
