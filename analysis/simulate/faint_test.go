package simulate

import (
	"math"
	"testing"
	"time"
)

func TestFaintDividesWhatFaultsAdd(t *testing.T) {
	sc, err := Parse([]byte(`description: Faults of every sort.
system: bank
faults:
  - {at: 1m, service: ledger, slow: 4, errors: 0.6}
  - {at: 1m, edge: transfers->accounts, delay: 300ms, lost: 0.3}
  - {at: 1m, service: limits, kill: true}
`), "all.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f := sc.Faint().Faults
	if *f[0].Slow != 2 || math.Abs(*f[0].Errors-0.2) > 1e-9 || time.Duration(*f[1].Delay) != 100*time.Millisecond || math.Abs(*f[1].Lost-0.1) > 1e-9 || !f[2].Kill {
		t.Errorf("faint faults: slow %v, errors %v, delay %v, lost %v, kill %v", *f[0].Slow, *f[0].Errors, time.Duration(*f[1].Delay), *f[1].Lost, f[2].Kill)
	}
	if *sc.Faults[0].Slow != 4 {
		t.Error("the scenario itself was changed")
	}
}
