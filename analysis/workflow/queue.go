package workflow

import (
	"slices"

	"headwater/graph/trace"
)

// queues is what is known of the messages.
type queues struct {
	sends map[trace.Ref]ref   // the sending, by the message
	taken map[trace.Ref][]ref // the visits that took it (ref.event is the visit)
	// newest is the time at which the newest message that a place took was sent,
	// or was given back.
	newest map[int32]int64
	// pending are the times since when messages that nobody took wait, by place.
	pending map[int32][]int64
}

// indexMessages finds who sent and who took each message.
func (a *analyst) indexMessages() {
	q := &queues{sends: map[trace.Ref]ref{}, taken: map[trace.Ref][]ref{}, newest: map[int32]int64{}, pending: map[int32][]int64{}}
	a.queues = q
	for i := range a.records {
		rec := &a.records[i]
		for at := range rec.events {
			if e := &rec.events[at]; a.sites.list[e.site].kind == publishSite {
				q.sends[trace.Ref{TraceID: rec.id, SpanID: e.span}] = ref{int32(i), int32(at)}
			}
		}
		for at := range rec.visits {
			for _, m := range rec.visits[at].messages {
				q.taken[m] = append(q.taken[m], ref{int32(i), int32(at)})
			}
		}
	}
}

func (a *analyst) visit(r ref) *visit { return &a.records[r.record].visits[r.event] }

// watchQueues finds how far each consumer has come.
func (a *analyst) watchQueues() {
	q := a.queues
	for m, visits := range q.taken {
		slices.SortFunc(visits, func(x, y ref) int {
			vx, vy := a.visit(x), a.visit(y)
			return int(min(max(vx.start-vy.start, -1), 1))
		})
		sent, ok := q.sends[m]
		if !ok {
			continue
		}
		back := map[int32]int64{} // when it was given back last, by place
		for _, r := range visits {
			v := a.visit(r)
			since := a.event(sent).start
			if at, again := back[v.place]; again {
				since = at
			}
			q.newest[v.place] = max(q.newest[v.place], since)
			back[v.place] = v.end
		}
	}
}

// delivery is what became of the messages of a workflow that a place should
// have taken.
type delivery struct {
	sent  bool // at least one was sent
	tries int
	done  bool  // one was taken and not failed
	since int64 // since when the last one waits
	queue int32 // the site that sent it
}

// deliveries looks for the messages that carry a step.
func (a *analyst) deliveries(f *flow, c carrier) delivery {
	d := delivery{queue: c.sent}
	if c.taker == none || c.sent == none || f.steps[c.sent] == nil {
		return d
	}
	for _, e := range f.steps[c.sent].commits {
		d.sent = true
		d.since = max(d.since, a.event(e).start)
		for _, r := range a.queues.taken[trace.Ref{TraceID: a.records[e.record].id, SpanID: a.event(e).span}] {
			v := a.visit(r)
			if v.place != c.taker {
				continue
			}
			d.tries++
			d.done = d.done || !v.failed
			d.since = max(d.since, v.end)
		}
	}
	return d
}

// waits reports whether a message may still be taken: its consumer has come to
// none that was sent much later.
func (a *analyst) waits(r *route, c carrier, d delivery) bool {
	return d.sent && !d.done && d.since > a.queues.newest[c.taker]-r.deadline
}
