package whatif

import (
	"context"

	"headwater/graph"
)

// Play plays the incident once, with changes, and gives the windows of that run: as
// many as Windows gives, of the same times. An error is a ChangeError, or the end of
// ctx.
func (f *Fit) Play(ctx context.Context, changes []Setting, seed uint64) ([]*graph.Window, error) {
	if _, err := f.With(changes...); err != nil {
		return nil, &ChangeError{err}
	}
	if _, err := f.replay(ctx, Options{}); err != nil { // which may adjust the fit
		return nil, err
	}
	sc, err := f.With(changes...)
	if err != nil {
		return nil, &ChangeError{err}
	}
	return f.play(ctx, sc, seed)
}

// Windows are what was measured of the time that is played, in order and without
// gaps. They are not to be changed.
func (f *Fit) Windows() []*graph.Window { return f.measured }

// Usual is what was measured of the time before, all as one window. It is not to be
// changed.
func (f *Fit) Usual() *graph.Window { return f.usually }
