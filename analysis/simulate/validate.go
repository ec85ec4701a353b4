package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// checker looks for the first mistake in a scenario. Places are written as YAML
// paths, such as $.services[2].operations[0].time.
type checker struct {
	sc    *Scenario
	where string
	err   error
}

// validate checks what reading could not. It returns the first mistake and its
// place.
func (sc *Scenario) validate() (where string, err error) {
	c := &checker{sc: sc}
	c.scenario()
	c.components()
	c.services()
	c.entries()
	c.faults()
	if c.err == nil {
		c.cost()
	}
	return c.where, c.err
}

func (c *checker) fail(where, format string, args ...any) {
	if c.err == nil {
		c.where, c.err = where, fmt.Errorf(format, args...)
	}
}

// The bounds of a scenario: what a person would mean, and a machine can bear.
const (
	longest      = duration(24 * time.Hour)
	mostOfAKind  = 1000
	mostReplicas = 200
	mostSpans    = 50e6
)

func (c *checker) share(where string, v float64) {
	if !(v >= 0 && v <= 1) {
		c.fail(where, "%v is no share: it must lie between 0 and 1", v)
	}
}

func (c *checker) amount(where string, v float64) {
	if !(v >= 0 && v <= 1e6) {
		c.fail(where, "%v is out of range: it must lie between 0 and 1000000", v)
	}
}

func (c *checker) count(where string, v, least, most int) {
	if v < least || v > most {
		c.fail(where, "%d is out of range: it must lie between %d and %d", v, least, most)
	}
}

func (c *checker) positive(where string, v float64) {
	if !(v > 0) || v > 1e6 {
		c.fail(where, "%v must lie above 0, up to 1000000", v)
	}
}

func (c *checker) oneOf(where, v string, allowed ...string) {
	if !slices.Contains(allowed, v) {
		c.fail(where, "%q is not known; it is one of %s", v, strings.Join(allowed, ", "))
	}
}

func (c *checker) spread(where string, v *float64) {
	if v != nil && !(*v >= 0 && *v <= 3) {
		c.fail(where, "%v is out of range: it must lie between 0 and 3", *v)
	}
}

func (c *checker) scenario() {
	sc := c.sc
	if strings.TrimSpace(sc.Description) == "" || strings.Contains(sc.Description, "\n") {
		c.fail("$.description", "one sentence must say what happens")
	}
	if sc.Duration < duration(10*time.Second) || sc.Duration > longest {
		c.fail("$.duration", "%v is out of range: it must lie between 10s and 24h", time.Duration(sc.Duration))
	}
	c.share("$.sample", sc.Sample)
	c.share("$.loss", sc.Loss)
	c.oneOf("$.conventions", sc.Parts.Conventions, "current", "previous")
}

// components checks hosts, stations and queues, and that names are used once.
func (c *checker) components() {
	sys := &c.sc.Parts
	taken := map[string]string{}
	name := func(where, name string) {
		switch {
		case name == "":
			c.fail(where, "a name is missing")
		case strings.ContainsAny(name, ".> \t*"):
			c.fail(where, "%q: a name has no dot, blank, star or arrow", name)
		case taken[name] != "":
			c.fail(where, "%q is the name of %s already", name, taken[name])
		}
		taken[name] = where
	}
	for i := range sys.Hosts {
		at := fmt.Sprintf("$.hosts[%d]", i)
		name(at+".name", sys.Hosts[i].Name)
		if h := sys.Hosts[i]; h.CPUs != 0 && !(h.CPUs >= 0.1 && h.CPUs <= 1024) {
			c.fail(at+".cpus", "%v is out of range: it must lie between 0.1 and 1024, or be 0", h.CPUs)
		}
	}
	for _, kind := range []struct {
		field string
		list  []stationSpec
	}{{"databases", sys.Databases}, {"caches", sys.Caches}, {"brokers", sys.Brokers}, {"externals", sys.Externals}} {
		c.count("$."+kind.field, len(kind.list), 0, mostOfAKind)
		for i := range kind.list {
			at := fmt.Sprintf("$.%s[%d]", kind.field, i)
			name(at+".name", kind.list[i].Name)
			c.station(at, &kind.list[i])
		}
	}
	for i, q := range sys.Queues {
		at := fmt.Sprintf("$.queues[%d]", i)
		name(at+".name", q.Name)
		c.known(at+".broker", "broker", q.Broker, specNames(sys.Brokers))
	}
	c.count("$.services", len(sys.Services), 1, mostOfAKind)
	for i := range sys.Services {
		name(fmt.Sprintf("$.services[%d].name", i), sys.Services[i].Name)
	}
}

