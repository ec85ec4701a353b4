package whatif

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"headwater/analysis/simulate"
	"headwater/graph"
)

// naming says what the scenario's names stand for.
type naming struct {
	nodes      map[string]graph.NodeID
	operations map[string]string // by service.operation
}

// Node implements simulate.Naming.
func (n naming) Node(name string) graph.NodeID { return n.nodes[name] }

// Operation implements simulate.Naming.
func (n naming) Operation(service, operation, _ string) string {
	return n.operations[service+"."+operation]
}

// builder makes the scenario of a fit.
type builder struct {
	*fitting
	sys     simulate.System
	service map[graph.NodeID]string
	op      map[operation]string // service.operation
	other   map[graph.NodeID]string
	item    map[operation]string    // collections
	queue   map[graph.NodeID]string // queues that are consumed
	within  map[operation]bool      // on the way while cycles are looked for
	done    map[operation]bool
	back    map[[2]operation]bool // calls that close a circle
	faults  []simulate.Fault
}

const (
	// noLimit stands for a queue of which no end was seen.
	noLimit = 100_000
	// manyAtOnce is how many messages a consumer works on at once where no limit
	// showed.
	manyAtOnce = 64
	// together is the share of a call's duration within which the next one must
	// begin for both to be under way at once.
	together = 0.3
	// almost is how near to a whole number of calls is one.
	almost = 0.02
)

func (f *fitting) build() error {
	b := f.parts()
	b.addEntries()
	b.addCourses()
	return b.complete(len(f.windows))
}

// parts makes the components, without traffic and without what happened to them.
func (f *fitting) parts() *builder {
	b := &builder{fitting: f, service: map[graph.NodeID]string{}, op: map[operation]string{}, other: map[graph.NodeID]string{}, item: map[operation]string{},
		queue: map[graph.NodeID]string{}, within: map[operation]bool{}, done: map[operation]bool{}, back: map[[2]operation]bool{}}
	f.names = naming{nodes: map[string]graph.NodeID{}, operations: map[string]string{}}
	b.name()
	for _, id := range sortedNodes(b.service) {
		for _, o := range f.opsOf[id] {
			b.circles(o)
		}
	}
	b.addStations()
	b.addServices()
	return b
}

// complete makes the scenario, over so many windows.
func (b *builder) complete(windows int) error {
	b.scenario = &simulate.Scenario{Name: "fit", Description: "What was measured.", Healthy: true, Parts: b.sys, Faults: b.faults,
		Duration: simulate.Duration(b.length) * simulate.Duration(windows)}
	return b.scenario.Complete()
}

// name gives every part a name.
func (b *builder) name() {
	for _, id := range sortedNodes(b.base.Nodes) {
		if id.Kind == graph.Service && b.base.Nodes[id].All.Visits > 0 {
			name := fmt.Sprintf("s%d", len(b.service))
			b.service[id], b.names.nodes[name] = name, id
			for i, o := range b.opsOf[id] {
				b.op[o] = fmt.Sprintf("%s.o%d", name, i)
				b.names.operations[b.op[o]] = o.name
			}
			continue
		}
		name := fmt.Sprintf("d%d", len(b.other))
		b.other[id], b.names.nodes[name] = name, id
		for i, o := range b.opsOf[id] {
			b.item[o] = fmt.Sprintf("k%d", i)
		}
	}
	for _, o := range slices.SortedFunc(maps.Keys(b.taken), operation.compare) {
		q := b.taken[o]
		if _, ok := b.op[o]; ok && b.queue[q] == "" && b.other[q] != "" {
			name := fmt.Sprintf("q%d", len(b.queue))
			b.queue[q], b.names.nodes[name] = name, q
		}
	}
}

// circles finds the calls by which operations call themselves in the end: the
// engine knows no such.
func (b *builder) circles(o operation) {
	if b.done[o] {
		return
	}
	b.within[o] = true
	for _, s := range b.steps[o] {
		if b.within[s.to] {
			b.back[[2]operation{o, s.to}] = true
			continue
		}
		b.circles(s.to)
	}
	b.within[o] = false
	b.done[o] = true
}

func (b *builder) addStations() {
	for _, id := range sortedNodes(b.other) {
		st := b.stations[id]
		var all graph.Moments
		spec := simulate.Station{Name: b.other[id], Parallelism: st.places}
		if st.narrow != nil {
			spec.Parallelism = 0
		}
		spread := 0.0
		for _, o := range b.opsOf[id] {
			m := st.times[o]
			all.Merge(m)
			spread += spreadOf(m) * float64(m.N)
			spec.Collections = append(spec.Collections, simulate.Collection{Name: b.item[o], Time: span(m.Mean())})
		}
		spread /= float64(max(all.N, 1))
		spec.Time, spec.Spread = span(all.Mean()), &spread
		spec.Errors = b.usualErrors(id)
		if b.queue[id] != "" {
			b.sys.Brokers = append(b.sys.Brokers, spec)
			b.sys.Queues = append(b.sys.Queues, simulate.Queue{Name: b.queue[id], Broker: spec.Name})
		} else {
			b.sys.Databases = append(b.sys.Databases, spec)
		}
	}
}

