package risk

import (
	"cmp"
	"fmt"
	"slices"

	"headwater/graph"

	"headwater/analysis"
)

// leastProduct is from how many attempts at the callee for one request of a user
// on a path is told of.
const leastProduct = 2

// worst is the path by which most attempts reach an edge.
type worst struct {
	product float64
	path    []edgeKey // from users on
}

// deepest is how long a path may be.
const deepest = 24

// amplified finds the paths on which attempts multiply: for every edge that
// retries, the worst way to it, but for those that are only the beginning of a
// longer one.
func (a *analyst) amplified() (out []Risk) {
	best := map[edgeKey]worst{}
	var find func(e edgeKey, depth int) worst
	open := map[edgeKey]bool{}
	find = func(e edgeKey, depth int) worst {
		if w, ok := best[e]; ok {
			return w
		}
		if open[e] || depth > deepest { // calls in a circle
			return worst{product: 1}
		}
		open[e] = true
		w := worst{product: 1}
		for _, up := range a.above[e] {
			if a.edges[up] == nil { // only one side of its calls was ever seen
				continue
			}
			if o := find(up, depth+1); o.product > w.product || o.product == w.product && len(o.path) > len(w.path) {
				w = o
			}
		}
		delete(open, e)
		w = worst{w.product * float64(max(1, a.edges[e].most)), append(slices.Clone(w.path), e)}
		best[e] = w
		return w
	}
	for _, e := range a.sortedEdges {
		if a.edges[e].most < 2 {
			continue
		}
		w := find(e, 0)
		if w.product < leastProduct || slices.ContainsFunc(a.below[e], func(d edgeKey) bool {
			return a.edges[d] != nil && a.edges[d].most > 1 && slices.Contains(find(d, 0).path, e)
		}) {
			continue
		}
		out = append(out, a.amplification(e, w, a.otherWays(w, func(k edgeKey) worst { return find(k, 0) })))
	}
	// The beginning of a path that is told of already says no more.
	return slices.DeleteFunc(slices.Clone(out), func(r Risk) bool {
		return slices.ContainsFunc(out, func(o Risk) bool {
			return slices.ContainsFunc(o.Others, func(w RiskWay) bool { return within(r.Path, w.Path) })
		})
	})
}

// within reports whether a path is a part of a longer one.
func within(part, path []graph.NodeID) bool {
	for i := 0; i+len(part) <= len(path) && len(part) < len(path); i++ {
		if slices.Equal(part, path[i:i+len(part)]) {
			return true
		}
	}
	return false
}

// mostWays is how many other paths to the same calls are told of.
const mostWays = 12

// otherWays are the paths that lead to the same retried calls, from other callers
// that retry, too: the worst by each of them.
func (a *analyst) otherWays(w worst, find func(edgeKey) worst) (out []worst) {
	for i := len(w.path) - 1; i > 0; i-- {
		rest, product := w.path[i:], 1.0
		for _, k := range rest {
			product *= float64(max(1, a.edges[k].most))
		}
		if product < 2 {
			continue // nothing multiplies from here on
		}
		for _, up := range a.above[rest[0]] {
			if up == w.path[i-1] || a.edges[up] == nil || slices.Contains(rest, up) {
				continue
			}
			o := find(up)
			if o.product < 2 || slices.ContainsFunc(o.path, func(k edgeKey) bool { return slices.Contains(rest, k) }) {
				continue
			}
			o = worst{o.product * product, slices.Concat(o.path, rest)}
			out = append(out, worst{o.product, a.fromFirst(o.path)})
		}
	}
	slices.SortFunc(out, func(x, y worst) int {
		return cmp.Or(cmp.Compare(y.product, x.product), slices.CompareFunc(x.path, y.path, edgeKey.compare))
	})
	return out
}

// fromFirst is a path from where its first caller retries.
func (a *analyst) fromFirst(path []edgeKey) []edgeKey {
	return path[slices.IndexFunc(path, func(k edgeKey) bool { return a.edges[k].most > 1 }):]
}

