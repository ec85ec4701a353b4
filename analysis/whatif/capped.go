package whatif

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"headwater/analysis/simulate"
	"headwater/graph"
)

// capped is that fewer attempts were made of the calls of an edge from a window on:
// somebody capped its retries while the incident went on.
type capped struct {
	at       int // the window
	attempts int // of a call at most, from then on
}

const (
	// dropped is by how many attempts per call a window must lie below the one before
	// it for retries to have been capped there.
	dropped = 0.3
	// stillTried is the share of the retries, which would have been made else, that may still
	// be made afterwards.
	stillTried = 0.5
)

// cappedOf finds where the retries of an edge were capped, and how its calls were tried
// before. Where all goes well afterwards, nothing is tried again anyway, and nothing
// shows.
func (f *fitting) cappedOf(before []*graph.Window, id graph.EdgeID, p policy) (capped, policy, bool) {
	if p.attempts < 2 && p.budget == 0 {
		return capped{}, p, false
	}
	best, found := math.Inf(1), capped{}
	was := p
	for i := max(f.from, 1); i < len(f.windows); i++ {
		last, now := edgeOf(f.windows[i-1], id), edgeOf(f.windows[i], id)
		if now.Calls == 0 || last.Calls == 0 || ratio(last.Attempts, last.Calls)-ratio(now.Attempts, now.Calls) < dropped {
			continue
		}
		q := p
		q.attempts, q.budget, q.backoff, q.seen = retries(slices.Concat(before, f.windows[:i]), id)
		then, budget, _, seen := retries(f.windows[i:], id)
		if !q.seen || !seen || q.budget > 0 || budget > 0 || then >= q.attempts {
			continue
		}
		marks := marksOf(f.windows[i:], id)
		calls, tries, due := 0.0, 0.0, 0.0
		for _, m := range marks {
			calls, tries, due = calls+m.calls, tries+m.tries, due+m.due(q.attempts)
		}
		if due-tries < fewFailures || tries-calls > stillTried*(due-calls) {
			continue
		}
		if off := miss(marksOf(f.windows[:i], id), q.attempts) + miss(marks, then); off < best {
			best, found, was = off, capped{at: i, attempts: then}, q
		}
	}
	return found, was, found.at > 0
}

// cap has the retries of an edge capped where they were.
func (b *builder) cap(e graph.EdgeID, name string) {
	if c, ok := b.capped[e]; ok {
		v := float64(c.attempts)
		b.faults = append(b.faults, simulate.Fault{Remedy: true, Edge: name, At: simulate.Duration(b.length) * simulate.Duration(c.at), Attempts: &v})
	}
}

// tellCapped notes whose retries were capped, all callers of a callee at once.
func (b *builder) tellCapped() {
	type cap struct {
		capped
		callee graph.NodeID
	}
	var order []cap
	callers := map[cap][]string{}
	for _, e := range b.ids {
		if c, ok := b.capped[e]; ok {
			k := cap{c, e.Callee}
			if callers[k] == nil {
				order = append(order, k)
			}
			callers[k] = append(callers[k], e.Caller.Name)
		}
	}
	for _, k := range order {
		after := time.Duration(k.at-b.from) * b.length
		b.notes = append(b.notes, fmt.Sprintf("The retries of %s -> %s were capped at %d, some %s after the begin: so it looks, as calls failed and were tried less often than before.",
			strings.Join(callers[k], ", "), k.callee.Name, k.attempts-1, seconds(after.Seconds())))
	}
}
