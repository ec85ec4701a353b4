package whatif

import (
	"slices"

	"headwater/analysis/simulate"
	"headwater/graph"
)

// addCourses makes faults of what changed by itself while the incident went on.
func (b *builder) addCourses() {
	for _, id := range sortedNodes(b.service) {
		b.serviceCourse(id)
	}
	for _, id := range sortedNodes(b.other) {
		b.stationCourse(id)
	}
	for _, e := range b.ids {
		b.edgeCourse(e)
	}
	b.tellCapped()
}

// put adds a fault for each stretch in which a number is not its usual.
func (b *builder) put(series []float64, usual float64, fault simulate.Fault, set func(*simulate.Fault, *float64)) {
	for _, s := range stretches(series, usual) {
		f := fault
		f.At, f.For = simulate.Duration(b.length)*simulate.Duration(s.from), simulate.Duration(b.length)*simulate.Duration(s.to-s.from)
		v := s.value
		set(&f, &v)
		b.faults = append(b.faults, f)
	}
}

func slow(f *simulate.Fault, v *float64)        { f.Slow = v }
func failingMore(f *simulate.Fault, v *float64) { f.Errors = v }

// each makes a sample of every window.
func (b *builder) each(f func(*graph.Window) sample) []sample {
	out := make([]sample, len(b.windows))
	for i, w := range b.windows {
		out[i] = f(w)
	}
	return out
}

func (b *builder) serviceCourse(id graph.NodeID) {
	if b.instanceCourse(id) {
		return
	}
	pooled := make([]bool, len(b.windows)) // own time is the wait for a connection
	var in []graph.EdgeID
	for _, e := range b.ids {
		if p, ok := b.pools[e]; ok && e.Caller == id {
			for i := range p.in {
				if p.in[i] || i > 0 && p.in[i-1] || i+1 < len(p.in) && p.in[i+1] {
					pooled[i] = true
				}
			}
		}
		if e.Callee == id && !e.Async {
			in = append(in, e)
		}
	}
	at := map[*graph.Window]int{}
	for i, w := range b.windows {
		at[w] = i
	}
	turned := func(w *graph.Window) float64 { return ratio(turnedAway(w, in), nodeOf(w, id).All.Visits) }
	whole := b.each(func(w *graph.Window) sample { return b.slowerAll(w, id) })
	wholeFails := b.each(func(w *graph.Window) sample { return failing(nodeOf(w, id).All, turned(w)) })
	wholeUsual := failing(nodeOf(b.base, id).All, 0).value
	for _, o := range b.opsOf[id] {
		fault := simulate.Fault{Service: b.service[id]}
		_, fault.Operation = cutOp(b.op[o])
		usual := *operationOf(b.base, o)
		series := b.each(func(w *graph.Window) sample { return slower(usual, *operationOf(w, o)) })
		fails := b.each(func(w *graph.Window) sample {
			return failing(*operationOf(w, o), min(1, turned(w)+b.heldBack(at[w], o)))
		})
		errs := failing(usual, 0).value
		if float64(usual.Visits)*float64(b.length) < fewAWindow*float64(b.base.Length) {
			series, fails, errs = whole, wholeFails, wholeUsual // too few to tell by themselves
		}
		times := levels(series, 1, leastSlower)
		for i := range times {
			if pooled[i] {
				times[i] = 1
			}
			times[i] = max(times[i], leastRatio)
		}
		b.put(times, 1, fault, slow)
		errors := levels(fails, errs, leastFailing)
		for i := range errors {
			if pooled[i] {
				errors[i] = errs // they got no connection in time
			}
		}
		b.put(errors, errs, fault, failingMore)
	}
}

// fewAWindow is how many visits a window an operation must have to speak for itself.
const fewAWindow = 5

// lonely is by how much more than the others an instance must be slower, or how
// much more of it must fail, to be told apart.
const (
	lonely      = 2.0
	lonelyFails = 0.1
)

// instanceCourse adds what happened to single instances, and reports whether it
// was not all of them.
func (b *builder) instanceCourse(id graph.NodeID) bool {
	usual := nodeOf(b.base, id)
	var all []graph.Instance
	for in, s := range usual.Instances {
		if s.Visits >= fewVisits {
			all = append(all, in)
		}
	}
	if len(all) < 2 || len(all) != b.replicas(id) {
		return false
	}
	slices.SortFunc(all, compareInstances)
	var ratios, fails []float64
	for _, in := range all {
		var now graph.VisitStats
		for _, w := range b.windows[b.from:b.to] {
			if s := nodeOf(w, id).Instances[in]; s != nil {
				now.SelfOK.Merge(s.SelfOK)
				now.Visits += s.Visits
				now.FailedOwn += s.FailedOwn
			}
		}
		if now.Visits < fewVisits {
			return false
		}
		ratios = append(ratios, now.SelfOK.Mean()/max(usual.Instances[in].SelfOK.Mean(), 1))
		fails = append(fails, ratio(now.FailedOwn, now.Visits))
	}
	if slices.Max(ratios) < lonely*quantile(ratios, 0.3) && slices.Max(fails) < lonelyFails+quantile(fails, 0.3) {
		return false
	}
	for i, in := range all {
		fault := simulate.Fault{Service: b.service[id], Instance: i + 1}
		u := *usual.Instances[in]
		at := func(w *graph.Window) graph.VisitStats {
			if s := nodeOf(w, id).Instances[in]; s != nil {
				return *s
			}
			return graph.VisitStats{}
		}
		b.put(levels(b.each(func(w *graph.Window) sample { return slower(u, at(w)) }), 1, leastSlower), 1, fault, slow)
		b.put(levels(b.each(func(w *graph.Window) sample { return failing(at(w), 0) }), 0, lonelyFails), 0, fault, failingMore)
	}
	return true
}

