package simulate

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// generateSpec describes a large system to be made up: services in layers, each
// calling some of the next layer, over shared databases and caches.
type generateSpec struct {
	Services  int     `yaml:"services"`
	Layers    int     `yaml:"layers"`
	FanOut    int     `yaml:"fan_out"`
	Databases int     `yaml:"databases"`
	Caches    int     `yaml:"caches"`
	Hosts     int     `yaml:"hosts"`
	Entries   int     `yaml:"entries"`
	Rate      float64 `yaml:"rate"`
	Seed      uint64  `yaml:"seed"`
}

func (g *generateSpec) validate(sys *systemSpec) (where string, err error) {
	if len(sys.Services) > 0 {
		return "$.generate", errors.New("a system has services of its own or generates them, not both")
	}
	for _, k := range []struct {
		field          string
		v, least, most int
	}{
		{"layers", g.Layers, 2, 8}, {"services", g.Services, 2 * g.Layers, len(subjects) * len(roles)}, {"fan_out", g.FanOut, 1, 6},
		{"databases", g.Databases, 1, len(subjects)}, {"caches", g.Caches, 1, len(subjects)}, {"hosts", g.Hosts, 1, 100}, {"entries", g.Entries, 1, 20},
	} {
		if k.v < k.least || k.v > k.most {
			return "$.generate." + k.field, fmt.Errorf("%d is out of range: it must lie between %d and %d", k.v, k.least, k.most)
		}
	}
	if !(g.Rate > 0) {
		return "$.generate.rate", fmt.Errorf("%v must be above 0", g.Rate)
	}
	return "", nil
}

// The names of generated services are a subject and a role.
var (
	subjects = []string{"account", "tariff", "route", "ticket", "seat", "meter", "permit", "vehicle", "depot", "notice",
		"invoice", "refund", "schedule", "station", "partner", "profile", "report", "survey", "zone", "voucher"}
	roles = []string{"api", "rules", "index", "feed", "view", "planner", "keeper", "sync", "audit", "broker",
		"lookup", "export", "history", "quota", "mapper", "guard", "match", "digest", "relay", "score"}
)

// fill makes the system up. The same numbers give the same system.
func (g *generateSpec) fill(sys *systemSpec) {
	r := newStream(g.Seed, partGenerate)
	for i := range g.Hosts {
		sys.Hosts = append(sys.Hosts, hostSpec{Name: fmt.Sprintf("worker-%02d", i+1), CPUs: 16, Zone: fmt.Sprintf("zone-%d", i%3+1)})
	}
	for i := range g.Databases {
		sys.Databases = append(sys.Databases, stationSpec{Name: subjects[i] + "-db", Namespace: subjects[i], Parallelism: 16, Time: duration(8 * time.Millisecond)})
	}
	for i := range g.Caches {
		sys.Caches = append(sys.Caches, stationSpec{Name: subjects[i] + "-cache", Time: duration(400 * time.Microsecond), HitRatio: 0.9})
	}
	names := r.Perm(len(subjects) * len(roles))[:g.Services]
	for i, n := range names {
		sys.Services = append(sys.Services, g.service(r, subjects[n%len(subjects)]+"-"+roles[n/len(subjects)], g.layerOf(i)))
	}
	for i := range sys.Services {
		g.connect(r, sys, i)
	}
	for i := range g.Entries {
		name := sys.Services[i%g.first(1)].Name
		sys.Entries = append(sys.Entries, entrySpec{Name: fmt.Sprintf("entry-%d", i+1), Call: name + ".handle", Rate: g.Rate / float64(g.Entries)})
	}
}

// first is the index of the first service of a layer. Layers grow: the first
// has a share of 1, the second of 2 and so on.
func (g *generateSpec) first(layer int) int {
	all := g.Layers * (g.Layers + 1) / 2
	return max(layer, g.Services*(layer*(layer+1)/2)/all)
}

func (g *generateSpec) layerOf(i int) int {
	layer := 0
	for layer+1 < g.Layers && i >= g.first(layer+1) {
		layer++
	}
	return layer
}

// service makes one service without what it calls.
func (g *generateSpec) service(r *rand.Rand, name string, layer int) serviceSpec {
	s := serviceSpec{
		Name: name, Replicas: 1 + r.IntN(3), Workers: 32, Gateway: layer == 0,
		Language: []string{"go", "java", "python", "nodejs", "dotnet"}[r.IntN(5)],
		Protocol: []string{"http", "http", "grpc"}[r.IntN(3)],
	}
	if layer == 0 {
		s.Protocol = "http"
	}
	s.Operations = []opSpec{{Name: "handle", Route: "POST /" + name, Time: duration(1+r.IntN(5)) * duration(time.Millisecond)}}
	return s
}

// connect makes the calls of service i: some of the next layer, and from the
// middle layers on a database or a cache.
func (g *generateSpec) connect(r *rand.Rand, sys *systemSpec, i int) {
	s, layer := &sys.Services[i], g.layerOf(i)
	steps := &s.Operations[0].Steps
	if layer+1 < g.Layers {
		from := g.first(layer + 1)
		next := g.Services - from
		if layer+2 < g.Layers {
			next = g.first(layer+2) - from
		}
		for _, k := range r.Perm(next)[:min(next, g.FanOut)] {
			callee := sys.Services[from+k].Name
			*steps = append(*steps, stepSpec{Call: callee + ".handle"})
			s.Clients = append(s.Clients, clientSpec{To: callee, Timeout: duration(g.Layers-layer) * duration(time.Second), Attempts: 1 + r.IntN(2)})
		}
	}
	if layer < g.Layers/2 {
		return
	}
	query := stepSpec{Query: sys.Databases[r.IntN(len(sys.Databases))].Name, Collection: "items"}
	if r.IntN(3) == 0 {
		*steps = append(*steps, query)
		return
	}
	*steps = append(*steps, stepSpec{Get: sys.Caches[r.IntN(len(sys.Caches))].Name, Miss: []stepSpec{query}})
}
