package simulate

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func (c *checker) faults() {
	causes := 0
	for i := range c.sc.Faults {
		f := &c.sc.Faults[i]
		at := fmt.Sprintf("$.faults[%d]", i)
		if f.At >= c.sc.Duration {
			c.fail(at+".at", "%v is not before the scenario's end (%v)", time.Duration(f.At), time.Duration(c.sc.Duration))
		}
		c.target(at, f)
		c.changes(at, f)
		if !f.Remedy {
			causes++
		}
	}
	if causes == 0 && !c.sc.Healthy {
		c.fail("$.faults", "nothing goes wrong: name a fault, or say healthy: true")
	}
}

// target checks that a fault has one target, and that it is there.
func (c *checker) target(at string, f *faultSpec) {
	sys := &c.sc.Parts
	var set []string
	for _, t := range []struct{ field, name string }{
		{"service", f.Service}, {"database", f.Database}, {"cache", f.Cache}, {"broker", f.Broker},
		{"external", f.External}, {"host", f.Host}, {"edge", f.Edge}, {"entry", f.Entry},
	} {
		if t.name != "" {
			set = append(set, t.field)
		}
	}
	if len(set) != 1 {
		c.fail(at, "a fault has exactly one of service, database, cache, broker, external, host, edge and entry")
		return
	}
	where := at + "." + set[0]
	switch set[0] {
	case "service":
		c.serviceTarget(at, f)
	case "database":
		if c.known(where, "database", f.Database, specNames(sys.Databases)) && f.Collection != "" {
			c.known(at+".collection", "collection of "+f.Database, f.Collection, collectionNames(sys.Databases, f.Database))
		}
	case "cache":
		c.known(where, "cache", f.Cache, specNames(sys.Caches))
	case "broker":
		c.known(where, "broker", f.Broker, specNames(sys.Brokers))
	case "external":
		c.known(where, "external system", f.External, specNames(sys.Externals))
	case "host":
		var hosts []string
		for i := range sys.Hosts {
			hosts = append(hosts, sys.Hosts[i].Name)
		}
		c.known(where, "host", f.Host, hosts)
	case "edge":
		c.edgeTarget(where, f)
	case "entry":
		names := []string{"all"}
		for i := range sys.Entries {
			names = append(names, sys.Entries[i].Name)
		}
		c.known(where, "entry", f.Entry, names)
	}
}

func (c *checker) serviceTarget(at string, f *faultSpec) {
	s := c.service(f.Service)
	if s == nil {
		c.known(at+".service", "service", f.Service, c.serviceNames())
		return
	}
	if f.Operation != "" {
		c.known(at+".operation", "operation of "+f.Service, f.Operation, opNames(s))
	}
	c.count(at+".instance", f.Instance, 0, s.Replicas)
}

// edgeTarget checks that somebody of that name makes such calls.
func (c *checker) edgeTarget(where string, f *faultSpec) {
	from, to, ok := strings.Cut(f.Edge, "->")
	if !ok {
		c.fail(where, "%q must be written caller->callee", f.Edge)
		return
	}
	for i := range c.sc.Parts.Services {
		s := &c.sc.Parts.Services[i]
		if from != "*" && s.Name != from {
			continue
		}
		for j := range s.Operations {
			if c.callsFrom(s.Operations[j].Steps, to) {
				return
			}
		}
	}
	c.fail(where, "no operation of %q calls %q", from, to)
}

func (c *checker) callsFrom(steps []stepSpec, to string) bool {
	return slices.ContainsFunc(steps, func(st stepSpec) bool {
		svc, _, _ := strings.Cut(st.Call, ".")
		return svc == to || st.Query == to || st.Get == to || st.Publish != "" && c.brokerOf(st.Publish) == to ||
			c.callsFrom(st.Parallel, to) || c.callsFrom(st.Steps, to) || c.callsFrom(st.Miss, to)
	})
}

