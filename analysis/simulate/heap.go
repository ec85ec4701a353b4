package simulate

// actor is something to which events happen. What the argument means is the
// actor's own business; pooled actors put their generation into it, so that
// events meant for an earlier life are known as such.
type actor interface{ fire(e *engine, arg uint64) }

// event is one thing to happen at a virtual time.
type event struct {
	at  int64
	seq uint64 // order of scheduling breaks ties
	who actor
	arg uint64
}

func (a *event) before(b *event) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

// agenda is a four-ary heap of events: container/heap would allocate each one.
type agenda struct {
	events []event
	seq    uint64
}

func (h *agenda) add(at int64, who actor, arg uint64) {
	h.seq++
	ev := event{at, h.seq, who, arg}
	h.events = append(h.events, ev)
	i := len(h.events) - 1
	for i > 0 {
		p := (i - 1) / 4
		if !ev.before(&h.events[p]) {
			break
		}
		h.events[i] = h.events[p]
		i = p
	}
	h.events[i] = ev
}

// next takes the earliest event; the agenda must not be empty.
func (h *agenda) next() event {
	first := h.events[0]
	n := len(h.events) - 1
	last := h.events[n]
	h.events[n] = event{}
	h.events = h.events[:n]
	if n == 0 {
		return first
	}
	i := 0
	for {
		c := 4*i + 1
		if c >= n {
			break
		}
		best := c
		for k := c + 1; k < min(c+4, n); k++ {
			if h.events[k].before(&h.events[best]) {
				best = k
			}
		}
		if !h.events[best].before(&last) {
			break
		}
		h.events[i] = h.events[best]
		i = best
	}
	h.events[i] = last
	return first
}