func span(ns float64) simulate.Duration { return simulate.Duration(max(1000, min(ns, 3600e9))) }

// usualErrors is the share of attempts at a node without spans that usually fail.
func (b *builder) usualErrors(id graph.NodeID) float64 {
	n := nodeOf(b.base, id).All
	return math.Min(1, ratio(n.Failed, n.Visits))
}

func (b *builder) addServices() {
	for _, id := range sortedNodes(b.service) {
		w := b.widths[id]
		spec := simulate.Service{Name: b.service[id], Replicas: b.replicas(id), Workers: w.places, Queue: w.queue}
		if spec.Queue == 0 {
			spec.Queue = noLimit
		}
		for i, o := range b.opsOf[id] {
			s := operationOf(b.base, o)
			own := s.SelfOK
			if own.N == 0 {
				own = s.Self
			}
			spread := spreadOf(own)
			spec.Operations = append(spec.Operations, simulate.Operation{
				Name: fmt.Sprintf("o%d", i), Route: "POST /o", Time: span(own.Mean()), Spread: &spread,
				Errors: failing(*s, 0).value, Steps: b.stepsOf(o),
			})
			if q := b.queue[b.taken[o]]; q != "" {
				spec.Consumers = append(spec.Consumers, simulate.Consumer{Queue: q, Operation: fmt.Sprintf("o%d", i), Concurrency: b.atOnce(o)})
			}
		}
		for _, e := range b.ids {
			if e.Caller == id {
				b.addClient(&spec, e)
			}
		}
		b.sys.Services = append(b.sys.Services, spec)
		b.Fit.services = append(b.Fit.services, ServiceFit{ID: id, Replicas: spec.Replicas, Workers: w.places, Queue: w.queue, name: spec.Name})
	}
	for _, id := range sortedNodes(b.other) {
		if st := b.stations[id]; st.places > 0 && st.narrow == nil {
			b.Fit.services = append(b.Fit.services, ServiceFit{ID: id, Replicas: 1, Workers: st.places, name: b.other[id]})
		}
	}
}

// addClient adds how a service calls another node.
func (b *builder) addClient(spec *simulate.Service, e graph.EdgeID) {
	to := b.service[e.Callee]
	if to == "" {
		to = b.other[e.Callee]
	}
	if to == "" || e.Async && b.queue[e.Callee] == "" {
		return
	}
	p := b.policies[e]
	s := edgeOf(b.base, e)
	c := simulate.Client{To: to, Timeout: simulate.Duration(p.timeout), Attempts: max(1, p.attempts), Backoff: simulate.Duration(p.backoff), Jitter: jitter, Budget: p.budget, Delay: 1}
	if e.Callee.Kind == graph.Service {
		c.Delay = simulate.Duration(max(1, b.way(e)))
	}
	if q, ok := b.pools[e]; ok && !q.shrunk {
		c.Connections, c.Acquire = q.size, simulate.Duration(q.acquire)
	}
	if q, ok := b.breakers[e]; ok {
		c.Breaker = Breaker()
		c.Breaker.Open = simulate.Duration(q.open)
		least := ""
		if q.bound {
			least = "at least "
		}
		b.notes = append(b.notes, fmt.Sprintf("%s -> %s has a circuit breaker: calls were not made while others failed. It is taken to stay open for %s%s, when half of %d calls fail.",
			e.Caller.Name, e.Callee.Name, least, seconds(q.open.Seconds()), breakerCalls))
	}
	spec.Clients = append(spec.Clients, c)
	if e.Async || !b.calls(e) {
		return
	}
	fit := EdgeFit{ID: e, Timeout: p.timeout, Attempts: c.Attempts, Budget: p.budget, Backoff: p.backoff, Optional: p.optional, Breaker: b.breakers[e].open, Connections: c.Connections,
		name: spec.Name + "->" + to, unfailed: !p.seen, calls: float64(s.Calls) / (float64(b.base.Length) / 1e9), longest: s.Latency.Quantile(0.99)}
	var calls, tries int64
	for _, w := range b.windows[b.from:b.to] {
		x := edgeOf(w, e)
		calls += x.Calls
		tries += x.Attempts
		fit.failed += x.Attempts - x.Outcomes[graph.OK]
		fit.occupied += inFlight(x.Occupancy, w)
	}
	fit.amplify = ratio(tries, calls)
	fit.occupied = fit.occupied/float64(max(b.to-b.from, 1)) - inFlight(s.Occupancy, b.base)
	b.Fit.edges = append(b.Fit.edges, fit)
}

