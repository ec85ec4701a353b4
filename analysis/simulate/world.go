package simulate

import (
	"slices"
	"strings"
	"time"
)

// world is all components of a system as they run. Lists are in the order of
// the file.
type world struct {
	seed     uint64
	linkOnly bool
	hosts    []*host
	services []*service
	stations []*station
	topics   []*topic
	groups   []*group
	edges    []*edge
	entries  []*entry
	faults   []*fault

	spec *systemSpec
	vocabulary
}

// build makes the components of a system that has been validated.
func build(spec *systemSpec, seed uint64) *world {
	w := &world{seed: seed, spec: spec, linkOnly: spec.LinkOnly, vocabulary: currentConventions}
	if spec.Conventions == "previous" {
		w.vocabulary = previousConventions
	}
	for i := range spec.Hosts {
		w.hosts = append(w.hosts, &host{spec: &spec.Hosts[i], busy: fixed(0), slow: fixed(1)})
	}
	w.addStations(databaseKind, spec.Databases)
	w.addStations(cacheKind, spec.Caches)
	w.addStations(brokerKind, spec.Brokers)
	w.addStations(externalKind, spec.Externals)
	for _, q := range spec.Queues {
		w.topics = append(w.topics, &topic{name: q.Name, broker: w.station(q.Broker)})
	}
	for i := range spec.Services {
		w.addService(&spec.Services[i])
	}
	for _, s := range w.services {
		for _, op := range s.ops {
			w.addSteps(op)
		}
		w.addConsumers(s)
	}
	for i := range spec.Entries {
		w.addEntry(&spec.Entries[i])
	}
	w.addLinks()
	return w
}

func (w *world) addStations(kind stationKind, specs []stationSpec) {
	for i := range specs {
		spec := &specs[i]
		s := &station{
			index: i, kind: kind, name: spec.Name, spec: spec, rng: newStream(w.seed, partStation, int(kind), i),
			time: newDist(shapeOf(spec.Shape), time.Duration(spec.Time), *spec.Spread), warm: 1,
			slow: fixed(1), errors: fixed(spec.Errors), parallelism: fixed(float64(spec.Parallelism)), hitRatio: fixed(spec.HitRatio),
			collections: map[string]*collection{}, busy: tally{usual: 1},
		}
		for _, c := range spec.Collections {
			mean := first(c.Time, spec.Time)
			s.collections[c.Name] = &collection{name: c.Name, slow: fixed(1), errors: fixed(0),
				time: newDist(shapeOf(spec.Shape), time.Duration(mean), *spec.Spread)}
		}
		w.stations = append(w.stations, s)
	}
}

func (w *world) addService(spec *serviceSpec) {
	s := &service{
		index: len(w.services), name: spec.Name, spec: spec,
		slow: fixed(1), errors: fixed(0), skip: fixed(0), workers: fixed(float64(spec.Workers)), replicas: fixed(float64(spec.Replicas)),
		busy: tally{usual: 1}, exceptions: exceptionEvents(spec.Language),
	}
	for i := range spec.Operations {
		s.ops = append(s.ops, w.newOperation(s, &spec.Operations[i]))
	}
	w.services = append(w.services, s)
	for i := range max(spec.Replicas, spec.standby) {
		in := &instance{
			service: s, index: i, slow: fixed(1), errors: fixed(0), skip: fixed(0),
			rng: newStream(w.seed, partInstance, s.index, i), ids: newStream(w.seed, partSpan, s.index, i),
			consumed: make([]int, len(spec.Consumers)), host: w.hostFor(spec, i),
		}
		w.place(in, spec.Version)
		s.instances = append(s.instances, in)
	}
}

// hostFor places replica i: on the service's own hosts in turn, or on any.
func (w *world) hostFor(spec *serviceSpec, i int) *host {
	if len(w.hosts) == 0 {
		return nil
	}
	if len(spec.Hosts) == 0 {
		return w.hosts[(len(w.services)+i)%len(w.hosts)]
	}
	name := spec.Hosts[i%len(spec.Hosts)]
	return w.hosts[slices.IndexFunc(w.hosts, func(h *host) bool { return h.spec.Name == name })]
}

