package simulate

import (
	"context"
	"fmt"
	"math"

	"headwater/analysis/accuracy"
)

const (
	// failureWorth is how many seconds of waiting a failure is worth to a user.
	failureWorth = 10
	// cutFrom is from how many attempts per call on, and from how many calls, it is
	// worth asking what a call without retries would have spared.
	cutFrom      = 1.1
	cutFromCalls = 30
)

// Cut plays a scenario once more for each call that was retried in it, with a single
// attempt per call from the trigger on, and for each callee that several callers
// retried, with all of them cut. It notes in the truth, which a Run with the same
// scenario and seed gave, what users lost and what they would have lost.
func Cut(ctx context.Context, sc *Scenario, opt Options, t *accuracy.Truth) error {
	t.Pain, t.Cuts = 0, nil
	if t.Healthy {
		return nil
	}
	was, err := unseen(ctx, sc, opt)
	if err != nil {
		return err
	}
	from, to := was.tickOf(t.TriggerStart), was.tickOf(max(t.TriggerEnd, t.UsersWell)+was.length-1)
	t.Pain = was.lost(from, to)
	callers := map[string]int{}
	for _, ed := range was.edges {
		calls, attempts, _ := ed.book.sum(from, to)
		if ed.entry != nil || calls < cutFromCalls || float64(attempts) < cutFrom*float64(calls) {
			continue
		}
		cut := []string{ed.caller.name}
		if callers[ed.target()]++; callers[ed.target()] == 2 {
			cut = append(cut, accuracy.AllCallers)
		}
		for _, caller := range cut {
			name := caller + "->" + ed.target()
			once := 1.0
			again, err := sc.With(Fault{Remedy: true, At: Duration(t.TriggerStart - was.start), Edge: name, Attempts: &once})
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			is, err := unseen(ctx, again, opt)
			if err != nil {
				return err
			}
			t.Cuts = append(t.Cuts, accuracy.CutTruth{Caller: caller, Callee: ed.seenAs(), Pain: is.lost(from, to)})
		}
	}
	return nil
}

// unseen plays a scenario without a span.
func unseen(ctx context.Context, sc *Scenario, opt Options) (*engine, error) {
	e := newEngine(sc, opt, func(Batch) error { return nil })
	e.threshold = math.MaxUint64
	err := e.run(ctx)
	return e, err
}

// lost is what users lost from a tick to a tick, in seconds: what they waited longer
// than usual, and so much for each failure.
func (e *engine) lost(from, to int) (seconds float64) {
	for _, n := range e.entries {
		var before, now entryTick
		for i, t := range n.book.ticks {
			switch {
			case i >= from && i < to:
				now = now.and(t)
			case i >= min(warmUp, from) && i < from:
				before = before.and(t)
			}
		}
		if before.requests == 0 {
			continue
		}
		usual := float64(now.requests) / float64(before.requests)
		seconds += max(0, now.waiting()-usual*before.waiting()) + failureWorth*max(0, now.failing()-usual*before.failing())
	}
	return seconds
}

func (t entryTick) and(o entryTick) entryTick {
	return entryTick{t.requests + o.requests, t.failed + o.failed, t.time + o.time}
}
