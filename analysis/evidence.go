package analysis

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"headwater/graph"
)

// series is a metric window by window, over the end of the baseline and the
// incident. Windows without a value are left out.
func (x *explainer) series(of func(*graph.Window) (float64, bool)) []Point {
	out := []Point{}
	before := x.before[max(0, len(x.before)-30):]
	for _, ws := range [][]*graph.Window{before, x.during} {
		for _, w := range ws {
			if v, ok := of(w); ok {
				out = append(out, Point{utc(w.Start), round(v, 6)})
			}
		}
	}
	return out
}

func meanOf(m graph.Moments) (float64, bool) { return m.Mean() / 1e9, m.N > 0 }

func (x *explainer) nodeEvidence(c *Cause, n graph.NodeID) {
	b, a := node(x.whole.base, n), node(x.whole.now, n)
	what := "own time of a visit to " + n.Name
	if n.Kind != graph.Service {
		what = "time of an attempt at " + n.Name + ", as its callers saw it"
	}
	e := Evidence{Metric: "self_time", Subject: n.Name, Unit: "s",
		Baseline: round(b.All.Self.Mean()/1e9, 6), Incident: round(a.All.Self.Mean()/1e9, 6),
		Series: x.series(func(w *graph.Window) (float64, bool) { return meanOf(node(w, n).All.Self) })}
	e.Sentence = fmt.Sprintf("%s: %s, before %s (%d of them, before %d).", what, Seconds(e.Incident), Seconds(e.Baseline), a.All.Visits, b.All.Visits)
	// What set it off may be over long before its effects are, and visits that
	// are turned away at once hide how long work takes.
	if first := node(x.start.now, n).All.SelfOK; first.N >= fewRequests && first.Mean() > 1.3*max(a.All.Self.Mean(), b.All.SelfOK.Mean()) {
		e.Baseline, e.Incident = round(b.All.SelfOK.Mean()/1e9, 6), round(first.Mean()/1e9, 6)
		e.Series = x.series(func(w *graph.Window) (float64, bool) { return meanOf(node(w, n).All.SelfOK) })
		e.Sentence = fmt.Sprintf("%s, of those that did not fail in the first %s: %s, before %s.", what, Seconds(float64(x.start.now.Length)/1e9), Seconds(e.Incident), Seconds(e.Baseline))
	}
	c.Evidence = append(c.Evidence, e)
	if a.All.FailedOwn > 0 || b.All.FailedOwn > 0 {
		f := Evidence{Metric: "own_failures", Subject: n.Name, Unit: "share",
			Baseline: round(ratio(b.All.FailedOwn, b.All.Visits), 5), Incident: round(ratio(a.All.FailedOwn, a.All.Visits), 5),
			Series: x.series(func(w *graph.Window) (float64, bool) {
				v := node(w, n).All
				return ratio(v.FailedOwn, v.Visits), v.Visits > 0
			})}
		f.Sentence = fmt.Sprintf("visits to %s that failed though no callee did: %s, before %s.", n.Name, Percent(f.Incident), Percent(f.Baseline))
		c.Evidence = append(c.Evidence, f)
	}
	if g0, g1 := b.All.GapIn, a.All.GapIn; g1.N > 0 && g1.Mean() > 1.5*g0.Mean() {
		g := Evidence{Metric: "gap", Subject: n.Name, Unit: "s", Baseline: round(g0.Mean()/1e9, 6), Incident: round(g1.Mean()/1e9, 6),
			Series: x.series(func(w *graph.Window) (float64, bool) { return meanOf(node(w, n).All.GapIn) })}
		g.Sentence = fmt.Sprintf("wait of callers before and after a visit to %s (network, connection, queue): %s, before %s.", n.Name, Seconds(g.Incident), Seconds(g.Baseline))
		c.Evidence = append(c.Evidence, g)
	}
	c.Examples = examples(&b.All.Examples, &a.All.Examples)
}

// silenceEvidence shows the visits that no longer come.
func (x *explainer) silenceEvidence(c *Cause, n graph.NodeID) {
	if !slices.ContainsFunc(x.whole.silent, func(s silence) bool { return s.node == n }) {
		return
	}
	b, a := node(x.whole.base, n).All.Visits, node(x.whole.now, n).All.Visits
	e := Evidence{Metric: "rate", Subject: n.Name, Unit: "1/s", Baseline: round(perSecond(b, x.whole.base), 3), Incident: round(perSecond(a, x.whole.now), 3),
		Series: x.series(func(w *graph.Window) (float64, bool) { return perSecond(node(w, n).All.Visits, w), true })}
	e.Sentence = fmt.Sprintf("visits of %s: %.1f a second, before %.1f, though it is asked as often as ever.", n.Name, e.Incident, e.Baseline)
	c.Evidence = slices.Insert(c.Evidence, 0, e)
}

