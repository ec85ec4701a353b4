package simulate

import (
	"context"
	"time"

	"headwater/graph"
)

// Naming says under which names a run without spans counts what happens.
type Naming interface {
	// Node is the node of a service, database, cache, broker, external system or
	// queue of the scenario.
	Node(name string) graph.NodeID
	// Operation is what an operation of a service is called; as is what it would be
	// called in spans.
	Operation(service, operation, as string) string
}

// Windows plays a scenario without making its spans, several times as fast, and
// gives the windows that they would have made, in order, as far as these say:
// of routes the requests, their failures and how long they took; of services
// visits, failures, own time and occupancy; of edges calls, attempts, outcomes,
// how long they took and occupancy. The requests, calls and times are those of a
// Run with the same scenario and seed.
func Windows(ctx context.Context, sc *Scenario, opt Options, length time.Duration, names Naming) ([]*graph.Window, error) {
	e := newEngine(sc, opt, func(Batch) error { return nil })
	e.meter = newMeter(e, int64(length), names)
	if err := e.run(ctx); err != nil {
		return nil, err
	}
	e.meter.finish()
	return e.meter.windows, nil
}

// meter counts in windows what spans would show.
type meter struct {
	start, length int64
	windows       []*graph.Window
	visits        [][]*graph.VisitStats // by service, then window
	routes        [][]*graph.RouteStats // by operation, then window
	edges         [][]*graph.EdgeStats  // by edge, then window
	taken         [][]*graph.EdgeStats  // by consumer group, then window
	stations      [][]*graph.VisitStats // by edge, then window; nil for services
	operations    map[*operation]int
	groups        map[*group]int
}

func newMeter(e *engine, length int64, names Naming) *meter {
	m := &meter{start: e.start - e.start%length, length: length, operations: map[*operation]int{}, groups: map[*group]int{}}
	for at := m.start; at < e.end; at += length {
		m.windows = append(m.windows, graph.NewWindow(at, length))
	}
	entries := map[*operation]bool{}
	for _, n := range e.entries {
		entries[n.step.target] = true
	}
	for _, s := range e.services {
		id := names.Node(s.name)
		m.visits = append(m.visits, m.node(id))
		for _, op := range s.ops {
			m.operations[op] = len(m.routes)
			m.routes = append(m.routes, nil)
			if entries[op] {
				m.routes[m.operations[op]] = m.route(graph.RouteID{Node: id, Operation: names.Operation(s.name, op.name, op.server.name)}, graph.NodeID{})
			}
		}
	}
	for _, g := range e.groups {
		from, to := names.Node(g.topic.name), names.Node(g.service.name)
		m.groups[g] = len(m.taken)
		m.taken = append(m.taken, m.edge(graph.EdgeID{Caller: from, Callee: to, Async: true}))
		m.routes[m.operations[g.op]] = m.route(graph.RouteID{Node: to, Operation: names.Operation(g.service.name, g.op.name, g.op.server.name)}, from)
	}
	for _, ed := range e.edges {
		if ed.entry != nil {
			m.edges, m.stations = append(m.edges, nil), append(m.stations, nil)
			continue
		}
		to := ed.target()
		if ed.topic != nil {
			to = ed.topic.name
		}
		id := graph.EdgeID{Caller: names.Node(ed.caller.name), Callee: names.Node(to), Async: ed.topic != nil}
		m.edges = append(m.edges, m.edge(id))
		if ed.callee != nil {
			m.stations = append(m.stations, nil)
		} else {
			m.stations = append(m.stations, m.node(id.Callee))
		}
	}
	return m
}

func (m *meter) node(id graph.NodeID) (out []*graph.VisitStats) {
	for _, w := range m.windows {
		if w.Nodes[id] == nil {
			w.Nodes[id] = &graph.NodeStats{}
		}
		out = append(out, &w.Nodes[id].All)
	}
	return out
}

func (m *meter) route(id graph.RouteID, source graph.NodeID) (out []*graph.RouteStats) {
	for _, w := range m.windows {
		if w.Routes[id] == nil {
			w.Routes[id] = &graph.RouteStats{Source: source}
		}
		out = append(out, w.Routes[id])
	}
	return out
}

func (m *meter) edge(id graph.EdgeID) (out []*graph.EdgeStats) {
	for _, w := range m.windows {
		if w.Edges[id] == nil {
			w.Edges[id] = &graph.EdgeStats{}
		}
		out = append(out, w.Edges[id])
	}
	return out
}

// at is the window of a time, -1 outside of all.
func (m *meter) at(time int64) int {
	if i := int((time - m.start) / m.length); i < len(m.windows) {
		return i
	}
	return -1
}

// each gives f the windows that a stretch reaches into, with how much lies there.
func (m *meter) each(from, to int64, f func(i int, ns int64)) {
	for i := m.at(from); i >= 0 && i < len(m.windows); i++ {
		begin := m.start + int64(i)*m.length
		if begin >= to {
			return
		}
		f(i, min(to, begin+m.length)-max(from, begin))
	}
}

