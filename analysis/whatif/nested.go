package whatif

import "slices"

// Retries within retries: an attempt at the outer call makes the inner ones anew, so
// that what comes at the end is multiplied by both.

// storms reports whether the calls of an edge were retried in the incident.
func (e *EdgeFit) storms() bool { return e.Attempts > 1 && e.amplify > amplified }

// below are the edges whose calls were retried within those of an edge, however deep,
// in the order of the fit.
func (f *Fit) below(e *EdgeFit) (out []*EdgeFit) {
	seen := map[*EdgeFit]bool{e: true}
	reached := []*EdgeFit{e}
	for len(reached) > 0 {
		at := reached[0]
		reached = reached[1:]
		for i := range f.edges {
			if in := &f.edges[i]; in.ID.Caller == at.ID.Callee && in.storms() && !seen[in] {
				seen[in] = true
				reached = append(reached, in)
				out = append(out, in)
			}
		}
	}
	return out
}

// multiplied is by how much an attempt at an edge is multiplied within it.
func (f *Fit) multiplied(e *EdgeFit) float64 {
	by := 1.0
	for _, in := range f.below(e) {
		by = max(by, in.amplify)
	}
	return by
}

// nested are the caps of all calls at once that are retried one within the other,
// for each outermost call.
func (f *Fit) nested() (out []candidate) {
	for i := range f.edges {
		e := &f.edges[i]
		within := f.below(e)
		if !e.storms() || len(within) == 0 || slices.ContainsFunc(f.edges, func(o EdgeFit) bool { return o.storms() && o.ID.Callee == e.ID.Caller }) {
			continue
		}
		var all []Setting
		weight := 0.0
		for _, in := range append([]*EdgeFit{e}, within...) {
			all = append(all, Setting{Kind: CapRetries, Target: f.edgeTarget(in.ID)})
			weight += (in.amplify - 1) * in.calls * f.multiplied(in) * 10
		}
		if len(all) <= mostTogether {
			out = append(out, candidate{all, weight})
		}
	}
	return out
}

// mostTogether is how many changes are told as one.
const mostTogether = 4
