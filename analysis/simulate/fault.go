package simulate

import (
	"slices"
	"strings"
)

// change is what one fault does to one knob: while the fault lasts, the knob
// goes from its base to the fault's value.
type change struct {
	fault  *fault
	knob   *knob
	to     float64
	factor bool // to multiplies the base
}

// fault is a fault as it runs.
type fault struct {
	spec    *faultSpec
	from    int64
	until   int64
	changes []change
	done    int // instances deployed
}

// The events of a fault.
const (
	faultBegins uint64 = iota
	faultEnds
	faultRamps
	faultRolls  // the next instance gets the new version
	faultUnroll // the next instance gets the old version back
	faultFades
)

// planFaults schedules every fault of the scenario.
func (e *engine) planFaults() {
	for i := range e.scenario.Faults {
		spec := &e.scenario.Faults[i]
		f := &fault{spec: spec, from: e.start + int64(spec.At), until: e.end + drain}
		if spec.For > 0 {
			f.until = f.from + int64(spec.For)
		}
		f.changes = e.changesOf(f)
		e.faults = append(e.faults, f)
		e.agenda.add(f.from, f, faultBegins)
		e.agenda.add(f.until, f, faultEnds)
	}
}

func (f *fault) fire(e *engine, what uint64) {
	switch what {
	case faultBegins:
		e.strike(f)
		if f.spec.Ramp > 0 {
			e.agenda.add(e.now+rampStep, f, faultRamps)
		}
		if f.spec.Fade > 0 {
			e.agenda.add(max(e.now, f.until-int64(f.spec.Fade))+rampStep, f, faultFades)
		}
	case faultRamps:
		if e.now < f.from+int64(f.spec.Ramp)+rampStep && e.now < f.until {
			e.agenda.add(e.now+rampStep, f, faultRamps)
		}
	case faultFades:
		if e.now+rampStep < f.until {
			e.agenda.add(e.now+rampStep, f, faultFades)
		}
	case faultEnds:
		e.lift(f)
	case faultRolls:
		e.roll(f, true)
	case faultUnroll:
		e.roll(f, false)
	}
	e.turn()
}

// rampStep is how often a growing fault grows, in nanoseconds.
const rampStep = 1e9

// progress is how much of a fault is in force now.
func (f *fault) progress(now int64) float64 {
	if now < f.from || now >= f.until {
		return 0
	}
	p := 1.0
	if f.spec.Ramp > 0 {
		p = min(p, float64(now-f.from)/float64(f.spec.Ramp))
	}
	if f.spec.Fade > 0 {
		p = min(p, float64(f.until-now)/float64(f.spec.Fade))
	}
	return p
}

// turn sets every knob to what the faults now in force make of it.
func (e *engine) turn() {
	for _, h := range e.hosts {
		h.catchUp(e.now) // at the rate that held until now
	}
	for _, f := range e.faults {
		for _, c := range f.changes {
			c.knob.value = c.knob.base
		}
	}
	for _, f := range e.faults {
		p := f.progress(e.now)
		if p == 0 {
			continue
		}
		for _, c := range f.changes {
			if c.factor {
				c.knob.value *= 1 + p*(c.to-1)
			} else {
				c.knob.value += p * (c.to - c.knob.base)
			}
		}
	}
	e.makeRoom()
}

// makeRoom lets waiting work in where a knob has just made room for it.
func (e *engine) makeRoom() {
	for _, s := range e.stations {
		e.serveWaiting(s)
	}
	for _, g := range e.groups {
		e.dispatch(g)
	}
	for _, s := range e.services {
		for _, in := range s.instances {
			if in.state == alive {
				e.serveQueue(in)
			}
			for _, ed := range s.edges {
				e.widen(in.links[ed.index])
			}
		}
	}
	for _, h := range e.hosts {
		e.plan(h)
	}
}

// trigger is when the first fault begins; the end of the run without one.
func (e *engine) trigger() int64 {
	t := e.end
	for _, f := range e.faults {
		if !f.spec.Remedy {
			t = min(t, f.from)
		}
	}
	return t
}

