package watch

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"headwater/analysis"
)

const (
	// soon is how long after its end an incident is first looked at for what it left
	// behind, and lastLook when that is done for the last time: what had not come by
	// then will not.
	soon     = time.Minute
	lastLook = 10 * time.Minute
	// lookAgain is when a look that failed is taken again.
	lookAgain = time.Minute
)

// look is a look at what an incident left behind.
type look struct {
	id   string
	when analysis.Interval
	at   time.Time // event time: end of the newest window
	left *analysis.Left
	err  error
}

// due finds the newest incident that is over and to be looked at.
func (w *Watcher) due(now time.Time) (look, bool) {
	if w.cfg.Left == nil || now.Before(w.nextLook) {
		return look{}, false
	}
	at := time.Unix(0, w.newest).UTC()
	var found *record
	for _, r := range w.known {
		end := r.Incident.End
		if !r.current() || end == nil || end.Before(at.Add(-limit)) {
			continue
		}
		first := r.Looked.Before(*end) && (!at.Before(end.Add(soon)) || !now.Before(end.Add(soon)))
		last := r.Looked.Before(end.Add(lastLook)) && !at.Before(end.Add(lastLook))
		if (first || last) && (found == nil || cmp.Or(r.Incident.Start.Compare(found.Incident.Start), cmp.Compare(found.Incident.ID, r.Incident.ID)) > 0) {
			found = r
		}
	}
	if found == nil {
		return look{}, false
	}
	when := analysis.Interval{Start: found.Incident.Start, End: *found.Incident.End}
	if at.Before(when.End) { // known from the journal, its windows are gone or were not looked at
		at = when.End
	}
	return look{id: found.Incident.ID, when: when, at: at}, true
}

// take looks.
func (w *Watcher) take(ctx context.Context, l look, r *analysis.Report) look {
	i := slices.IndexFunc(r.Incidents, func(in analysis.Incident) bool { return in.ID == l.id })
	if i < 0 {
		return l // it is told no more
	}
	l.left, l.err = w.cfg.Left(ctx, &r.Incidents[i], r)
	return l
}

// looked brings what was seen into the report, unless the incident has changed
// meanwhile: then it is looked at again.
func (w *Watcher) looked(ctx context.Context, l look, now time.Time) error {
	if l.err != nil {
		w.nextLook = now.Add(lookAgain)
		if ctx.Err() == nil {
			w.cfg.Log.WarnContext(ctx, "could not tell what an incident left half done; trying again", "id", l.id, "error", l.err)
		}
		return nil
	}
	old := w.known[l.id]
	if old == nil || !old.current() || !old.spans(l.when) {
		return nil
	}
	seen := *old
	seen.Incident.Left, seen.Looked = l.left, l.at
	known := maps.Clone(w.known)
	known[l.id] = &seen
	if err := save(ctx, w.cfg.Journal, w.known, known); err != nil {
		return err
	}
	report := *w.report
	report.Incidents = known.incidents()
	w.publish(&report, known)
	return nil
}

// spans reports whether the incident took this time.
func (r *record) spans(when analysis.Interval) bool {
	return r.Incident.End != nil && r.Incident.Start.Equal(when.Start) && r.Incident.End.Equal(when.End)
}

// keepLook takes over what is known of what an incident left behind, where it is still
// of the same time.
func (r *record) keepLook(old *record) {
	if old.Incident.End == nil || !r.spans(analysis.Interval{Start: old.Incident.Start, End: *old.Incident.End}) {
		return
	}
	r.Incident.Left, r.Looked = old.Incident.Left, old.Looked
}
