package simulate

import (
	"slices"
	"strings"

	"headwater/analysis"
	"headwater/analysis/accuracy"
)

// causes names what the faults of a scenario struck, in the order of the faults
// and each once.
func (e *engine) causes() (out []accuracy.Labelled) {
	for _, f := range e.faults {
		if f.spec.Remedy {
			continue
		}
		c := e.causeOf(f.spec)
		if !slices.ContainsFunc(out, func(o accuracy.Labelled) bool { return o.Kind == c.Kind && o.Name == c.Name }) {
			out = append(out, c)
		}
	}
	return out
}

// causeOf names what a fault struck as the spans name it.
func (e *engine) causeOf(s *faultSpec) accuracy.Labelled {
	label := func(kind analysis.CauseKind, name string, also ...string) accuracy.Labelled {
		accept := append([]string{name}, also...)
		accept = append(accept, s.Also...)
		slices.Sort(accept)
		return accuracy.Labelled{Kind: string(kind), Name: name, Accept: slices.Compact(accept)}
	}
	switch {
	case s.Service != "" && s.Instance > 0:
		in := e.service(s.Service).instances[s.Instance-1]
		return label(analysis.CauseInstance, in.id, in.pod, s.Service)
	case s.Service != "" && s.Operation != "":
		op := e.service(s.Service).operation(s.Operation)
		return label(analysis.CauseOperation, op.server.name, s.Service)
	case s.Service != "":
		return label(analysis.CauseService, s.Service)
	case s.Host != "":
		return label(analysis.CauseHost, s.Host)
	case s.Edge != "":
		kind := analysis.CauseEdge
		if s.Attempts != nil {
			kind = analysis.CauseRetryPolicy
		}
		var names []string
		for _, ed := range e.edgesNamed(s.Edge) {
			names = append(names, ed.caller.name+"->"+ed.seenAs())
		}
		return label(kind, names[0], names[1:]...)
	case s.Entry != "":
		var names []string
		for _, n := range e.entries {
			if s.Entry == n.name || s.Entry == "all" {
				names = append(names, n.step.target.server.name)
			}
		}
		return label(analysis.CauseLoad, names[0], names[1:]...)
	}
	st := e.station(s.station())
	kind := stationCauses[st.kind]
	var also []string
	if st.spec.Namespace != "" {
		also = append(also, st.spec.Namespace)
	}
	if st.kind == brokerKind {
		for _, t := range e.topics {
			if t.broker == st {
				also = append(also, t.name)
			}
		}
	}
	if s.Collection != "" {
		also = append(also, s.Collection)
		also = append(also, e.queryNames(st, s.Collection)...)
	}
	return label(kind, st.address(), also...)
}

// seenAs is how spans name the target of an edge.
func (ed *edge) seenAs() string {
	switch {
	case ed.callee != nil:
		return ed.callee.name
	case ed.topic != nil:
		return ed.topic.name
	}
	return ed.station.address()
}

// queryNames are the names of the spans that query a collection.
func (e *engine) queryNames(st *station, on string) (out []string) {
	var walk func(steps []step)
	walk = func(steps []step) {
		for i := range steps {
			s := &steps[i]
			if s.on != nil && s.on.name == on && s.edge.station == st && !slices.Contains(out, s.form.name) {
				out = append(out, s.form.name)
			}
			walk(s.children)
		}
	}
	for _, s := range e.services {
		for _, op := range s.ops {
			walk(op.steps)
		}
	}
	slices.SortFunc(out, strings.Compare)
	return out
}