// hostEvidence tells a struck host from the rest: how many copies of services
// slowed there and elsewhere, and how much the most struck services slowed.
func (x *explainer) hostEvidence(c *Cause, name string) {
	i := slices.IndexFunc(x.whole.hosts, func(h sharedHost) bool { return h.name == name })
	if i < 0 {
		return // struck in the beginning only
	}
	h := x.whole.hosts[i]
	e := Evidence{Metric: "struck_copies", Subject: name, Unit: "share", Baseline: round(float64(h.struckOff)/float64(max(1, h.off)), 4),
		Incident: round(float64(h.struckOn)/float64(h.on), 4), Series: []Point{}}
	e.Sentence = fmt.Sprintf("%d of the %d copies of services on %s slowed, %d of %d elsewhere.", h.struckOn, h.on, name, h.struckOff, h.off)
	c.Evidence = append(c.Evidence, e)
	for _, n := range sortedNodes(h.part) {
		own := func(w *graph.Window) graph.Moments {
			var m graph.Moments
			s := node(w, n)
			for _, in := range sortedInstances(s.Instances) {
				if in.Host == name {
					m.Merge(s.Instances[in].Self)
				}
			}
			return m
		}
		e := Evidence{Metric: "self_time", Subject: n.Name, Unit: "s", Baseline: round(own(x.whole.base).Mean()/1e9, 6), Incident: round(own(x.whole.now).Mean()/1e9, 6),
			Series: x.series(func(w *graph.Window) (float64, bool) { return meanOf(own(w)) })}
		e.Sentence = fmt.Sprintf("own time a visit of %s on %s: %s, before %s; %s of what it lost was lost there.", n.Name, name, Seconds(e.Incident), Seconds(e.Baseline), Percent(h.part[n]))
		c.Evidence = append(c.Evidence, e)
		c.Examples = append(c.Examples, examples(&node(x.whole.base, n).All.Examples, &node(x.whole.now, n).All.Examples)...)
	}
	slices.SortStableFunc(c.Evidence[1:], func(a, b Evidence) int {
		return cmp.Compare(b.Incident/max(b.Baseline, 1e-9), a.Incident/max(a.Baseline, 1e-9))
	})
	c.Evidence = c.Evidence[:min(len(c.Evidence), 5)]
	c.Examples = c.Examples[:min(len(c.Examples), 6)]
}

func (x *explainer) edgeEvidence(c *Cause, id graph.EdgeID) {
	b, a := edge(x.whole.base, id), edge(x.whole.now, id)
	name := id.Caller.Name + " -> " + id.Callee.Name
	if c.Kind == CauseRetryPolicy {
		e := Evidence{Metric: "amplification", Subject: name, Unit: "1",
			Baseline: round(max(1, ratio(b.Attempts, b.Calls)), 3), Incident: round(max(1, ratio(a.Attempts, a.Calls)), 3),
			Series: x.series(func(w *graph.Window) (float64, bool) {
				s := edge(w, id)
				return ratio(s.Attempts, s.Calls), s.Calls > 0
			})}
		e.Sentence = fmt.Sprintf("attempts per call of %s: %.2f, before %.2f.", name, e.Incident, e.Baseline)
		c.Evidence = append(c.Evidence, e)
	} else {
		c.Evidence = append(c.Evidence, x.wayEvidence(id, name))
	}
	c.Examples = examples(&node(x.whole.base, id.Callee).All.Examples, &node(x.whole.now, id.Callee).All.Examples)
}

// wayEvidence shows what is wrong between two nodes: attempts that never arrive,
// requests that wait for a connection, or a way that takes longer.
func (x *explainer) wayEvidence(id graph.EdgeID, name string) Evidence {
	b, a := edge(x.whole.base, id), edge(x.whole.now, id)
	if lost := missedShare(a); id.Callee.Kind == graph.Service && lost > missedShare(b)+0.02 {
		return Evidence{Metric: "lost_attempts", Subject: name, Unit: "share", Baseline: round(missedShare(b), 5), Incident: round(lost, 5),
			Sentence: fmt.Sprintf("attempts of %s that never showed at the callee: %s, before %s.", name, Percent(lost), Percent(missedShare(b))),
			Series: x.series(func(w *graph.Window) (float64, bool) {
				s := edge(w, id)
				return missedShare(s), s.Attempts > 0
			})}
	}
	e := Evidence{Metric: "gap", Subject: name, Unit: "s"}
	of := func(w *graph.Window) graph.Moments { return edge(w, id).Gap }
	says := "time on the way of %s: %s, before %s; the callee's own side did not grow."
	switch {
	case a.Before.Mean()-b.Before.Mean() > 2*max(0, a.Time.Mean()-b.Time.Mean()):
		e.Metric = "wait_before_call"
		of = func(w *graph.Window) graph.Moments { return edge(w, id).Before }
		says = "wait in the caller right before %s: %s, before %s; the call itself takes as long as ever."
	case a.Gap.N == 0: // the callee sends no spans
		e.Metric = "call_time"
		of = func(w *graph.Window) graph.Moments { return edge(w, id).Time }
		says = "time of %s at the caller: %s, before %s."
	}
	e.Baseline, e.Incident = round(of(x.whole.base).Mean()/1e9, 6), round(of(x.whole.now).Mean()/1e9, 6)
	e.Sentence = fmt.Sprintf(says, name, Seconds(e.Incident), Seconds(e.Baseline))
	e.Series = x.series(func(w *graph.Window) (float64, bool) { return meanOf(of(w)) })
	return e
}