func compareInstances(a, b graph.Instance) int {
	switch {
	case a.Name != b.Name:
		return order(a.Name < b.Name)
	case a.Host != b.Host:
		return order(a.Host < b.Host)
	case a.Version != b.Version:
		return order(a.Version < b.Version)
	}
	return order(a.Zone < b.Zone)
}

func order(less bool) int {
	if less {
		return -1
	}
	return 1
}

func (b *builder) stationCourse(id graph.NodeID) {
	st := b.stations[id]
	fault := simulate.Fault{Database: b.other[id]}
	if b.queue[id] != "" {
		fault = simulate.Fault{Broker: b.other[id]}
	}
	errs := b.usualErrors(id)
	b.put(st.failing, 0, fault, func(f *simulate.Fault, v *float64) {
		*v = max(*v, errs)
		f.Errors = v
	})
	b.put(st.slow, 1, fault, slow)
	if st.narrow != nil {
		series := make([]float64, len(st.narrow))
		for i, narrow := range st.narrow {
			if narrow {
				series[i] = float64(st.places)
			}
		}
		b.put(series, 0, fault, func(f *simulate.Fault, v *float64) { f.Parallelism = v })
	}
	for _, o := range b.opsOf[id] {
		if series := st.of[o]; series != nil && fault.Database != "" {
			fault.Collection = b.item[o]
			b.put(series, 1, fault, slow)
		}
	}
}

func (b *builder) edgeCourse(e graph.EdgeID) {
	from, to := b.service[e.Caller], b.service[e.Callee]
	if to == "" {
		to = b.other[e.Callee]
	}
	if from == "" || to == "" || e.Async || !b.calls(e) {
		return
	}
	fault := simulate.Fault{Edge: from + "->" + to}
	b.cap(e, fault.Edge)
	fans := b.each(func(w *graph.Window) sample { return b.fan(w, e) })
	for i, held := range b.breakers[e].held {
		if held > 0 {
			fans[i] = sample{}
		}
	}
	b.put(levels(fans, 1, leastFan), 1, fault, func(f *simulate.Fault, v *float64) { f.FanOut = v })
	if p, ok := b.pools[e]; ok && p.shrunk {
		series := make([]float64, len(b.windows))
		for i, in := range p.in {
			if in {
				series[i] = float64(p.size)
			}
		}
		b.put(series, 0, fault, func(f *simulate.Fault, v *float64) { f.Connections = v })
	}
	if b.service[e.Callee] == "" {
		b.put(levels(b.each(func(w *graph.Window) sample { return unanswered(b.base, w, e) }), 0, leastFailing), 0, fault,
			func(f *simulate.Fault, v *float64) { f.Lost = v })
		return
	}
	b.put(levels(b.each(func(w *graph.Window) sample { l, _ := lost(edgeOf(w, e)); return l }), 0, leastFailing), 0, fault,
		func(f *simulate.Fault, v *float64) { f.Lost = v })
	b.put(levels(b.each(func(w *graph.Window) sample { _, r := lost(edgeOf(w, e)); return r }), 0, leastFailing), 0, fault,
		func(f *simulate.Fault, v *float64) { f.Refused = v })
	if b.widths[e.Callee].places > 0 {
		return // it waits for a place
	}
	usual := away(edgeOf(b.base, e)).value
	b.put(levels(b.each(func(w *graph.Window) sample { return away(edgeOf(w, e)) }), usual, leastDelay), usual, fault,
		func(f *simulate.Fault, v *float64) {
			d := simulate.Duration(*v)
			f.Delay = &d
		})
}

// calls reports whether any step of the scenario makes calls of an edge.
func (b *builder) calls(e graph.EdgeID) bool {
	for _, o := range b.opsOf[e.Caller] {
		for _, s := range b.steps[o] {
			if _, ok := b.stepOf(o, s); ok && s.to.node == e.Callee && !s.async {
				return true
			}
		}
	}
	return false
}
