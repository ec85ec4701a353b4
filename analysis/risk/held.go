package risk

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"headwater/graph"
)

// RiskHeld is what keeps a system from coming back by itself after a dependency was
// slow for a while.
type RiskHeld struct {
	Factor float64 `json:"factor"` // by which it was slowed in this replay
	// Retried are the calls that are retried when it is over, the most first; empty
	// where none is.
	Retried []RiskRetried `json:"retried"`
	// Mend is the smallest change, of those that were tried, with which the system
	// comes back; empty where none was enough.
	Mend  string `json:"mend"`
	Tried int    `json:"tried"`
}

// RiskRetried is a call that is retried.
type RiskRetried struct {
	Caller   graph.NodeID `json:"caller"`
	Callee   graph.NodeID `json:"callee"`
	Attempts float64      `json:"attempts"` // of one call
}

const (
	// commonly is by what factor dependencies get slower now and then: that a system
	// does not come back from less is a risk of its own.
	commonly = 10.0
	// sureOfReplay is how sure a factor of a replay is, sureOfBound where its limits
	// were not all seen.
	sureOfReplay, sureOfBound = 0.8, 0.5
	// mostAlso is how many other dependencies are named that lead to the same.
	mostAlso = 5
)

// held looks at the least slowdown that the system was seen not to come back from.
func (t *trials) held(ctx context.Context) (*RiskHeld, error) {
	out := &RiskHeld{Retried: []RiskRetried{}}
	for _, f := range t.factors() {
		if t.done[f].stuck {
			out.Factor = f
			break
		}
	}
	calls, attempts, err := t.p.Retried(ctx, t.id, out.Factor)
	if err != nil {
		return nil, err
	}
	for i, e := range calls {
		out.Retried = append(out.Retried, RiskRetried{e.Caller, e.Callee, attempts[i]})
	}
	if len(calls) > 0 {
		out.Mend, out.Tried, err = t.p.Mend(ctx, t.id, out.Factor, calls)
	}
	out.Factor = round(out.Factor, 2)
	return out, err
}

// Judge makes a risk of what replays say, in place of those of earlier ones: that a
// system does not come back by itself from a slowdown that is common. Dependencies
// after which the same calls are retried are one risk.
func (r *RiskReport) Judge() {
	var rows []*RiskRoom
	for i := range r.Room {
		// Where nobody tries again, what waits is worked off, only not within minutes.
		if p := r.Room[i].Played; p != nil && p.Held != nil && len(p.Held.Retried) > 0 {
			rows = append(rows, &r.Room[i])
		}
	}
	slices.SortStableFunc(rows, func(x, y *RiskRoom) int {
		return cmp.Or(cmp.Compare(noReturnScore(y), noReturnScore(x)), x.Node.Compare(y.Node))
	})
	r.Risks = slices.DeleteFunc(r.Risks, func(k Risk) bool { return k.Kind == NoReturn })
	told := map[graph.NodeID]bool{}
	for i, row := range rows {
		if what := row.fed(); !told[what] {
			told[what] = true
			also := slices.DeleteFunc(slices.Clone(rows[i+1:]), func(o *RiskRoom) bool { return o.fed() != what })
			r.Risks = append(r.Risks, noReturn(row, also))
		}
	}
	r.rank()
}

// fed is where the retries go that keep the system from coming back.
func (k *RiskRoom) fed() graph.NodeID { return k.Played.Held.Retried[0].Callee }

func noReturnScore(k *RiskRoom) float64 {
	return max(0, 1-math.Log(k.Played.Stuck.Factor)/math.Log(commonly)) * sureOf(k.Played.Stuck) * blast(k.Users)
}

func sureOf(l RiskLimit) float64 {
	if l.Exact() {
		return sureOfReplay
	}
	return sureOfBound
}

// noReturn tells of the dependency that must slow down least, and names the others.
func noReturn(k *RiskRoom, also []*RiskRoom) Risk {
	held, stuck := k.Played.Held, k.Played.Stuck
	r := Risk{Kind: NoReturn, Subject: k.Node.Name, Users: k.Users, Sure: sureOf(stuck), Score: noReturnScore(k), Evidence: []RiskEvidence{}, Examples: []RiskExample{}}
	say := func(metric string, value float64, format string, args ...any) {
		r.Evidence = append(r.Evidence, RiskEvidence{metric, "1", value, fmt.Sprintf(format, args...)})
	}
	say("does_not_come_back_from", stuck.Factor, "The traffic was played again with %s %s times as slow for two minutes. Three minutes after that, users were still hurt, in most of three runs.", k.Node.Name, times(held.Factor))
	if !stuck.Exact() {
		say("comes_back_up_to", stuck.Least, "That is the most it takes: from %s times on, limits that were never reached may do it sooner.", times(stuck.Least))
	}
	r.Path = []graph.NodeID{held.Retried[0].Caller, held.Retried[0].Callee} // the others are in the evidence
	for _, e := range held.Retried {
		say("attempts_then", e.Attempts, "%s -> %s: %.1f attempts of each call then, so that %s gets no time to work off what waits.", e.Caller.Name, e.Callee.Name, e.Attempts, e.Callee.Name)
	}
	if !slices.Contains(r.Path, k.Node) {
		r.Path = append(r.Path, k.Node)
	}
	for _, o := range also[:min(len(also), mostAlso)] {
		say("also_from", o.Played.Stuck.Factor, "The same comes of %s, from %s times on%s.", o.Node.Name, times(o.Played.Stuck.Factor), map[bool]string{false: " at the latest"}[o.Played.Stuck.Exact()])
	}
	r.Sentence = fmt.Sprintf("When %s gets %s times as slow for two minutes, the system does not come back by itself once it is as fast as before: retries of %s keep it down.", k.Node.Name, times(stuck.Factor), callsOf(held.Retried))
	switch {
	case held.Mend != "":
		say("changes_tried", float64(held.Tried), "The same replay with changes, the smallest first: with number %d users were well again.", held.Tried)
		r.Remedy = fmt.Sprintf("%s lets it come back, in the replay; smaller changes that were tried did not.", held.Mend)
		if held.Tried == 1 {
			r.Remedy = fmt.Sprintf("%s lets it come back, in the replay.", held.Mend)
		}
	default:
		say("changes_tried", float64(held.Tried), "The same replay with %d small changes, one at a time (budgets, caps and breakers of the calls that are retried, more places): with none of them users were well again.", held.Tried)
		r.Remedy = fmt.Sprintf("No single small change was enough in the replay. Turn away early what %s can't serve in time, and be ready to let less in until what waits is done.", k.fed().Name)
	}
	return r
}

func callsOf(list []RiskRetried) string {
	var names []string
	for _, e := range list[:min(len(list), 2)] {
		names = append(names, e.Caller.Name+" -> "+e.Callee.Name)
	}
	if n := len(list) - len(names); n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), n)
	}
	return strings.Join(names, " and ")
}