func (x *explainer) loadEvidence(c *Cause, id graph.RouteID) {
	b, a := route(x.whole.base, id), route(x.whole.now, id)
	e := Evidence{Metric: "rate", Subject: id.Operation, Unit: "1/s",
		Baseline: round(stands(b).rate(x.whole.base), 3), Incident: round(stands(a).rate(x.whole.now), 3),
		Series: x.series(func(w *graph.Window) (float64, bool) { return stands(route(w, id)).rate(w), true })}
	e.Sentence = fmt.Sprintf("requests of %s: %.1f a second, before %.1f.", id.Operation, e.Incident, e.Baseline)
	c.Evidence = append(c.Evidence, e)
	c.Examples = examples(&b.Examples, &a.Examples)
}

func (x *explainer) partEvidence(c *Cause, parts []part) {
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.requests, a.requests) })
	for _, p := range parts[:min(3, len(parts))] {
		e := Evidence{Metric: "shape", Subject: p.shape.Name, Unit: "share", Baseline: round(p.before, 4), Incident: round(p.after, 4), Series: []Point{}}
		below := ""
		if p.shape.Parent != "" {
			below = " below " + p.shape.Parent
		}
		e.Sentence = fmt.Sprintf("%s%s is in %s of the requests of %s, before in %s.", p.shape.Name, below, Percent(p.after), p.route.Operation, Percent(p.before))
		c.Evidence = append(c.Evidence, e)
	}
}

func perSecond(n int64, w *graph.Window) float64 {
	if w.Length == 0 {
		return 0
	}
	return float64(n) / (float64(w.Length) / 1e9)
}

// examples picks traces: normal ones, typical and worst ones of the incident.
func examples(before, during *graph.Examples) []Example {
	out := []Example{}
	add := func(role string, xs []graph.Example, most int) {
		for _, e := range xs[:min(most, len(xs))] {
			out = append(out, Example{TraceID: e.TraceID, Role: role, Duration: round(float64(e.Duration)/1e9, 6), Start: utc(e.Start)})
		}
	}
	add("worst", during.Worst, 2)
	add("failed", during.Failed, 1)
	add("typical", during.Typical, 1)
	add("baseline", before.Typical, 1)
	return out
}

// onsets finds when each place's own part left its baseline.
func (x *explainer) onsets(places []place) map[place]*time.Time {
	out := map[place]*time.Time{}
	for _, p := range places {
		if p.kind == CauseLoad {
			continue
		}
		out[p] = x.onset(func(w *graph.Window) (float64, bool) {
			switch p.kind {
			case CauseHost:
				return meanOf(onHostSelf(w, p.name))
			case CauseEdge:
				return meanOf(edge(w, graph.EdgeID{Caller: p.caller, Callee: p.node}).Gap)
			case CauseRetryPolicy:
				s := edge(w, graph.EdgeID{Caller: p.caller, Callee: p.node})
				return ratio(s.Attempts, s.Calls), s.Calls > 0
			}
			v := node(w, p.node).All
			own, ok := meanOf(v.Self)
			wait, _ := meanOf(v.GapIn)
			return (own + wait) * (1 + 10*ratio(v.FailedOwn, v.Visits)), ok
		})
	}
	return out
}

// newOnset reads off the baseline from where on a metric is high.
func newOnset(before []*graph.Window, of func(*graph.Window) (float64, bool)) *onset {
	var normal []float64
	for _, w := range before {
		if v, ok := of(w); ok {
			normal = append(normal, v)
		}
	}
	if len(normal) == 0 {
		return &onset{}
	}
	mid := median(normal)
	for i := range normal {
		normal[i] = math.Abs(normal[i] - mid)
	}
	return &onset{known: true, limit: mid*1.15 + 4*1.4826*median(normal)}
}

// goOn looks at the windows that it has not seen.
func (o *onset) goOn(during []*graph.Window, of func(*graph.Window) (float64, bool)) *time.Time {
	for o.known && !o.found && o.seen < len(during) {
		w := during[o.seen]
		o.seen++
		v, ok := of(w)
		switch {
		case !ok:
		case v <= o.limit:
			o.first = nil
		case o.first != nil:
			o.found = true
		default:
			t := utc(w.Start)
			o.first = &t
		}
	}
	if !o.known {
		return nil
	}
	return o.first
}