func (c *checker) brokerOf(queue string) string {
	for _, q := range c.sc.Parts.Queues {
		if q.Name == queue {
			return q.Broker
		}
	}
	return ""
}

func collectionNames(list []stationSpec, name string) (out []string) {
	for i := range list {
		if list[i].Name == name {
			for _, col := range list[i].Collections {
				out = append(out, col.Name)
			}
		}
	}
	return out
}

// changes checks that a fault changes something that its target has.
func (c *checker) changes(at string, f *faultSpec) {
	station, service := f.station() != "", f.Service != ""
	number := func(p *float64) bool { return p != nil }
	some := false
	for _, k := range []struct {
		field   string
		set, ok bool
	}{
		{"slow", number(f.Slow), station || service || f.Host != ""},
		{"errors", number(f.Errors), station || service},
		{"skip", number(f.Skip), service},
		{"workers", number(f.Workers), service && f.Operation == "" && f.Instance == 0},
		{"parallelism", number(f.Parallelism), station},
		{"hit_ratio", number(f.HitRatio), f.Cache != ""},
		{"flush", f.Flush, f.Cache != ""},
		{"connections", number(f.Connections), f.Edge != ""},
		{"attempts", number(f.Attempts), f.Edge != ""},
		{"lost", number(f.Lost), f.Edge != ""},
		{"delay", f.Delay != nil, f.Edge != ""},
		{"refused", number(f.Refused), f.Edge != ""},
		{"fan_out", number(f.FanOut), f.Edge != ""},
		{"budget", number(f.Budget), f.Edge != ""},
		{"timeout", f.Timeout != nil, f.Edge != ""},
		{"breaker", f.Breaker != nil, f.Edge != ""},
		{"optional", f.Optional, f.Edge != ""},
		{"replicas", number(f.Replicas), service && f.Operation == "" && f.Instance == 0},
		{"busy_cpus", number(f.BusyCPUs), f.Host != ""},
		{"traffic", number(f.Traffic), f.Entry != ""},
		{"kill", f.Kill, service},
		{"hang", f.Hang, service},
		{"pause", f.Pause, service},
		{"deploy", f.Deploy != "", service && f.Operation == "" && f.Instance == 0},
	} {
		if k.set && !k.ok {
			c.fail(at+"."+k.field, "this target has no %s to change", k.field)
		}
		some = some || k.set
	}
	if !some {
		c.fail(at, "a fault changes something: slow, errors, delay, traffic, kill and so on")
	}
	c.amounts(at, f)
}

func (c *checker) amounts(at string, f *faultSpec) {
	shares := map[string]*float64{"errors": f.Errors, "skip": f.Skip, "hit_ratio": f.HitRatio, "lost": f.Lost, "refused": f.Refused, "budget": f.Budget}
	for _, field := range []string{"errors", "skip", "hit_ratio", "lost", "refused", "budget"} {
		if p := shares[field]; p != nil {
			c.share(at+"."+field, *p)
		}
	}
	factors := map[string]*float64{"slow": f.Slow, "attempts": f.Attempts, "replicas": f.Replicas}
	for _, field := range []string{"slow", "attempts", "replicas"} {
		if p := factors[field]; p != nil {
			c.positive(at+"."+field, *p)
		}
	}
	counts := map[string]*float64{"workers": f.Workers, "parallelism": f.Parallelism, "connections": f.Connections, "busy_cpus": f.BusyCPUs, "fan_out": f.FanOut, "traffic": f.Traffic}
	for _, field := range []string{"workers", "parallelism", "connections", "busy_cpus", "fan_out", "traffic"} {
		if p := counts[field]; p != nil {
			c.amount(at+"."+field, *p)
		}
	}
	if f.Replicas != nil {
		c.count(at+".replicas", int(*f.Replicas), 1, mostReplicas)
	}
	if b := f.Breaker; b != nil {
		c.share(at+".breaker.failures", b.Failures)
		c.count(at+".breaker.calls", b.Calls, 1, 1e6)
	}
}
