package main

import (
	"fmt"
	"strings"

	"headwater/analysis/simulate"
	"headwater/analysis/whatif"
	"headwater/graph"
)

// trueNames name the parts of the engine that made an incident as its windows do.
type trueNames map[string]graph.NodeID

func (a *whatifCase) trueNames() trueNames {
	seen := map[string]graph.NodeID{}
	for _, w := range a.windows {
		for id := range w.Nodes {
			if had, ok := seen[id.Name]; !ok || id.Compare(had) < 0 {
				seen[id.Name] = id
			}
		}
	}
	names := trueNames(seen)
	for _, list := range a.stations() {
		for i := range list {
			if id, ok := seen[list[i].Address]; ok {
				names[list[i].Name] = id
			}
		}
	}
	return names
}

// stations are what has no spans of its own.
func (a *whatifCase) stations() [][]simulate.Station {
	parts := &a.scenario.Parts
	return [][]simulate.Station{parts.Databases, parts.Caches, parts.Brokers, parts.Externals}
}

// Node implements simulate.Naming.
func (n trueNames) Node(name string) graph.NodeID {
	if id, ok := n[name]; ok {
		return id
	}
	return graph.NodeID{Kind: graph.External, Name: name}
}

// Operation implements simulate.Naming.
func (n trueNames) Operation(_, _, as string) string { return as }

// remedy is a change as the scenario that made the incident has it.
func (a *whatifCase) remedy(c whatif.Setting) (simulate.Fault, error) {
	f := simulate.Fault{Remedy: true}
	if c.Kind == whatif.Shed {
		f.Entry = a.entry(c.Target)
		from, to := a.fit.Span()
		start := simulate.DefaultStart
		f.At = simulate.Duration(from.Sub(start))
		f.For = simulate.Duration(to.Sub(from))
		left := 1 - c.Value
		f.Traffic = &left
		return f, nil
	}
	v := c.Value
	if from, to, ok := strings.Cut(c.Target, "->"); ok {
		f.Edge = name(from) + "->" + a.part(name(to))
		switch c.Kind {
		case whatif.CapRetries:
			v++
			f.Attempts = &v
		case whatif.BudgetRetries:
			f.Budget = &v
		case whatif.AddBreaker:
			f.Breaker = whatif.Breaker()
		case whatif.SetTimeout:
			d := simulate.Duration(v * 1e9)
			f.Timeout = &d
		case whatif.MakeOptional:
			f.Optional = true
		case whatif.SetPool:
			f.Connections = &v
		default:
			return f, fmt.Errorf("%s is no change of an edge", c.Kind)
		}
		return f, nil
	}
	to := a.part(name(c.Target))
	parts := &a.scenario.Parts
	for _, s := range parts.Services {
		if s.Name == to {
			f.Service = to
			if f.Workers = &v; c.Kind == whatif.SetReplicas {
				f.Workers, f.Replicas = nil, &v
			}
			return f, nil
		}
	}
	f.Parallelism = &v
	for _, list := range []struct {
		names []simulate.Station
		set   *string
	}{{parts.Databases, &f.Database}, {parts.Caches, &f.Cache}, {parts.Brokers, &f.Broker}, {parts.Externals, &f.External}} {
		for i := range list.names {
			if list.names[i].Name == to {
				*list.set = to
				return f, nil
			}
		}
	}
	return f, fmt.Errorf("the scenario has no %q", c.Target)
}

// name is the name in a target, which may be a whole id.
func name(target string) string {
	if id, err := graph.ParseNodeID(strings.TrimSpace(target)); err == nil {
		return id.Name
	}
	return strings.TrimSpace(target)
}

// part is the scenario's name of what spans call by its address.
func (a *whatifCase) part(address string) string {
	for _, list := range a.stations() {
		for i := range list {
			if list[i].Address == address {
				return list[i].Name
			}
		}
	}
	return address
}

// entry finds the entry of a route.
func (a *whatifCase) entry(route string) string {
	if route == whatif.AllRoutes {
		return route
	}
	for _, e := range a.scenario.Parts.Entries {
		service, operation, _ := strings.Cut(e.Call, ".")
		for _, s := range a.scenario.Parts.Services {
			if s.Name != service {
				continue
			}
			for _, o := range s.Operations {
				if o.Name == operation && (o.Route == route || s.Name+" "+o.Route == route) {
					return e.Name
				}
			}
		}
	}
	return route
}
