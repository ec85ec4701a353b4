package simulate

import (
	"slices"

	"headwater/analysis"
	"headwater/analysis/accuracy"
)

// coupling names the resource that services shared, where it is what the faults
// struck or what the load of a struck entry overran, and which services it
// pressed.
func (e *engine) coupling(t *accuracy.Truth) {
	hurt := map[string]bool{}
	for _, o := range t.Order {
		hurt[o.Service] = true
	}
	var best []string
	for _, r := range e.sharedResources() {
		var coupled []string
		for _, s := range r.users {
			if hurt[s.name] && !slices.Contains(coupled, s.name) {
				coupled = append(coupled, s.name)
			}
		}
		struck := r.name == t.Cause.Name
		overrun := t.Cause.Kind == string(analysis.CauseLoad) && hurt[r.name]
		if (struck || overrun) && len(coupled) >= 2 && len(coupled) > len(best) {
			best = coupled
			t.Shared = &accuracy.Labelled{Kind: string(r.kind), Name: r.name, Accept: []string{r.name}}
		}
	}
	slices.Sort(best)
	t.Coupled = best
}

// sharedResource is something without spans that several services use.
type sharedResource struct {
	kind  analysis.CauseKind
	name  string
	users []*service
}

func (e *engine) sharedResources() (out []sharedResource) {
	for _, s := range e.stations {
		r := sharedResource{stationCauses[s.kind], s.address(), s.users}
		for _, g := range e.groups {
			if g.topic.broker == s {
				r.users = append(slices.Clip(r.users), g.service)
			}
		}
		out = append(out, r)
	}
	for _, h := range e.hosts {
		r := sharedResource{kind: analysis.CauseHost, name: h.spec.Name}
		for _, s := range e.services {
			if slices.ContainsFunc(s.instances, func(in *instance) bool { return in.host == h }) {
				r.users = append(r.users, s)
			}
		}
		out = append(out, r)
	}
	return out
}

var stationCauses = map[stationKind]analysis.CauseKind{
	databaseKind: analysis.CauseDatabase, cacheKind: analysis.CauseCache,
	brokerKind: analysis.CauseQueue, externalKind: analysis.CauseExternal,
}
