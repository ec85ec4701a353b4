package simulate

// queueAt takes a request in at a station: to work on it, into its queue, or
// not at all.
func (e *engine) queueAt(s *station, a *attempt) {
	a.arrived = e.now
	limit := int(s.parallelism.value)
	switch {
	case limit == 0 || s.active < limit:
		e.serve(s, a)
	case s.spec.Queue == 0 || s.waiting.len() < s.spec.Queue:
		s.queued.add(e.now, 1)
		s.waiting.push(a)
	default:
		e.answer(a, rejected)
	}
}

// serve works on a request. The station does not notice when its client leaves.
func (e *engine) serve(s *station, a *attempt) {
	s.active++
	st := a.step
	slow := s.slow.value
	d := &s.time
	if st.on != nil {
		slow *= st.on.slow.value
		d = &st.on.time
	}
	if st.time.mean > 0 {
		d = &st.time
	}
	usual := d.draw(s.rng)
	took := usual * slow
	s.busy.add(took, usual)
	e.agenda.add(e.after(took), a, a.gen<<eventBits|evServed)
}

// served ends the work on a request and goes on with the next.
func (e *engine) served(a *attempt) {
	st := a.step
	s := st.edge.station
	bad := s.errors.value
	if st.on != nil {
		bad += st.on.errors.value
	}
	o := ok
	if bad > 0 && s.rng.Float64() < bad {
		o = failed
	}
	s.active--
	e.answer(a, o)
	e.serveWaiting(s)
}

// serveWaiting gives free places to who waits.
func (e *engine) serveWaiting(s *station) {
	for s.waiting.len() > 0 {
		if limit := int(s.parallelism.value); limit > 0 && s.active >= limit {
			return
		}
		s.queued.add(e.now, -1)
		e.serve(s, s.waiting.pop())
	}
}

// hit is the share of requests that a cache can answer now.
func (s *station) hit() float64 { return s.hitRatio.value * s.warm }

// fill puts what a miss brought into a cache.
func (s *station) fill() { s.warm += (1 - s.warm) / float64(s.spec.Keys) }