// changesOf finds the knobs that a fault turns.
func (e *engine) changesOf(f *fault) (out []change) {
	s := f.spec
	set := func(k *knob, to *float64, factor bool) {
		if to != nil {
			out = append(out, change{f, k, *to, factor})
		}
	}
	switch {
	case s.Service != "" && s.Deploy != "": // applied instance by instance
	case s.Service != "":
		slow, errors, skip := e.serviceKnobs(s)
		set(slow, s.Slow, true)
		set(errors, s.Errors, false)
		set(skip, s.Skip, false)
		set(&e.service(s.Service).workers, s.Workers, false)
		set(&e.service(s.Service).replicas, s.Replicas, false)
		if s.Pause {
			for _, g := range e.groups {
				if g.service.name == s.Service {
					out = append(out, change{f, &g.paused, 1, false})
				}
			}
		}
	case s.station() != "":
		st := e.station(s.station())
		slow, errors := &st.slow, &st.errors
		if s.Collection != "" {
			slow, errors = &st.collections[s.Collection].slow, &st.collections[s.Collection].errors
		}
		set(slow, s.Slow, true)
		set(errors, s.Errors, false)
		set(&st.parallelism, s.Parallelism, false)
		set(&st.hitRatio, s.HitRatio, false)
	case s.Host != "":
		h := e.hosts[slices.IndexFunc(e.hosts, func(h *host) bool { return h.spec.Name == s.Host })]
		set(&h.slow, s.Slow, true)
		set(&h.busy, s.BusyCPUs, false)
	case s.Edge != "":
		for _, ed := range e.edgesNamed(s.Edge) {
			set(&ed.connections, s.Connections, false)
			set(&ed.attempts, s.Attempts, false)
			set(&ed.lost, s.Lost, false)
			set(&ed.refused, s.Refused, false)
			set(&ed.fanOut, s.FanOut, true)
			set(&ed.budget, s.Budget, false)
			set(&ed.delay, s.Delay.number(), false)
			set(&ed.timeout, s.Timeout.number(), false)
			if on := 1.0; s.Optional {
				set(&ed.optional, &on, false)
			}
			if on := 1.0; s.Breaker != nil {
				ed.fuse = s.Breaker
				set(&ed.fused, &on, false)
			}
		}
	default:
		for _, n := range e.entries {
			if s.Entry == n.name || s.Entry == "all" {
				set(&n.traffic, s.Traffic, true)
			}
		}
	}
	return out
}

// number is a duration in nanoseconds; nil of none.
func (d *duration) number() *float64 {
	if d == nil {
		return nil
	}
	ns := float64(*d)
	return &ns
}

// serviceKnobs are the knobs of a service, an operation or an instance.
func (e *engine) serviceKnobs(s *faultSpec) (slow, errors, skip *knob) {
	svc := e.service(s.Service)
	switch {
	case s.Operation != "":
		op := svc.operation(s.Operation)
		return &op.slow, &op.errors, &op.skip
	case s.Instance > 0:
		in := svc.instances[s.Instance-1]
		return &in.slow, &in.errors, &in.skip
	}
	return &svc.slow, &svc.errors, &svc.skip
}

// station is the target among databases, caches, brokers and external systems.
func (s *faultSpec) station() string {
	return s.Database + s.Cache + s.Broker + s.External
}

// edgesNamed are the edges of "caller->callee"; "*" stands for every caller.
func (e *engine) edgesNamed(name string) (out []*edge) {
	from, to, _ := strings.Cut(name, "->")
	for _, ed := range e.edges {
		if ed.caller != nil && (from == "*" || ed.caller.name == from) && ed.target() == to {
			out = append(out, ed)
		}
	}
	return out
}

// strike does what a fault does at once.
func (e *engine) strike(f *fault) {
	s := f.spec
	switch {
	case s.Kill:
		e.stop(s, dead)
	case s.Hang:
		e.stop(s, hung)
	case s.Flush:
		e.station(s.Cache).warm = 0
	case s.Deploy != "":
		e.roll(f, true)
	}
}

// lift undoes it.
func (e *engine) lift(f *fault) {
	s := f.spec
	switch {
	case s.Kill || s.Hang:
		for _, in := range e.struck(s) {
			e.restart(in)
		}
	case s.Deploy != "":
		e.roll(f, false)
	}
}

func (e *engine) struck(s *faultSpec) []*instance {
	all := e.service(s.Service).instances
	if s.Instance > 0 {
		return all[s.Instance-1 : s.Instance]
	}
	return all
}

func (e *engine) stop(s *faultSpec, state instanceState) {
	for _, in := range e.struck(s) {
		e.halt(in, state)
	}
}
