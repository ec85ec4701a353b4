package simulate

// host is a machine whose processors its pods share: with more work under way
// than processors, all of it slows in proportion (processor sharing). Progress
// is kept as virtual work done per job, so that one event per host is enough.
type host struct {
	spec *hostSpec
	busy knob // processors taken by what has no spans
	slow knob

	jobs  []job // heap by the progress at which they are done
	seq   uint64
	done  float64 // work done by each job since the start, in ns
	since int64
	gen   uint64
	skew  int64
}

// job is a run's stretch of work on a host.
type job struct {
	until float64
	seq   uint64
	run   *run
	extra float64 // time to wait afterwards, without using a processor
}

func (a *job) before(b *job) bool { return a.until < b.until || a.until == b.until && a.seq < b.seq }

// rate is how much work each job gets done per nanosecond.
func (h *host) rate() float64 {
	load := float64(len(h.jobs)) + h.busy.value
	return min(1, h.spec.CPUs/max(load, 1e-9)) / h.slow.value
}

// catchUp brings progress up to now. It is called before anything changes.
func (h *host) catchUp(now int64) {
	h.done += float64(float64(now-h.since) * h.rate())
	h.since = now
}

// work keeps a run busy with its own work for the given nominal time. What a
// fault adds to it is waiting (a lock, a disk, a pause): it takes no processor
// from the neighbours.
func (e *engine) work(r *run, usual float64) {
	v := r.visit
	in := v.inst
	slow := in.service.slow.value * v.op.slow.value * in.slow.value
	r.busySince, r.usual = e.now, usual
	if in.host == nil || in.host.spec.CPUs == 0 {
		e.agenda.add(e.after(usual*slow), r, 0)
		return
	}
	h := in.host
	h.catchUp(e.now)
	h.seq++
	h.push(job{until: h.done + float64(usual*min(slow, 1)), seq: h.seq, run: r, extra: usual * max(0, slow-1)})
	e.plan(h)
}

// fire ends a stretch of own work.
func (r *run) fire(e *engine, _ uint64) {
	r.visit.worked += e.now - r.busySince
	r.visit.inst.service.busy.add(float64(e.now-r.busySince), r.usual)
	r.settle(e, ok)
}

// plan schedules the end of the job that ends first.
func (e *engine) plan(h *host) {
	h.gen++
	if len(h.jobs) == 0 {
		return
	}
	left := max(0, h.jobs[0].until-h.done)
	e.agenda.add(e.after(left/h.rate())+1, h, h.gen)
}

// fire ends the jobs that are done.
func (h *host) fire(e *engine, gen uint64) {
	if gen != h.gen {
		return
	}
	h.catchUp(e.now)
	ended := e.ended[:0]
	for len(h.jobs) > 0 && h.jobs[0].until <= h.done {
		ended = append(ended, h.pop())
	}
	e.plan(h)
	e.ended = ended
	for _, j := range ended {
		if j.extra > 0 {
			e.agenda.add(e.after(j.extra), j.run, 0)
		} else {
			j.run.fire(e, 0)
		}
	}
}

func (h *host) push(j job) {
	h.jobs = append(h.jobs, j)
	i := len(h.jobs) - 1
	for i > 0 && j.before(&h.jobs[(i-1)/2]) {
		h.jobs[i] = h.jobs[(i-1)/2]
		i = (i - 1) / 2
	}
	h.jobs[i] = j
}

func (h *host) pop() job {
	first := h.jobs[0]
	n := len(h.jobs) - 1
	last := h.jobs[n]
	h.jobs = h.jobs[:n]
	if n == 0 {
		return first
	}
	i := 0
	for c := 1; c < n; c = 2*i + 1 {
		if c+1 < n && h.jobs[c+1].before(&h.jobs[c]) {
			c++
		}
		if !h.jobs[c].before(&last) {
			break
		}
		h.jobs[i] = h.jobs[c]
		i = c
	}
	h.jobs[i] = last
	return first
}
