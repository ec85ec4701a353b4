package simulate

// halt stops a process: dead, it refuses connections and who waited is told;
// hung, nobody is told anything. What it had not sent is lost.
func (e *engine) halt(in *instance, state instanceState) {
	in.state = state
	in.epoch++
	in.out.lose()
	in.service.inside.add(e.now, -len(in.active))
	for _, v := range in.active {
		if v.msg != nil {
			e.redeliver(v.msg)
			continue
		}
		e.abandon(v.att, state)
	}
	clear(in.active)
	in.active = in.active[:0]
	for in.queue.len() > 0 {
		in.service.queued.add(e.now, -1)
		e.abandon(in.queue.pop(), state)
	}
	in.working = 0
	clear(in.consumed)
	for _, g := range e.groups {
		e.dispatch(g)
	}
}

func (e *engine) abandon(a *attempt, state instanceState) {
	if state == dead {
		e.answer(a, reset)
		return
	}
	e.forsake(a)
}

// restart brings a fresh process up in the place of one that was halted.
func (e *engine) restart(in *instance) {
	in.state = alive
	for _, l := range in.links {
		if l != nil {
			l.breaker = breaker{}
			l.tokens = 0
		}
	}
}

// redeliver puts a message back that its consumer never finished.
func (e *engine) redeliver(m *message) {
	g := m.group
	g.waiting.add(e.now, 1)
	g.backlog.push(m)
}

// deployEvery is the usual time between two instances of a rolling deployment.
const deployEvery = 20e9

// roll gives the next instance the new version, or the old one back, and plans
// the one after. With it come the changes of the version.
func (e *engine) roll(f *fault, forth bool) {
	s := f.spec
	svc := e.service(s.Service)
	if forth && e.now >= f.until || !forth && f.done == 0 || forth && f.done == len(svc.instances) {
		return
	}
	if !forth {
		f.done--
	}
	in := svc.instances[f.done]
	e.export(in) // a process that is told to end sends what it holds
	version := svc.spec.Version
	if forth {
		version = s.Deploy
	}
	e.world.place(in, version)
	if forth {
		f.done++
	}
	for _, c := range []struct {
		knob    *knob
		to      *float64
		without float64
	}{{&in.slow, s.Slow, 1}, {&in.errors, s.Errors, 0}, {&in.skip, s.Skip, 0}} {
		if c.to == nil {
			continue
		}
		c.knob.base = c.without
		if forth {
			c.knob.base = *c.to
		}
		c.knob.value = c.knob.base
	}
	next := faultRolls
	if !forth {
		next = faultUnroll
	}
	e.agenda.add(e.now+s.pace(), f, next)
}

// pace is the time between two instances of a deployment, in nanoseconds.
func (s *faultSpec) pace() int64 {
	if s.Every > 0 {
		return int64(s.Every)
	}
	return deployEvery
}

// unrolling is how long after a fault's end the last instance has its old version
// back, in nanoseconds; 0 for what is no deployment.
func (e *engine) unrolling(f *fault) int64 {
	if f.spec.Deploy == "" {
		return 0
	}
	rolled := (f.until - f.from + f.spec.pace() - 1) / f.spec.pace()
	return (min(rolled, int64(len(e.service(f.spec.Service).instances))) - 1) * f.spec.pace()
}
