package watch

import (
	"cmp"
	"context"
	"slices"

	"headwater/analysis"
	"headwater/graph"
)

// earlier are the windows of earlier days that a stretch of the present is compared
// with. They are read when the stretch begins elsewhere, and some more each time
// that it has grown by lead: between that they stay as they are, so that an
// analysis can be gone on with. What comes late for them is seen with the next
// stretch.
type earlier struct {
	from, to int64 // the stretch, in whole steps of lead
	windows  []*graph.Window
	left     bool // out, since there are too many, or they can't be read
}

// read brings them to the stretch of the present [from, to). After an error they are
// left out until the stretch begins elsewhere.
func (e *earlier) read(ctx context.Context, store Windows, from, to int64) error {
	from -= from % int64(lead)
	to += int64(lead) - 1
	to -= to % int64(lead)
	next := earlier{from: from, to: to}
	had := make([][2]int64, len(analysis.SameTime(from, to))) // nothing
	if from == e.from && to >= e.to {
		if to == e.to || e.left {
			return nil
		}
		next.windows, had = e.windows, e.days()
	}
	for i, day := range analysis.SameTime(from, to) {
		windows, err := store.Windows(ctx, max(day[0], had[i][1]), day[1])
		if err != nil {
			*e = earlier{from: from, to: to, left: true}
			return err
		}
		next.windows = append(slices.Clip(next.windows), windows...)
	}
	entries := 0
	for _, w := range next.windows {
		entries += w.Entries()
	}
	if entries > enough {
		next.windows, next.left = nil, true
	}
	*e = next
	return nil
}

// days are the stretches that they are of, in Unix nanoseconds.
func (e *earlier) days() [][2]int64 { return analysis.SameTime(e.from, e.to) }

// ill lists when in these stretches something was wrong, by start. More users than
// the system is quick for, of whom none is failed, are no illness: if they come
// every day, that is the rhythm of the system.
func (h history) ill(days [][2]int64) []analysis.Interval {
	var out []analysis.Interval
	for _, r := range h {
		if !r.current() || busy(&r.Incident) {
			continue
		}
		i := analysis.Interval{Start: r.Incident.Start}
		until := int64(1<<63 - 1)
		if r.Incident.End != nil {
			i.End, until = *r.Incident.End, r.Incident.End.UnixNano()
		}
		if slices.ContainsFunc(days, func(day [2]int64) bool { return i.Start.UnixNano() < day[1] && until > day[0] }) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b analysis.Interval) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End))
	})
	return out
}

// harmed is the share of requests more than before that must fail to be called so.
const harmed = 0.01

// busy reports whether an incident is that more was asked, and took longer.
func busy(in *analysis.Incident) bool {
	return len(in.Causes) > 0 && in.Causes[0].Kind == analysis.CauseLoad &&
		!slices.ContainsFunc(in.Impact, func(i analysis.Impact) bool {
			return float64(i.Failed) > (i.BaselineFailed+harmed)*float64(i.Requests)
		})
}
