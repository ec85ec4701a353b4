package simulate

import (
	"fmt"
	"slices"
	"time"
)

// The parts of a Scenario, for who makes one in code and not from a file. Their
// fields are those of the file, which docs/scenarios.md describes; what is left
// zero gets the same defaults.
type (
	// System is the components and the traffic.
	System = systemSpec
	// Service is a service.
	Service = serviceSpec
	// Operation is one thing that a service does.
	Operation = opSpec
	// Step is one thing that an operation does.
	Step = stepSpec
	// Client says how a service calls one target.
	Client = clientSpec
	// Breaker is a circuit breaker.
	Breaker = breakerSpec
	// Consumer works off a queue.
	Consumer = consumerSpec
	// Station is a database, cache, broker or external system.
	Station = stationSpec
	// Collection is a part of a database.
	Collection = collectionSpec
	// Queue is a message queue.
	Queue = queueSpec
	// Entry is a route by which users come.
	Entry = entrySpec
	// Course is how a rate goes over time.
	Course = courseSpec
	// Fault is a timed change.
	Fault = faultSpec
	// Duration is a length of time.
	Duration = duration
)

// Complete fills what a scenario made in code leaves out, and checks it as Parse
// checks a file.
func (sc *Scenario) Complete() error {
	if sc.Description == "" {
		sc.Description = sc.Name
	}
	sc.setDefaults()
	for i := range sc.Parts.Services {
		for k := range sc.Parts.Services[i].Operations {
			setStepDefaults(sc.Parts.Services[i].Operations[k].Steps)
		}
	}
	if where, err := sc.validate(); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	return nil
}

// With is the scenario with more faults; the scenario itself is not changed.
// What is made to help is a fault with Remedy set.
func (sc *Scenario) With(faults ...Fault) (*Scenario, error) {
	out := *sc
	out.Faults = append(slices.Clone(sc.Faults), faults...)
	out.Parts.Services = slices.Clone(sc.Parts.Services)
	for i := range out.Parts.Services {
		out.Parts.Services[i].standby = 0
	}
	out.setFaultDefaults()
	c := &checker{sc: &out}
	c.faults()
	if c.err != nil {
		return nil, fmt.Errorf("%s: %w", c.where, c.err)
	}
	return &out, nil
}

// Length is how long users come, in virtual time.
func (sc *Scenario) Length() time.Duration { return time.Duration(sc.Duration) }
