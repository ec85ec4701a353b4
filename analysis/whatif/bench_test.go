package whatif

import (
	"context"
	"syscall"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
)

// A minute of an incident in a system of fifty services, from its windows to what one
// change would have made of it, and to the ranked changes.
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
	known, err := New(in)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		changes []Setting
	}{{"one change", known.Candidates()[0]}, {"ranked", nil}} {
		b.Run(c.name, func(b *testing.B) {
			from := cpu(b)
			for b.Loop() {
				f, err := New(in)
				if err != nil {
					b.Fatal(err)
				}
				a, err := f.Ask(context.Background(), c.changes, Options{})
				if err != nil {
					b.Fatal(err)
				}
				if !a.Known {
					b.Fatal(a.Why)
				}
			}
			b.ReportMetric((cpu(b)-from).Seconds()/float64(b.N), "cpu-s/op")
		})
	}
}

// cpu is the processor time that the process has had: on a machine that does much
// else it says more than the clock.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
