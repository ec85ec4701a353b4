package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Arbitrary makes up a scenario: one of the shipped systems, and one fault of a
// kind, at a place and of a size that the seed decides. Nobody chose them with
// care, so they show how an analysis does on what it was not made for. Users may
// feel nothing of it.
func Arbitrary(seed uint64) (*Scenario, error) {
	names := systems()
	r := rand.New(rand.NewPCG(seed, 0x6865616477617465))
	system := names[r.IntN(len(names))]
	head := fmt.Sprintf("description: Something goes wrong somewhere.\nsystem: %s\nduration: 12m\n", system)
	parts, err := Parse([]byte(head+"healthy: true\n"), system+".yaml")
	if err != nil {
		return nil, err
	}
	kind, fault := "", ""
	for fault == "" {
		kind, fault = arbitraryFault(r, &parts.Parts)
	}
	text := fmt.Sprintf("%sfault: %s\nfaults:\n  - {at: 6m, for: %ds, %s}\n", head, kind, 120+r.IntN(180), fault)
	return Parse([]byte(text), fmt.Sprintf("%s-%s-%d.yaml", system, kind, seed))
}

// arbitraryFault draws a fault; an empty one where the system has no such part.
func arbitraryFault(r *rand.Rand, sc *systemSpec) (kind, fault string) {
	service := sc.Services[r.IntN(len(sc.Services))]
	factor := func(least, most float64) string {
		return fmt.Sprintf("%.2f", least*math.Pow(most/least, r.Float64()))
	}
	share := func(least, most float64) string { return fmt.Sprintf("%.3f", least+r.Float64()*(most-least)) }
	one := func(what string, names []string, change string) string {
		if len(names) == 0 {
			return ""
		}
		return what + ": " + names[r.IntN(len(names))] + ", " + change
	}
	stations := func(list []stationSpec) (names []string) {
		for i := range list {
			names = append(names, list[i].Name)
		}
		return names
	}
	var calls []string
	for _, c := range service.Clients {
		calls = append(calls, service.Name+"->"+c.To)
	}
	var hosts, entries []string
	for _, h := range sc.Hosts {
		if h.CPUs > 0 {
			hosts = append(hosts, h.Name)
		}
	}
	for _, e := range sc.Entries {
		entries = append(entries, e.Name)
	}
	own := []string{service.Name}
	switch r.IntN(20) {
	case 0, 1:
		return "service-slow", one("service", own, "slow: "+factor(4, 40))
	case 2:
		return "service-errors", one("service", own, "errors: "+share(0.15, 0.9))
	case 3:
		return "instance-slow", one("service", own, "instance: 1, slow: "+factor(8, 60))
	case 4:
		return "instance-dies", one("service", own, "instance: 1, kill: true")
	case 5:
		return "service-hangs", one("service", own, "hang: true")
	case 6, 7:
		return "database-slow", one("database", stations(sc.Databases), "slow: "+factor(8, 80))
	case 8:
		return "database-narrow", one("database", stations(sc.Databases), "parallelism: 1")
	case 9:
		return "database-errors", one("database", stations(sc.Databases), "errors: "+share(0.2, 0.9))
	case 10:
		return "cache-misses", one("cache", stations(sc.Caches), "hit_ratio: "+share(0.05, 0.35))
	case 11:
		return "cache-slow", one("cache", stations(sc.Caches), "slow: "+factor(20, 200))
	case 12:
		return "external-slow", one("external", stations(sc.Externals), "slow: "+factor(5, 30))
	case 13:
		return "host-taken", one("host", hosts, "busy_cpus: "+factor(30, 150))
	case 14:
		return "way-longer", one("edge", calls, "delay: "+fmt.Sprint(80+r.IntN(500))+"ms")
	case 15:
		return "way-loses", one("edge", calls, "lost: "+share(0.1, 0.6))
	case 16:
		return "one-connection", one("edge", calls, "connections: 1")
	case 17:
		return "more-traffic", one("entry", entries, "traffic: "+factor(6, 50))
	case 18:
		return "returns-early", one("service", own, "skip: "+share(0.3, 1))
	}
	return "bad-version", one("service", own, `deploy: "2.0.0", every: 20s, slow: `+factor(3, 20)+", errors: "+share(0, 0.4))
}
