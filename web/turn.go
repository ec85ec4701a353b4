package web

import (
	"context"
	"sync/atomic"
)

// Turn lets one at a time do what takes much memory, or a processor for seconds, so that
// it does not add up.
type Turn struct {
	place   chan struct{}
	waiting atomic.Int32
}

// NewTurn makes a Turn that nobody has.
func NewTurn() *Turn { return &Turn{place: make(chan struct{}, 1)} }

// Take waits for the turn. Who has it gives it back with Give.
func (t *Turn) Take(ctx context.Context) error {
	t.waiting.Add(1)
	defer t.waiting.Add(-1)
	select {
	case t.place <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Give gives the turn back.
func (t *Turn) Give() { <-t.place }

// Wanted reports whether somebody waits for the turn.
func (t *Turn) Wanted() bool { return t.waiting.Load() > 0 }