// visit counts a request or message at the end of its work.
func (m *meter) visit(v *visit, o outcome, now int64) {
	stats := m.visits[v.inst.service.index]
	m.each(v.start, now, func(i int, ns int64) { stats[i].Occupancy += ns })
	bad := o != ok && o != notFound && o != skipped
	i := m.at(v.start)
	if v.att != nil && v.att.link.edge.entry == nil {
		i = m.at(v.att.first)
	}
	if i >= 0 {
		s := stats[i]
		s.Visits++
		s.Time.Add(now - v.start)
		s.Self.Add(v.worked)
		if v.att != nil {
			s.GapIn.Add(v.start - v.att.start)
		}
		switch {
		case bad && !v.blamed:
			s.FailedOwn++
			fallthrough
		case bad:
			s.Failed++
		default:
			s.TimeOK.Add(now - v.start)
			s.SelfOK.Add(v.worked)
		}
	}
	age := int64(0)
	if v.msg != nil {
		age = v.start - v.msg.sent
		if k := m.at(v.start); k >= 0 {
			e := m.taken[m.groups[v.msg.group]][k]
			e.Calls++
			e.Attempts++
			e.Wait.Add(age)
			e.Time.Add(now - v.start)
		}
	} else if v.att.link.edge.entry == nil {
		return
	}
	m.request(v.op, v.start, now-v.start+age, bad)
}

func (m *meter) request(op *operation, start, took int64, bad bool) {
	i := m.at(start)
	if i < 0 || m.routes[m.operations[op]] == nil {
		return
	}
	s := m.routes[m.operations[op]][i]
	s.Requests++
	s.Weight += graph.Millionth
	s.Time.Add(took)
	s.Latency.Add(took)
	if bad {
		s.Failed++
	}
}

// rejected counts a request that was turned away.
func (m *meter) rejected(in *instance, a *attempt, now int64) {
	m.each(now, now+rejectedTook, func(i int, ns int64) { m.visits[in.service.index][i].Occupancy += ns })
	at := now
	if a.link.edge.entry == nil {
		at = a.first
	}
	if i := m.at(at); i >= 0 {
		s := m.visits[in.service.index][i]
		s.Visits++
		s.Failed++
		s.FailedOwn++
		s.Time.Add(rejectedTook)
		s.Self.Add(rejectedTook)
	}
	if a.link.edge.entry != nil {
		m.request(a.step.target, now, rejectedTook, true)
	}
}

// attempt counts an attempt at its end, as its caller sees it.
func (m *meter) attempt(c *call, a *attempt, o outcome, now int64) {
	if c.run == nil || c.gone() {
		return
	}
	stats, seen := m.edges[c.link.edge.index], m.stations[c.link.edge.index]
	m.each(a.start, now, func(i int, ns int64) {
		stats[i].Occupancy += ns
		if seen != nil {
			seen[i].Occupancy += ns
		}
	})
	i := m.at(c.sent)
	if i < 0 {
		return
	}
	s := stats[i]
	s.Attempts++
	s.Time.Add(now - a.start)
	s.Latency.Add(now - a.start)
	s.Outcomes[spansSay[o]]++
	if seen == nil {
		return
	}
	v := seen[i]
	v.Visits++
	v.Time.Add(now - a.start)
	v.Self.Add(now - a.start)
	if spansSay[o] != graph.OK {
		v.Failed++
		v.FailedOwn++
	} else {
		v.TimeOK.Add(now - a.start)
		v.SelfOK.Add(now - a.start)
	}
}

// spansSay is how spans tell an outcome.
var spansSay = [outcomes + 1]graph.Outcome{
	ok: graph.OK, notFound: graph.OK, skipped: graph.OK, failed: graph.Failed, timedOut: graph.TimedOut, rejected: graph.Rejected,
	refused: graph.Refused, reset: graph.Refused, circuitOpen: graph.Rejected, poolTimeout: graph.Rejected,
}

// call counts a call at its end.
func (m *meter) call(c *call, o outcome) {
	if c.run == nil || c.gone() {
		return
	}
	bad := o != ok && o != notFound
	if c.sent == 0 {
		return
	}
	if bad && c.link.edge.topic == nil {
		c.run.visit.blamed = true
	}
	if i := m.at(c.sent); i >= 0 {
		s := m.edges[c.link.edge.index][i]
		s.Calls++
		if bad {
			s.Failed++
		}
	}
}

// finish drops what nothing was counted for.
func (m *meter) finish() {
	for _, w := range m.windows {
		for id, s := range w.Routes {
			if s.Requests == 0 {
				delete(w.Routes, id)
			}
		}
		for id, s := range w.Edges {
			if s.Attempts == 0 && s.Occupancy == 0 {
				delete(w.Edges, id)
			}
		}
		for id, s := range w.Nodes {
			if s.All.Visits == 0 && s.All.Occupancy == 0 {
				delete(w.Nodes, id)
			}
		}
	}
}
