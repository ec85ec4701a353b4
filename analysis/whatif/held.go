package whatif

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"headwater/analysis/simulate"
	"headwater/graph"
)

const (
	// triedAgain is from how many more attempts of a call than usual its retries
	// keep a system from coming back.
	triedAgain = 0.2
	// mostMended is how many calls that are retried are looked at.
	mostMended = 2
)

// Retried plays a slowdown that the system does not come back from: the calls that
// are retried in the end, those with the most retries first, and with how many
// attempts each. The error is that of the context.
func (h *Healthy) Retried(ctx context.Context, id graph.NodeID, factor float64) (calls []graph.EdgeID, attempts []float64, err error) {
	fault, ok := h.fault(id, factor)
	if !ok {
		return nil, nil, fmt.Errorf("%s is not among what was measured", id)
	}
	sc, err := h.fit.scenario.With(fault)
	if err != nil {
		return nil, nil, err
	}
	base, err := h.unslowed(ctx, 1)
	if err != nil {
		return nil, nil, err
	}
	windows, err := h.fit.play(ctx, sc, 1)
	if err != nil {
		return nil, nil, err
	}
	end := calmWindows + slowWindows + backWindows
	was, is := sum(stretchOf(base, end-lastWindows, end)), sum(stretchOf(windows, end-lastWindows, end))
	more := map[graph.EdgeID]int64{}
	for _, e := range sortedEdges(is.Edges) {
		now := is.Edges[e]
		if e.Async || now.Calls == 0 || ratio(now.Attempts, now.Calls) < max(1, ratio(edgeOf(was, e).Attempts, edgeOf(was, e).Calls))+triedAgain {
			continue
		}
		more[e] = now.Attempts - now.Calls
		calls = append(calls, e)
	}
	slices.SortStableFunc(calls, func(a, b graph.EdgeID) int { return cmp.Compare(more[b], more[a]) })
	for _, e := range calls {
		attempts = append(attempts, round(ratio(is.Edges[e].Attempts, is.Edges[e].Calls), 2))
	}
	return calls, attempts, nil
}

// Mend plays a slowdown that the system does not come back from with small changes
// to the calls that are retried then, the smallest first, until it does: that change
// in words, empty where none was enough, and how many were tried. The error is that
// of the context.
func (h *Healthy) Mend(ctx context.Context, id graph.NodeID, factor float64, retried []graph.EdgeID) (change string, tried int, err error) {
	fault, ok := h.fault(id, factor)
	if !ok {
		return "", 0, fmt.Errorf("%s is not among what was measured", id)
	}
	for _, c := range h.mends(id, retried) {
		changes, err := h.fit.faults(c)
		if err != nil {
			continue // there is no such call in the fit
		}
		sc, err := h.fit.scenario.With(append([]simulate.Fault{fault}, changes...)...)
		if err != nil {
			continue
		}
		tried++
		_, stuck, _, err := h.judge(ctx, sc)
		if err != nil {
			return "", tried, err
		}
		if !stuck {
			return c.Words(), tried, nil
		}
	}
	return "", tried, nil
}

// mends are small changes that may let a system come back, the smallest first: of
// one call, and of all that retry the same callee.
func (h *Healthy) mends(id graph.NodeID, retried []graph.EdgeID) (out []Setting) {
	var targets []string
	for i, e := range retried[:min(len(retried), mostMended)] {
		targets = append(targets, h.fit.edgeTarget(e))
		same := slices.IndexFunc(retried, func(o graph.EdgeID) bool { return o.Callee == e.Callee })
		if same == i && slices.ContainsFunc(retried[i+1:], func(o graph.EdgeID) bool { return o.Callee == e.Callee }) {
			targets = append(targets, anyCaller+"->"+h.fit.nodeTarget(e.Callee))
		}
	}
	for _, kind := range []SettingKind{BudgetRetries, CapRetries, AddBreaker} {
		for _, t := range targets {
			c := Setting{Kind: kind, Target: t}
			if kind == BudgetRetries {
				c.Value = tempering
			}
			out = append(out, c)
		}
	}
	for i := range h.fit.services {
		s := &h.fit.services[i]
		if s.Workers > 0 && (s.ID == id || slices.ContainsFunc(retried, func(e graph.EdgeID) bool { return e.Callee == s.ID })) {
			out = append(out, Setting{Kind: SetPool, Target: h.fit.nodeTarget(s.ID), Value: float64(2 * s.Workers)})
		}
	}
	return out
}