func (a *analyst) amplification(e edgeKey, w worst, others []worst) Risk {
	path := a.fromFirst(w.path)
	r := Risk{Kind: Amplification, Subject: pathName(path), Path: nodesOf(path), Users: a.users(e.callee), Evidence: []RiskEvidence{}}
	r.Evidence = append(r.Evidence, RiskEvidence{"attempts_on_path", "1", w.product,
		fmt.Sprintf("Up to %.0f attempts at %s for one request: the product of the most attempts of a call that were seen on the way.", w.product, e.callee.Name)})
	sure, unbounded := 1.0, 1.0
	var examples []example
	for _, k := range path {
		s := a.edges[k]
		if s.most < 2 {
			continue
		}
		kept := float64(s.again) / float64(max(1, s.again+s.last))
		unbounded = min(unbounded, kept)
		r.Evidence = append(r.Evidence,
			RiskEvidence{"most_attempts", "1", float64(s.most), fmt.Sprintf("%s: up to %d attempts of one call were seen, in %d calls (%d attempts).", k, s.most, s.calls, s.attempts)},
			RiskEvidence{"retried_share", "share", round(kept, 4), fmt.Sprintf("%s: of %d attempts that did not succeed, %s were followed by another.", k, s.again+s.last, analysis.Percent(kept))})
		sure *= min(1, 0.6+0.1*float64(s.again)) // one retry may be somebody's second wish
		examples = append(examples, s.mostIn)
	}
	for _, o := range others[:min(len(others), mostWays)] {
		r.Evidence = append(r.Evidence, RiskEvidence{"attempts_on_another_path", "1", o.product,
			fmt.Sprintf("The same calls, by another path: up to %.0f attempts by %s (%s).", o.product, pathName(o.path), a.factors(o.path))})
		r.Others = append(r.Others, RiskWay{nodesOf(o.path), o.product})
	}
	if n := len(others) - mostWays; n > 0 {
		r.Evidence = append(r.Evidence, RiskEvidence{"more_paths", "1", float64(n), fmt.Sprintf("%d more paths lead to the same calls.", n)})
	}
	r.Sure = sure
	// Where half of the failures are not retried, something holds the retries back.
	if unbounded < 0.4 {
		r.Sure *= 0.6
	}
	r.Score = (1 - 2/(w.product+1)) * r.Sure * blast(r.Users)
	r.Sentence = fmt.Sprintf("One request can become %.0f attempts at %s (%s).", w.product, e.callee.Name, a.factors(path))
	r.Remedy = fmt.Sprintf("Retry at one place of this path only, best at %s -> %s, and give its retries a budget (10%% of the calls).", path[0].caller.Name, path[0].callee.Name)
	if len(others) > 0 { // where they meet, one change helps all
		r.Remedy = fmt.Sprintf("One place of a path should retry. %d other paths lead to %s: give its retries up, or a budget (10%% of the calls).", len(others), e)
	}
	if len(path) == 1 {
		r.Remedy = fmt.Sprintf("Give the retries of %s a budget (10%% of the calls), and wait longer before each, by chance.", e)
	}
	r.Examples = examplesOf(examples...)
	return r
}

// factors writes the attempts of each call on a path.
func (a *analyst) factors(path []edgeKey) string {
	text := ""
	for _, k := range path {
		if s := a.edges[k]; s.most > 1 {
			if text != "" {
				text += " x "
			}
			text += fmt.Sprintf("%d at %s", s.most, k)
		}
	}
	return text
}

func pathName(path []edgeKey) string {
	text := path[0].caller.Name
	for _, k := range path {
		text += " -> " + k.callee.Name
	}
	return text
}

func nodesOf(path []edgeKey) []graph.NodeID {
	out := []graph.NodeID{path[0].caller}
	for _, k := range path {
		out = append(out, k.callee)
	}
	return out
}