func (w *world) newOperation(s *service, spec *opSpec) *operation {
	op := &operation{
		service: s, spec: spec, name: spec.Name,
		time: newDist(shapeOf(spec.Shape), time.Duration(spec.Time), *spec.Spread),
		slow: fixed(1), errors: fixed(spec.Errors), skip: fixed(0), notFound: spec.NotFound,
	}
	if len(spec.Workflow) > 0 {
		op.workflow = &workflow{spec.Workflow}
	}
	if s.spec.Protocol == "grpc" {
		op.server = w.grpcServer(w.grpcNames(op))
	} else {
		method, route, _ := strings.Cut(spec.Route, " ")
		op.server = w.httpServer(s.spec.Language, method, route, s.spec.Gateway)
	}
	return op
}

// addEntry makes a route by which users come in.
func (w *world) addEntry(spec *entrySpec) {
	op := w.operation(spec.Call)
	ed := &edge{
		index: len(w.edges), callee: op.service,
		policy: &clientSpec{Timeout: spec.Timeout, Attempts: spec.Attempts, Backoff: spec.Backoff, Jitter: 0.5, Delay: duration(5 * time.Millisecond)},
	}
	ed.setKnobs()
	n := &entry{index: len(w.entries), spec: spec, name: spec.Name, traffic: fixed(1), rng: newStream(w.seed, partEntry, len(w.entries))}
	ed.entry = n
	n.link = &link{edge: ed, rng: newStream(w.seed, partLink, 0, n.index)}
	n.step = step{kind: stepCall, edge: ed, target: op, form: w.callForm("go", op, false)}
	w.edges = append(w.edges, ed)
	w.entries = append(w.entries, n)
}

// addLinks gives every instance its own end of each of its service's edges.
func (w *world) addLinks() {
	for _, s := range w.services {
		for _, in := range s.instances {
			in.links = make([]*link, len(w.edges))
			for i, ed := range s.edges {
				in.links[ed.index] = &link{edge: ed, turn: in.index, rng: newStream(w.seed, partLink, s.index+1, in.index, i)}
			}
		}
	}
}

// service finds a service by name; validation made sure that it is there.
func (w *world) service(name string) *service {
	return w.services[slices.IndexFunc(w.services, func(s *service) bool { return s.name == name })]
}

func (w *world) station(name string) *station {
	return w.stations[slices.IndexFunc(w.stations, func(s *station) bool { return s.name == name })]
}

func (w *world) topic(name string) *topic {
	return w.topics[slices.IndexFunc(w.topics, func(t *topic) bool { return t.name == name })]
}

// operation finds "service.operation".
func (w *world) operation(name string) *operation {
	svc, op, _ := strings.Cut(name, ".")
	return w.service(svc).operation(op)
}

func (s *service) operation(name string) *operation {
	return s.ops[slices.IndexFunc(s.ops, func(op *operation) bool { return op.name == name })]
}

func shapeOf(name string) shape {
	switch name {
	case "exponential":
		return exponential
	case "constant":
		return constant
	}
	return lognormal
}

// startGauges sets the clocks of the gauges.
func (w *world) startGauges(now int64) {
	for _, s := range w.services {
		s.inside.last, s.waiting.last, s.queued.last = now, now, now
	}
	for _, s := range w.stations {
		s.queued.last = now
	}
	for _, g := range w.groups {
		g.waiting.last = now
	}
	for _, h := range w.hosts {
		h.since = now
	}
}

// tick notes the state of every component.
func (w *world) tick(now, length int64) {
	for _, s := range w.services {
		s.inside.tick(now, length)
		s.waiting.tick(now, length)
		s.queued.tick(now, length)
		s.busy.tick()
		s.failed.tick()
	}
	for _, s := range w.stations {
		s.queued.tick(now, length)
		s.busy.tick()
		s.warmth = append(s.warmth, float32(s.warm))
	}
	for _, g := range w.groups {
		g.waiting.tick(now, length)
		g.book.tick()
	}
	for _, ed := range w.edges {
		ed.book.tick()
	}
	for _, n := range w.entries {
		n.book.tick()
		n.shown.tick()
	}
}
