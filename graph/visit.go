package graph

// visits books the visits to services.
func (f *fold) visits() {
	f.failing = filled(f.failing, len(f.r.Visits), false) // a call made there failed
	for ci := range f.r.Calls {
		c := &f.r.Calls[ci]
		if v := f.callerVisit(&c.Attempts[len(c.Attempts)-1]); v >= 0 && c.Outcome() != OK && !c.Async {
			f.failing[v] = true
		}
	}
	for vi := range f.r.Visits {
		v := &f.r.Visits[vi]
		at := f.raw(v.Entry)
		instance := f.r.facts[v.Entry].instance
		f.inFlight(at, func(w *builder, ns int64) {
			ofOperation, ofInstance := w.visits(v.Node, v.Operation, instance)
			ofOperation.Occupancy += ns
			if ofInstance != nil {
				ofInstance.Occupancy += ns
			}
		})
		if w := f.at(f.visitBegan(v)); w != nil {
			s := f.stay(int32(vi), at)
			ofOperation, ofInstance := w.visits(v.Node, v.Operation, instance)
			ofOperation.add(&s)
			if ofInstance != nil {
				ofInstance.add(&s)
			}
		}
	}
}

// stay is one visit, as it is counted.
type stay struct {
	example           Example
	time, self        int64
	first, gap        int64 // -1 where there is none
	orphan            int64
	failed, failedOwn bool
	repeated          bool
	bin               int // of time, in sketches
}

func (f *fold) stay(vi int32, at stretch) stay {
	v := &f.r.Visits[vi]
	s := stay{time: at.to - at.from, gap: -1, failed: f.t.Spans[v.Entry].Outcome != OK}
	s.failedOwn = s.failed && !f.failing[vi]
	s.self, s.first = own(at, f.busy[vi])
	s.bin = binOf(s.time)
	s.example = Example{TraceID: f.t.ID, Start: f.t.Spans[v.Entry].Start, Duration: s.time}
	if v.Call >= 0 && !f.r.Calls[v.Call].Async {
		c := &f.r.Calls[v.Call]
		s.repeated = int(v.Attempt) < len(c.Attempts)-1
		if a := &c.Attempts[v.Attempt]; a.Client >= 0 {
			client, server := f.sides(a, c.after(int(v.Attempt)))
			s.gap = f.gap(a, client, server)
			s.orphan = max(0, server.to-max(client.to, server.from))
		}
	}
	return s
}

func (v *VisitStats) add(s *stay) {
	v.Visits++
	if s.failed {
		v.Failed++
		if s.failedOwn {
			v.FailedOwn++
		}
	} else {
		v.TimeOK.Add(s.time)
		v.SelfOK.Add(s.self)
	}
	v.Time.Add(s.time)
	v.Self.Add(s.self)
	if s.first >= 0 {
		v.First.Add(s.first)
	}
	if s.gap >= 0 {
		v.GapIn.Add(s.gap)
	}
	v.Orphan += s.orphan
	if s.repeated {
		v.Repeated += s.time
	}
	v.Latency.addBin(s.bin)
	v.Examples.add(s.example, s.failed)
}

func (f *fold) visitBegan(v *Visit) int64 {
	if v.Call >= 0 {
		return f.began(&f.r.Calls[v.Call])
	}
	return f.t.Spans[v.Entry].Start
}

// own is the time of a visit in which no call was open, and of it the part
// before the first call (-1 where there is none). busy is ordered by start.
func own(at stretch, busy []stretch) (self, first int64) {
	first = -1
	covered, until := int64(0), at.from
	for _, b := range busy {
		if first < 0 {
			first = max(0, min(b.from, at.to)-at.from)
		}
		from, to := max(b.from, until), min(b.to, at.to)
		if to > from {
			covered += to - from
			until = to
		}
	}
	return at.to - at.from - covered, first
}

// before books, for each call, the caller's own time right before it: where in
// its span the own time lies. A wait for a connection shows there.
func (f *fold) before() {
	for ci := range f.r.Calls {
		c := &f.r.Calls[ci]
		a := &c.Attempts[0]
		v := f.callerVisit(a)
		if v < 0 || c.Async {
			continue
		}
		w := f.at(f.began(c))
		if w == nil {
			continue
		}
		client, _ := f.sides(a, c.after(0))
		since := f.raw(f.r.Visits[v].Entry).from
		for _, b := range f.busy[v] {
			if b.from >= client.from {
				break
			}
			since = max(since, min(b.to, client.from))
		}
		w.edge(c).Before.Add(max(0, client.from-since))
	}
}
