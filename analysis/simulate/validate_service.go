package simulate

import (
	"fmt"
	"strings"
)

func (c *checker) services() {
	for i := range c.sc.Parts.Services {
		c.oneService(fmt.Sprintf("$.services[%d]", i), &c.sc.Parts.Services[i])
	}
}

func (c *checker) oneService(at string, s *serviceSpec) {
	sys := &c.sc.Parts
	c.count(at+".replicas", s.Replicas, 1, mostReplicas)
	c.count(at+".workers", s.Workers, 0, 1e6)
	c.count(at+".queue", s.Queue, 0, 1e6)
	c.oneOf(at+".language", s.Language, "go", "java", "python", "nodejs", "dotnet")
	c.oneOf(at+".protocol", s.Protocol, "http", "grpc")
	c.oneOf(at+".balance", s.Balance, "round-robin", "random")
	c.oneOf(at+".span_starts", s.SpanStarts, "worker", "accept")
	var hosts []string
	for i := range sys.Hosts {
		hosts = append(hosts, sys.Hosts[i].Name)
	}
	for i, h := range s.Hosts {
		c.known(fmt.Sprintf("%s.hosts[%d]", at, i), "host", h, hosts)
	}
	c.count(at+".operations", len(s.Operations), 1, mostOfAKind)
	seen := map[string]bool{}
	for i := range s.Operations {
		op := &s.Operations[i]
		at := fmt.Sprintf("%s.operations[%d]", at, i)
		if op.Name == "" || strings.ContainsAny(op.Name, ". ") || seen[op.Name] {
			c.fail(at+".name", "%q: an operation needs a name of its own, without dot or blank", op.Name)
		}
		seen[op.Name] = true
		if method, path, ok := strings.Cut(op.Route, " "); !ok || method == "" || !strings.HasPrefix(path, "/") ||
			strings.Count(path, "{") > 1 || strings.Index(path, "{") > strings.Index(path, "}") {
			c.fail(at+".route", "%q must be written like GET /orders/{id}", op.Route)
		}
		c.share(at+".errors", op.Errors)
		c.share(at+".not_found", op.NotFound)
		c.spread(at+".spread", op.Spread)
		c.oneOf(at+".shape", op.Shape, "", "lognormal", "exponential", "constant")
		c.steps(at+".steps", op.Steps)
	}
	for i := range s.Clients {
		c.client(fmt.Sprintf("%s.clients[%d]", at, i), &s.Clients[i])
	}
	for i := range s.Consumers {
		k := &s.Consumers[i]
		at := fmt.Sprintf("%s.consumers[%d]", at, i)
		c.known(at+".queue", "queue", k.Queue, c.queueNames())
		c.known(at+".operation", "operation of "+s.Name, k.Operation, opNames(s))
		c.count(at+".concurrency", k.Concurrency, 1, 1e6)
		c.count(at+".redeliveries", k.Redeliveries, 0, 100)
	}
}

func (c *checker) queueNames() (out []string) {
	for _, q := range c.sc.Parts.Queues {
		out = append(out, q.Name)
	}
	return out
}

func (c *checker) client(at string, k *clientSpec) {
	sys := &c.sc.Parts
	targets := c.serviceNames()
	for _, list := range [][]stationSpec{sys.Databases, sys.Caches, sys.Brokers, sys.Externals} {
		targets = append(targets, specNames(list)...)
	}
	c.known(at+".to", "service or system", k.To, targets)
	c.count(at+".attempts", k.Attempts, 1, 100)
	c.count(at+".connections", k.Connections, 0, 1e6)
	c.share(at+".jitter", k.Jitter)
	c.share(at+".budget", k.Budget)
	if k.HideRetries && k.AttemptSpans {
		c.fail(at+".hide_retries", "retries are hidden or have spans of their own, not both")
	}
	if b := k.Breaker; b != nil {
		c.share(at+".breaker.failures", b.Failures)
		c.count(at+".breaker.calls", b.Calls, 1, 1e6)
	}
}

func (c *checker) steps(at string, steps []stepSpec) {
	for i := range steps {
		c.step(fmt.Sprintf("%s[%d]", at, i), &steps[i])
	}
}

func (c *checker) step(at string, st *stepSpec) {
	sys := &c.sc.Parts
	kinds := 0
	for _, set := range []bool{st.Call != "", st.Query != "", st.Get != "", st.Publish != "", st.Work > 0, len(st.Parallel) > 0, st.Internal != "", st.Commit != "" && st.Query == ""} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		c.fail(at, "a step has exactly one of call, query, get, publish, work, parallel, internal and commit")
		return
	}
	if st.Chance != nil {
		c.share(at+".chance", *st.Chance)
	}
	c.count(at+".times", st.Times, 0, 1000)
	switch {
	case st.Call != "":
		c.operation(at+".call", st.Call)
	case st.Query != "":
		c.known(at+".query", "database or external system", st.Query, append(specNames(sys.Databases), specNames(sys.Externals)...))
		c.query(at, st)
	case st.Get != "":
		c.known(at+".get", "cache", st.Get, specNames(sys.Caches))
		c.steps(at+".miss", st.Miss)
	case st.Publish != "":
		c.known(at+".publish", "queue", st.Publish, c.queueNames())
	}
	if len(st.Miss) > 0 && st.Get == "" {
		c.fail(at+".miss", "only a get can miss")
	}
	if len(st.Steps) > 0 && st.Internal == "" {
		c.fail(at+".steps", "only an internal step has steps within")
	}
	c.steps(at+".parallel", st.Parallel)
	c.steps(at+".steps", st.Steps)
}

// query checks what is asked of a database or an external system.
func (c *checker) query(at string, st *stepSpec) {
	for i := range c.sc.Parts.Externals {
		if c.sc.Parts.Externals[i].Name != st.Query {
			continue
		}
		if method, path, ok := strings.Cut(st.Operation, " "); !ok || method == "" || !strings.HasPrefix(path, "/") || strings.Contains(path, "{") {
			c.fail(at+".operation", "%q: what is asked of an external system is written like POST /v1/charges", st.Operation)
		}
		if st.Collection != "" {
			c.fail(at+".collection", "an external system has no collections")
		}
	}
}
