package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Impatient makes up a scenario as Pressed does, in which users try again where
// their requests fail: how often, and how soon, the seed decides.
func Impatient(seed uint64) (*Scenario, error) {
	sc, err := Pressed(seed)
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(seed, 0x696d70617469656e))
	attempts, backoff := 2+r.IntN(4), time.Duration(200+r.IntN(4000))*time.Millisecond
	for i := range sc.Parts.Entries {
		sc.Parts.Entries[i].Attempts, sc.Parts.Entries[i].Backoff = attempts, duration(backoff)
	}
	sc.Fault += "-again"
	sc.Name = fmt.Sprintf("%s-%s-%d", sc.SystemName, sc.Fault, seed)
	if where, err := sc.validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return sc, nil
}
