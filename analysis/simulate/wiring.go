package simulate

import (
	"slices"
	"strings"
	"time"

	"headwater/graph/trace"
)

// The share of an operation's own time before its steps, and after them.
const (
	shareBefore = 0.6
	shareAfter  = 1 - shareBefore
)

// addSteps compiles what an operation does.
func (w *world) addSteps(op *operation) {
	inner := w.compile(op.service, op.spec.Steps)
	if len(inner) == 0 {
		op.steps = []step{{kind: stepOwn, share: 1, chance: 1, times: 1}}
		return
	}
	op.steps = append(op.steps, step{kind: stepOwn, share: shareBefore, chance: 1, times: 1})
	op.steps = append(op.steps, inner...)
	op.steps = append(op.steps, step{kind: stepOwn, share: shareAfter, chance: 1, times: 1})
}

func (w *world) compile(s *service, specs []stepSpec) (out []step) {
	for i := range specs {
		out = append(out, w.compileOne(s, &specs[i]))
	}
	return out
}

func (w *world) compileOne(s *service, spec *stepSpec) step {
	st := step{chance: 1, times: max(1, spec.Times), optional: spec.Optional, commit: spec.Commit}
	if spec.Chance != nil {
		st.chance = *spec.Chance
	}
	language := s.spec.Language
	switch {
	case spec.Call != "":
		st.kind = stepCall
		st.target = w.operation(spec.Call)
		st.edge = w.edgeTo(s, st.target.service, nil, nil)
		st.form = w.callForm(language, st.target, w.spec.ResendCount)
	case spec.Query != "":
		st.kind = stepQuery
		to := w.station(spec.Query)
		st.edge = w.edgeTo(s, nil, to, nil)
		st.on = to.collections[spec.Collection]
		if spec.Time > 0 {
			st.time = newDist(shapeOf(to.spec.Shape), time.Duration(spec.Time), *to.spec.Spread)
		}
		if to.kind == externalKind {
			method, path, _ := strings.Cut(spec.Operation, " ")
			st.form = w.httpClient(language, method, to.address(), to.spec.Port, path, w.spec.ResendCount)
		} else {
			st.form = w.database(language, to, spec.Operation, spec.Collection)
		}
	case spec.Get != "":
		st.kind = stepGet
		to := w.station(spec.Get)
		st.edge = w.edgeTo(s, nil, to, nil)
		st.form = w.database(language, to, spec.Operation, "")
		st.children = w.compile(s, spec.Miss)
	case spec.Publish != "":
		st.kind = stepPublish
		on := w.topic(spec.Publish)
		st.edge = w.edgeTo(s, nil, on.broker, on)
		st.form = w.producer(language, on)
	case spec.Work > 0:
		st.kind = stepWork
		st.time = newDist(lognormal, time.Duration(spec.Work), defaultSpread)
	case len(spec.Parallel) > 0:
		st.kind = stepParallel
		st.children = w.compile(s, spec.Parallel)
	case spec.Internal != "":
		st.kind = stepInternal
		st.name = spec.Internal
		st.children = w.compile(s, spec.Steps)
		s.ownScope = &trace.Scope{Name: s.name}
	default:
		st.kind = stepCommit
		st.name = spec.Commit
	}
	return st
}

// callForm is the form of a call to an operation.
func (w *world) callForm(language string, op *operation, resend bool) clientForm {
	s := op.service
	if s.spec.Protocol == "grpc" {
		return w.grpcClient(w.grpcNames(op), s.name, servicePort)
	}
	method, path, _ := strings.Cut(op.spec.Route, " ")
	return w.httpClient(language, method, s.name, servicePort, path, resend)
}

// servicePort is where every service listens.
const servicePort = 8080

// grpcNames names an operation as generated code would: shop.StockLevels/Reserve.
func (w *world) grpcNames(op *operation) grpcNames {
	service := camel(op.service.name)
	if w.spec.Namespace != "" {
		service = w.spec.Namespace + "." + service
	}
	return grpcNames{service, camel(op.name)}
}

// camel turns stock-levels into StockLevels.
func camel(name string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// edgeTo finds or makes the edge from a service to another or to a station, and
// there to a topic.
func (w *world) edgeTo(from, svc *service, st *station, on *topic) *edge {
	for _, ed := range from.edges {
		if ed.callee == svc && ed.station == st && ed.topic == on {
			return ed
		}
	}
	ed := &edge{index: len(w.edges), caller: from, callee: svc, station: st, topic: on}
	ed.policy = clientPolicy(from.spec, ed.target())
	ed.setKnobs()
	ed.wraps = ed.policy.HideRetries || ed.policy.AttemptSpans
	from.edges = append(from.edges, ed)
	if st != nil && !slices.Contains(st.users, from) {
		st.users = append(st.users, from)
	}
	w.edges = append(w.edges, ed)
	return ed
}

// setKnobs sets what faults may change to what the policy says.
func (ed *edge) setKnobs() {
	p := ed.policy
	ed.attempts = fixed(float64(p.Attempts))
	ed.connections = fixed(float64(p.Connections))
	ed.delay = fixed(float64(p.Delay))
	ed.timeout = fixed(float64(p.Timeout))
	ed.budget = fixed(p.Budget)
	ed.fanOut = fixed(1)
}

// breaker is the circuit breaker now in force, nil where there is none.
func (ed *edge) breaker() *breakerSpec {
	if ed.fused.value > 0 {
		return ed.fuse
	}
	return ed.policy.Breaker
}

// target is the name, in the file, of what an edge leads to.
func (ed *edge) target() string {
	if ed.callee != nil {
		return ed.callee.name
	}
	return ed.station.name
}

// clientPolicy is how a service calls a target: as its clients say, or once and
// without a timeout.
func clientPolicy(spec *serviceSpec, target string) *clientSpec {
	for i := range spec.Clients {
		if spec.Clients[i].To == target {
			return &spec.Clients[i]
		}
	}
	return &clientSpec{To: target, Attempts: 1, Delay: defaultDelay}
}

// addConsumers makes the service's consumers.
func (w *world) addConsumers(s *service) {
	for slot := range s.spec.Consumers {
		spec := &s.spec.Consumers[slot]
		t := w.topic(spec.Queue)
		op := s.operation(spec.Operation)
		op.server = w.consumer(s.spec.Language, t, s.name)
		g := &group{topic: t, service: s, op: op, slot: slot, concurrency: spec.Concurrency, redeliveries: spec.Redeliveries}
		t.groups = append(t.groups, g)
		w.groups = append(w.groups, g)
	}
}
