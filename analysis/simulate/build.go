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
	System     = systemSpec
	Service    = serviceSpec
	Operation  = opSpec
	Step       = stepSpec
	Client     = clientSpec
	Breaker    = breakerSpec
	Consumer   = consumerSpec
	Station    = stationSpec
	Collection = collectionSpec
	Queue      = queueSpec
	Entry      = entrySpec
	Course     = courseSpec
	Fault      = faultSpec
	Duration   = duration
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