// way is one way to a callee, in nanoseconds. Where requests wait for a place even
// usually, the shortest way to any other callee stands for it.
func (b *builder) way(e graph.EdgeID) float64 {
	way := edgeOf(b.base, e).Gap.Mean() / 2
	if b.widths[e.Callee].places == 0 {
		return way
	}
	for _, o := range b.ids {
		if s := edgeOf(b.base, o); s.Gap.N >= fewVisits && o.Callee.Kind == graph.Service && !o.Async {
			way = min(way, s.Gap.Mean()/2)
		}
	}
	return way
}

// atOnce is how many messages an instance of a consumer works on at once: as many
// as it does while they wait.
func (b *builder) atOnce(o operation) int {
	e := graph.EdgeID{Caller: b.taken[o], Callee: o.node, Async: true}
	usual := edgeOf(b.base, e).Wait.Mean()
	var full []float64
	for _, w := range b.windows {
		if x := edgeOf(w, e); x.Wait.N > 0 && x.Wait.Mean() > 3*usual+strainedGap {
			full = append(full, inFlight(operationOf(w, o).Occupancy, w)/float64(b.replicas(o.node)))
		}
	}
	if len(full) < fewStrained {
		return manyAtOnce
	}
	return max(1, int(math.Round(quantile(full, 0.8))))
}

// stepsOf is what an operation does, what begins together in one step.
func (b *builder) stepsOf(o operation) (out []simulate.Step) {
	var group []simulate.Step
	until := math.Inf(-1) // before this, a step begins together with those of the group
	flush := func() {
		switch len(group) {
		case 0:
		case 1:
			out = append(out, group[0])
		default:
			out = append(out, simulate.Step{Parallel: slices.Clone(group)})
		}
		group = group[:0]
	}
	for _, s := range b.steps[o] {
		st, ok := b.stepOf(o, s)
		if !ok {
			continue
		}
		e := graph.EdgeID{Caller: o.node, Callee: s.to.node, Async: s.async}
		if s.after >= until || s.async {
			flush()
			until = s.after + together*edgeOf(b.base, e).Time.Mean()
		}
		group = append(group, st)
		if s.async {
			flush()
			until = math.Inf(-1)
		}
	}
	flush()
	return out
}

func (b *builder) stepOf(from operation, s step) (simulate.Step, bool) {
	st := simulate.Step{Optional: b.policies[graph.EdgeID{Caller: from.node, Callee: s.to.node}].optional}
	switch {
	case b.back[[2]operation{from, s.to}]:
		return st, false
	case b.op[s.to] != "":
		st.Call = b.op[s.to]
	case b.queue[s.to.node] != "" && s.async:
		st.Publish = b.queue[s.to.node]
	case b.other[s.to.node] != "" && b.queue[s.to.node] == "":
		st.Query, st.Collection = b.other[s.to.node], b.item[s.to]
	default:
		return st, false
	}
	times := math.Max(1, math.Round(s.often))
	if s.often/times > 1+almost {
		times++
	}
	chance := min(1, s.often/times)
	if chance > 1-almost {
		chance = 1
	}
	st.Times, st.Chance = int(min(times, 1000)), &chance
	return st, true
}

// addEntries makes the routes by which requests come in, with as many as came.
func (b *builder) addEntries() {
	for _, id := range sortedRoutes(b.base.Routes) {
		call := b.op[operation{id.Node, id.Operation}]
		source := b.base.Routes[id].Source
		if call == "" || !source.IsZero() && b.published(source) {
			continue
		}
		factors := make([]float64, len(b.windows))
		users := b.habits[id]
		if users.attempts > 1 {
			b.notes = append(b.notes, fmt.Sprintf("Users of %s try again where it fails, up to %d times in all: so it looks, by how many requests come. With fewer failures fewer come.", strings.TrimSpace(id.Node.Name+" "+id.Operation), users.attempts))
		}
		for i, n := range users.fresh {
			factors[i] = n / b.length.Seconds()
		}
		b.sys.Entries = append(b.sys.Entries, simulate.Entry{
			Name: fmt.Sprintf("e%d", len(b.sys.Entries)), Call: call, Rate: 1, Timeout: simulate.Duration(time.Hour),
			Attempts: users.attempts, Backoff: simulate.Duration(users.wait),
			Course: &simulate.Course{Every: simulate.Duration(b.length), Factors: factors},
		})
		b.Fit.routes = append(b.Fit.routes, id)
	}
}

// published reports whether an operation that is known sends to a queue.
func (b *builder) published(q graph.NodeID) bool {
	for _, steps := range b.steps {
		for _, s := range steps {
			if s.to.node == q && s.async {
				return true
			}
		}
	}
	return false
}