func (c *checker) station(at string, s *stationSpec) {
	c.count(at+".parallelism", s.Parallelism, 0, 1e6)
	c.count(at+".queue", s.Queue, 0, 1e6)
	c.count(at+".keys", s.Keys, 1, 1e9)
	c.share(at+".errors", s.Errors)
	c.share(at+".hit_ratio", s.HitRatio)
	c.spread(at+".spread", s.Spread)
	c.oneOf(at+".shape", s.Shape, "", "lognormal", "exponential", "constant")
	for i, col := range s.Collections {
		if col.Name == "" {
			c.fail(fmt.Sprintf("%s.collections[%d].name", at, i), "a name is missing")
		}
	}
}

func specNames(list []stationSpec) (out []string) {
	for i := range list {
		out = append(out, list[i].Name)
	}
	return out
}

// known checks that a name is one of those that there are.
func (c *checker) known(where, kind, name string, names []string) bool {
	if slices.Contains(names, name) {
		return true
	}
	if len(names) == 0 {
		c.fail(where, "there is no %s %q: the system has none at all", kind, name)
	}
	c.fail(where, "there is no %s %q; there are: %s", kind, name, strings.Join(names, ", "))
	return false
}

func (c *checker) entries() {
	sys := &c.sc.Parts
	if len(sys.Entries) == 0 {
		c.fail("$.entries", "at least one entry must bring traffic in")
	}
	for i := range sys.Entries {
		n := &sys.Entries[i]
		at := fmt.Sprintf("$.entries[%d]", i)
		c.operation(at+".call", n.Call)
		if n.Rate <= 0 || n.Rate > 1e5 || math.IsNaN(n.Rate) {
			c.fail(at+".rate", "%v is out of range: it must lie above 0, up to 100000 per second", n.Rate)
		}
		c.count(at+".attempts", n.Attempts, 1, 20)
		if r := n.Rhythm; r != nil {
			c.share(at+".rhythm.amplitude", r.Amplitude)
			c.positive(at+".rhythm.period", float64(r.Period)/1e9)
		}
		if k := n.Course; k != nil {
			c.positive(at+".course.every", float64(k.Every)/1e9)
			c.count(at+".course.factors", len(k.Factors), 1, mostTicks)
			for _, f := range k.Factors {
				c.amount(at+".course.factors", f)
			}
		}
		if b := n.Burst; b != nil {
			c.positive(at+".burst.every", float64(b.Every)/1e9)
			c.positive(at+".burst.length", float64(b.Length)/1e9)
			c.positive(at+".burst.factor", b.Factor)
		}
	}
}

// operation checks a reference of the form service.operation.
func (c *checker) operation(where, name string) {
	svc, op, ok := strings.Cut(name, ".")
	if !ok {
		c.fail(where, "%q must be written service.operation", name)
		return
	}
	s := c.service(svc)
	if s == nil {
		c.known(where, "service", svc, c.serviceNames())
		return
	}
	c.known(where, "operation of "+svc, op, opNames(s))
}

func (c *checker) service(name string) *serviceSpec {
	for i := range c.sc.Parts.Services {
		if s := &c.sc.Parts.Services[i]; s.Name == name {
			return s
		}
	}
	return nil
}

func (c *checker) serviceNames() (out []string) {
	for i := range c.sc.Parts.Services {
		out = append(out, c.sc.Parts.Services[i].Name)
	}
	return out
}

func opNames(s *serviceSpec) (out []string) {
	for i := range s.Operations {
		out = append(out, s.Operations[i].Name)
	}
	return out
}
