package simulate

import (
	"cmp"
	"time"
)

// The defaults of a scenario's fields; docs/scenarios.md lists them.
const (
	defaultDuration    = duration(15 * time.Minute)
	defaultSpread      = 0.5
	defaultDelay       = duration(300 * time.Microsecond)
	defaultUserTimeout = duration(30 * time.Second)
	defaultOpen        = duration(10 * time.Second)
)

// setDefaults fills what the file leaves out.
func (sc *Scenario) setDefaults() {
	sc.Duration = cmp.Or(sc.Duration, defaultDuration)
	sc.Fault = cmp.Or(sc.Fault, sc.Name)
	sys := &sc.Parts
	sys.Conventions = cmp.Or(sys.Conventions, "current")
	sys.Environment = cmp.Or(sys.Environment, "production")
	for i := range sys.Services {
		sys.Services[i].setDefaults()
	}
	station := func(list []stationSpec, system string, port int) {
		for i := range list {
			s := &list[i]
			s.System = cmp.Or(s.System, system)
			s.Port = cmp.Or(s.Port, port)
			s.Time = cmp.Or(s.Time, duration(2*time.Millisecond))
			s.Keys = cmp.Or(s.Keys, 2000)
			s.Spread = orSpread(s.Spread)
		}
	}
	station(sys.Databases, "postgresql", 5432)
	station(sys.Caches, "redis", 6379)
	station(sys.Brokers, "kafka", 9092)
	station(sys.Externals, "http", 443)
	for i := range sys.Caches {
		sys.Caches[i].HitRatio = cmp.Or(sys.Caches[i].HitRatio, 0.9)
	}
	for i := range sys.Entries {
		n := &sys.Entries[i]
		n.Name = cmp.Or(n.Name, n.Call)
		n.Timeout = cmp.Or(n.Timeout, defaultUserTimeout)
		n.Attempts = cmp.Or(n.Attempts, 1)
	}
	sc.setFaultDefaults()
}

// setFaultDefaults fills what faults leave out, and makes room for the instances
// that they add.
func (sc *Scenario) setFaultDefaults() {
	for i := range sc.Faults {
		f := &sc.Faults[i]
		f.Breaker.setDefaults()
		if f.Replicas == nil {
			continue
		}
		for k := range sc.Parts.Services {
			if s := &sc.Parts.Services[k]; s.Name == f.Service {
				s.standby = max(s.standby, min(int(*f.Replicas), mostReplicas))
			}
		}
	}
}

func orSpread(p *float64) *float64 {
	if p != nil {
		return p
	}
	v := defaultSpread
	return &v
}

func (b *breakerSpec) setDefaults() {
	if b == nil {
		return
	}
	b.Failures = cmp.Or(b.Failures, 0.5)
	b.Calls = cmp.Or(b.Calls, 20)
	b.Open = cmp.Or(b.Open, defaultOpen)
}

func (s *serviceSpec) setDefaults() {
	s.Replicas = cmp.Or(s.Replicas, 2)
	s.Version = cmp.Or(s.Version, "1.0.0")
	s.Language = cmp.Or(s.Language, "java")
	s.Protocol = cmp.Or(s.Protocol, "http")
	s.Balance = cmp.Or(s.Balance, "round-robin")
	s.SpanStarts = cmp.Or(s.SpanStarts, "worker")
	s.Queue = cmp.Or(s.Queue, 100)
	for i := range s.Operations {
		op := &s.Operations[i]
		op.Spread = orSpread(op.Spread)
		op.Time = cmp.Or(op.Time, duration(3*time.Millisecond))
		op.Route = cmp.Or(op.Route, "GET /"+op.Name)
		setStepDefaults(op.Steps)
	}
	for i := range s.Clients {
		c := &s.Clients[i]
		c.Attempts = cmp.Or(c.Attempts, 1)
		c.Delay = cmp.Or(c.Delay, defaultDelay)
		if c.Attempts > 1 {
			c.Backoff = cmp.Or(c.Backoff, duration(50*time.Millisecond))
		}
		c.Breaker.setDefaults()
	}
	for i := range s.Consumers {
		s.Consumers[i].Concurrency = cmp.Or(s.Consumers[i].Concurrency, 4)
	}
}

func setStepDefaults(steps []stepSpec) {
	for i := range steps {
		st := &steps[i]
		switch {
		case st.Query != "":
			st.Operation = cmp.Or(st.Operation, "SELECT")
		case st.Get != "":
			st.Operation = cmp.Or(st.Operation, "GET")
		}
		setStepDefaults(st.Parallel)
		setStepDefaults(st.Steps)
		setStepDefaults(st.Miss)
	}
}
