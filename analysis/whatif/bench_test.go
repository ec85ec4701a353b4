package whatif

import (
	"context"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
)

// A minute of an incident in a system of fifty services, from its windows to the
// ranked changes.
func BenchmarkFiftyServices(b *testing.B) {
	sc, err := simulate.Parse([]byte(`
description: A database slows for a minute.
duration: 6m
generate: {services: 50, layers: 4, fan_out: 2, databases: 6, caches: 2, hosts: 8, entries: 4, rate: 30, seed: 7}
faults: [{at: 5m, for: 1m, database: account-db, slow: 60}]
`), "fifty.yaml")
	if err != nil {
		b.Fatal(err)
	}
	begin := simulate.DefaultStart.Add(5 * time.Minute)
	in := Input{Windows: windowsOf(b, sc, 1), Incident: analysis.Interval{Start: begin}}
	for b.Loop() {
		f, err := New(in)
		if err != nil {
			b.Fatal(err)
		}
		a, err := f.Ask(context.Background(), nil, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if !a.Known {
			b.Fatal(a.Why)
		}
	}
}
