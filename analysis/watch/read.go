package watch

import (
	"context"
	"slices"
	"time"

	"headwater/analysis"
	"headwater/graph"
)

// enough bounds what is analysed by what the windows tell apart (graph.Window's
// Entries, of about half a kilobyte each): of a very large system the stretch is
// shorter, but not shorter than lead. As many more may be of earlier days.
const enough = 400_000

// part is by how much the stretch is made shorter. Stretches begin at whole parts:
// what begins as before can be gone on with.
const part = 10 * time.Minute

// read gives what is to be analysed: the windows from the newest back until there
// are enough, and those of the same time on earlier days.
func (w *Watcher) read(ctx context.Context) (analysis.Input, error) {
	windows, err := w.present(ctx)
	if err != nil || len(windows) == 0 {
		return analysis.Input{Daily: true}, err
	}
	if err := w.earlier.read(ctx, w.cfg.Windows, windows[0].Start, w.newest); err != nil {
		if ctx.Err() != nil {
			return analysis.Input{}, err
		}
		w.cfg.Log.WarnContext(ctx, "could not read earlier days; windows are analysed without them", "error", err)
	}
	return analysis.Input{
		Windows: windows, Earlier: w.earlier.windows, Ill: w.known.ill(w.earlier.days()), Daily: !w.earlier.left,
	}, nil
}

// present gives the windows up to the newest. Only those are read that were not
// analysed the last time.
func (w *Watcher) present(ctx context.Context) ([]*graph.Window, error) {
	starts := w.cfg.Windows.Settled(w.from(), w.newest)
	held := make(map[int64]*graph.Window, len(starts))
	var parts [][]*graph.Window
	entries := 0
	for end := len(starts); end > 0; {
		first := starts[end-1] - starts[end-1]%int64(part)
		begin, _ := slices.BinarySearch(starts, first)
		windows, err := w.get(ctx, starts[begin:end])
		if err != nil {
			return nil, err
		}
		parts = append(parts, windows)
		for _, win := range windows {
			held[win.Start] = win
			entries += win.Entries()
		}
		if end = begin; entries > enough && w.newest-first >= int64(lead) {
			break
		}
	}
	w.held = held
	slices.Reverse(parts)
	return slices.Concat(parts...), nil
}

// get gives the windows with these starts: from the store those that are not held.
// One that the store can't read is left out; it makes it again.
func (w *Watcher) get(ctx context.Context, starts []int64) ([]*graph.Window, error) {
	missing := slices.DeleteFunc(slices.Clone(starts), func(start int64) bool { return w.held[start] != nil })
	if n := len(missing); n > 0 {
		read, err := w.cfg.Windows.Windows(ctx, missing[0], missing[n-1]+1)
		if err != nil {
			return nil, err
		}
		for _, win := range read {
			if w.held[win.Start] == nil {
				w.held[win.Start] = win
			}
		}
	}
	out := make([]*graph.Window, 0, len(starts))
	for _, start := range starts {
		if win := w.held[start]; win != nil {
			out = append(out, win)
		}
	}
	return out, nil
}

// from is the start of what is analysed.
func (w *Watcher) from() int64 {
	newest := time.Unix(0, w.newest)
	from := newest.Add(-horizon)
	for _, r := range w.known {
		if start := r.Incident.Start.Add(-lead); r.current() && r.Incident.End == nil && start.Before(from) {
			from = start
		}
	}
	from = from.Truncate(lead)
	if earliest := newest.Add(-limit); from.Before(earliest) {
		from = earliest.Truncate(lead).Add(lead) // what is older is kept by the minute
	}
	return from.UnixNano()
}
